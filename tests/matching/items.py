"""A small catalogue to match against, and the words the owner could use."""

from typing import Any

from domain.policies import Policy
from domain.products import Product

EQUIPMENT = {
    "code": "EQ",
    "name": "设备更新贷",
    "institution": "苏州银行",
    "amount_max": 5_000_000,
    "term_max_months": 36,
    "rate_min": "3.85",
    "rate_max": "5",
    "guarantees": ["credit", "mortgage"],
    "purposes": ["equipment"],
    "regions": ["320500"],
    "description": "支持制造企业购置数控机床、生产线等设备",
}
EXPORT = {
    "code": "EX",
    "name": "出口退税贷",
    "institution": "中国农业银行",
    "amount_max": 3_000_000,
    "term_max_months": 12,
    "rate_min": "4.35",
    "guarantees": ["pledge"],
    "description": "外贸企业凭出口退税账户融资，支持海外订单",
}
TURNOVER = {
    "code": "TU",
    "name": "征信贷",
    "institution": "苏州银行",
    "amount_max": 5_000_000,
    "rate_min": "4.1",
    "guarantees": ["credit"],
    "conditions": {"founded_months_min": 24},
    "description": "纯信用，全线上，用于日常经营周转",
}
SUBSIDY = {
    "code": "Z-EQ",
    "title": "设备更新贴息",
    "issuer": "苏州市工信局",
    "level": "city",
    "kind": "subsidy",
    "regions": ["320500"],
    "text": "企业贷款购置设备的，按利息的30%给予贴息",
}


def product(base: dict[str, Any], **changes: Any) -> Product:
    return Product.model_validate({**base, **changes})


def policy(base: dict[str, Any], **changes: Any) -> Policy:
    return Policy.model_validate({**base, **changes})
