"""What is wrong with a row, in Chinese, with the value shown as far as it may be."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.intake.entries import Rejected

PERSONAL = frozenset({"contact", "phone", "openid", "members", "officers", "value"})
_SHOWN = 40
_SHORT_NAME = 4
# Telephone and ID numbers wherever they stand, by mistake; credit codes are public.
_PERSONAL_NUMBER = re.compile(
    r"(?<!\d)(?:(?=1[3-9]\d{9}(?!\d))|(?=[1-8]\d{5}(?:19|20)\d{9}[\dXx]))(\d{3})\d{4,11}(\d{3}[\dXx])"
)

_REASONS = {
    "missing": "缺少必填项",
    "extra_forbidden": "没有这个字段",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "应为整数",
    "finite_number": "应为有限的数字",
    "decimal_parsing": "应为数字",
    "decimal_type": "应为数字",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "string_unicode": "有不能识别的字符",
    "tuple_type": "应为列表",
    "model_type": "应为对象",
    "date_from_datetime_inexact": "应为日期，如 2026-01-31",
    "date_from_datetime_parsing": "应为日期，如 2026-01-31",
    "date_parsing": "应为日期，如 2026-01-31",
    "date_type": "应为日期，如 2026-01-31",
}

# The same for reasons that name a bound; the braces are keys of pydantic's error context.
_BOUND_REASONS = {
    "enum": "只能是 {expected} 之一",
    "literal_error": "只能是 {expected} 之一",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_long": "不能超过 {max_length} 个字",
    "string_too_short": "不能为空",
    "value_error": "{error}",
}

_FORMS = {
    "uscc": "应为 18 位统一社会信用代码（数字与大写字母，不含 I O S V Z）",
    "code": "应为字母、数字和 . _ -，以字母或数字开头，最多 64 位",
    "loan_id": "应为最多 64 位、不含空格的编号",
    "region": "应为 6 位行政区划代码，如 320583",
    "regions": "应为 6 位行政区划代码，如 320583",
    "url": "应以 http:// 或 https:// 开头",
}


def rejections(index: int, error: ValidationError) -> list[Rejected]:
    """Everything that is wrong with a row."""
    return [
        Rejected(index, _field(item), _reason(item), _value(item))
        for item in error.errors(include_url=False, include_input=True)
    ]


def _field(item: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in item["loc"])


def _reason(item: Mapping[str, Any]) -> str:
    kind = str(item["type"])
    if kind in _REASONS:
        return _REASONS[kind]
    if kind in _BOUND_REASONS:
        return _BOUND_REASONS[kind].format(**item["ctx"])
    if kind == "string_pattern_mismatch":
        names = [part for part in item["loc"] if isinstance(part, str)]
        form = _FORMS.get(names[-1]) if names else None
        return f"格式不对，{form or '应符合 ' + item['ctx']['pattern']}"
    return str(item["msg"])


def _value(item: Mapping[str, Any]) -> str:
    """The value itself; nothing where the row as a whole is meant."""
    if not item["loc"] or item["type"] == "missing":
        return ""
    return shown(item["input"], personal=any(part in PERSONAL for part in item["loc"]))


def shown(value: object, *, personal: bool) -> str:
    """A value as people may see it in reports: short, and masked where it is personal."""
    text = re.sub(r"\s+", " ", str(value)).strip()
    if personal:
        return masked(text)
    text = _PERSONAL_NUMBER.sub(r"\1****\2", text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def masked(text: str) -> str:
    """Enough to recognise what one knows, too little to learn it."""
    if len(text) <= _SHORT_NAME:
        return text[:1] + "*" * len(text[1:])
    edge = min(3, len(text) // 4)
    return f"{text[:edge]}****{text[-edge:]}"
