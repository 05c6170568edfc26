"""The catalogue of these tests: what fits, what nearly fits, and one name at two banks."""

from typing import Any

from domain.policies import Policy
from domain.products import Product

PRODUCTS: list[dict[str, Any]] = [
    {
        "code": "EQ",
        "name": "设备更新贷",
        "institution": "苏州银行",
        "amount_max": 5_000_000,
        "term_max_months": 36,
        "rate_min": "3.85",
        "rate_max": "5.2",
        "guarantees": ["mortgage"],
        "purposes": ["equipment"],
        "regions": ["320500"],
        "conditions": {"founded_months_min": 24, "revenue_min": 1_000_000},
        "materials": ["营业执照", "设备采购合同"],
        "description": "支持制造企业购置数控机床、生产线等设备",
    },
    {
        "code": "ZX-1",
        "name": "征信贷",
        "institution": "苏州银行",
        "amount_max": 5_000_000,
        "rate_min": "3.65",
        "guarantees": ["credit", "mortgage"],
        "materials": ["营业执照", "征信查询授权书"],
        "description": "纯信用，全线上，用于日常经营周转",
    },
    {
        "code": "ZX-2",
        "name": "征信贷",
        "institution": "中国农业银行",
        "amount_max": 5_000_000,
        "rate_min": "3.35",
        "guarantees": ["credit", "mortgage"],
        "description": "纯信用，全线上，用于日常经营周转",
    },
    {
        "code": "SMALL",
        "name": "小微E贷",
        "institution": "江苏银行",
        "amount_max": 1_000_000,
        "guarantees": ["credit", "mortgage"],
        "description": "小额周转",
    },
    {
        "code": "OLD",
        "name": "纾困贷",
        "institution": "江苏银行",
        "valid_to": "2022-12-31",
        "description": "已经结束的产品",
    },
]
POLICIES: list[dict[str, Any]] = [
    {
        "code": "P-EQ",
        "title": "设备更新贴息",
        "issuer": "苏州市工信局",
        "level": "city",
        "kind": "subsidy",
        "regions": ["320500"],
        "benefit": "按利息的30%贴息",
        "deadline": "2026-12-31",
        "text": "企业贷款购置设备的，按利息的30%给予贴息",
    }
]


def parsed() -> tuple[list[Product], list[Policy]]:
    return (
        [Product.model_validate(item) for item in PRODUCTS],
        [Policy.model_validate(item) for item in POLICIES],
    )
