"""What stands behind a loan: `collateral`, `guarantee`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.dictionaries import patterns
from components.spans import Span, after, before

# 「设备」, 「车」, 「订单」 are security only where they are offered as such.
EVERYDAY = {"vehicle", "order", "invoice", "equipment", "inventory"}
BELONGINGS = {"equity", "real_estate", "land"}
SHORT_ANSWER = 8
OFFERED = re.compile(r"抵|质押|担保|作保|押(?!金|款)")
HELD = re.compile(r"(?:有|名下|拥有|拿|用|以|凭)[^,，。]{0,8}$")
ASKED_FOR = re.compile(r"(?:买|购|租|换|装修|盖|建|造|交|付)(?:个|一|台|辆|套|间|新|的|大|了)*$")
# 「什么担保」, 「担保方式」 speak of the question, 「基金担保」 of a fund; nobody is offered as a guarantor.
NO_GUARANTOR_BEHIND = re.compile(r"(?:贷款)?(?:贴息|补贴)|费|基金|方式|方法|措施|条件")
NO_GUARANTOR_BEFORE = re.compile(r"(?:什么|啥|哪种|基金|保险)$")
NO_COLLATERAL_BEHIND = re.compile(
    r"^(?:贷款?|租|企业|产品|政策|公司|中介|抵押率|代理|租赁|费|出让|融资|比例|投资)"
)


def find_collaterals(text: str) -> Iterator[Span]:
    for value, pattern in patterns("collaterals"):
        for match in pattern.finditer(text):
            left, right = before(text, match.start()), after(text, match.end(), 14)
            offered = bool(OFFERED.search(left) or OFFERED.search(right))
            if ASKED_FOR.search(left) or NO_COLLATERAL_BEHIND.match(right):
                continue
            if value in EVERYDAY and not offered:
                continue
            # 「老厂房要拆了」 offers nothing; 「厂房」 alone answers the question for security.
            if value in BELONGINGS and not (offered or HELD.search(left) or len(text) <= SHORT_ANSWER):
                continue
            yield Span("collateral", match.start(), match.end(), value)


def find_guarantees(text: str) -> Iterator[Span]:
    for value, pattern in patterns("guarantees"):
        for match in pattern.finditer(text):
            if value == "guarantor" and _no_guarantor(text, match):
                continue
            yield Span("guarantee", match.start(), match.end(), value)


def _no_guarantor(text: str, match: re.Match[str]) -> bool:
    left, right = before(text, match.start()), after(text, match.end())
    return bool(NO_GUARANTOR_BEFORE.search(left) or NO_GUARANTOR_BEHIND.match(right))
