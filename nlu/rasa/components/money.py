# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Sums of money, whatever they mean: 「80w」, 「半个亿」, 「一百二十万」, 「八十个」."""

from __future__ import annotations

import re
from decimal import Decimal

from components.numerals import ARABIC, HAN, MINUS, NUMBER, number
from components.quantities import Quantity, bound, join_ranges, signed, span_of
from components.quantities import find as find_quantities

SCALE = {
    "万": 10**4,
    "w": 10**4,
    "千亿": 10**11,
    "百亿": 10**10,
    "千万": 10**7,
    "百万": 10**6,
    "十万": 10**5,
    "亿": 10**8,
    "千": 10**3,
    "k": 10**3,
    "": 1,
}
CURRENCY = r"(?:人民币|元整?|块钱|块|圆整?|rmb|大洋|刀(?!具)|美金|美元|欧元)"
FUZZ = r"(?:多|来|几|余|好几|把)"
# 「80个」 is 80万 among people who talk about loans; 「个」 before a noun counts things.
COUNTED = r"个(?=$|[,，。!?！？\s]|左右|吧|以内|以上|的?样子|就|够|可以|周转|行|能|有|w|到手|差不多|[一两三半]年|[一二三四五六七八九十\d]+(?:年|个月)|一年)"
SINGLE = re.compile(
    rf"(?<![\d.a-z第几数])(?P<minus>{MINUS})?(?P<number>半|{NUMBER})\s*{FUZZ}?\s*个?\s*(?P<scale>千亿|百亿|千万|百万|十万|万|亿|w(?![a-z])|千(?=元|块|$|,)|k(?![a-z]))"
    rf"(?P<half>半)?{FUZZ}?"
    rf"(?:(?P<tail_number>{ARABIC}|{HAN})\s*(?P<tail_scale>千万|百万|万|千)?(?![\d一二两三四五六七八九十百])(?!\s*(?:个|年|月|天|厘|分|点|%|台|辆|家|期|号|人)))?"
    rf"\s*{CURRENCY}?"
)
PLAIN = re.compile(
    rf"(?<![\d.a-z第])(?P<minus>{MINUS})?(?:(?:¥|￥)\s*(?P<sign>{ARABIC})|(?P<number>{NUMBER})\s*{FUZZ}?{CURRENCY})"
)
COUNT = re.compile(rf"(?<![\d.a-z第])(?P<minus>{MINUS})?(?P<number>{NUMBER})\s*{FUZZ}?{COUNTED}")
SMALLEST_COUNT = 10


def find_money(text: str) -> list[Quantity]:
    """All sums in yuan, in the order of the text. Sums in foreign money are not sums of ours."""
    found = list(find_quantities(text, SINGLE, _scaled, _unit))
    for pattern, factor in ((PLAIN, 1), (COUNT, 10**4)):
        found += [
            item for item in _simple(text, pattern, factor) if not any(_meet(item, other) for other in found)
        ]
    kept = [item for item in found if not re.search(r"(?:美金|美元|欧元|刀)$", text[item.start : item.end])]
    return join_ranges(text, sorted(kept, key=lambda item: item.start))


def _meet(one: Quantity, other: Quantity) -> bool:
    return one.start < other.end and other.start < one.end


def _unit(match: re.Match[str]) -> str:
    return match["scale"]


def _simple(text: str, pattern: re.Pattern[str], factor: int) -> list[Quantity]:
    found = []
    for match in pattern.finditer(text):
        written = match["number"] or match["sign"]
        ends = span_of(written)
        if ends is None or (factor > 1 and ends[0] < SMALLEST_COUNT):
            continue
        role = bound(text, match.start(), match.end())
        low, high = signed(match, *ends)
        found.append(Quantity(match.start(), match.end(), low * factor, high * factor, role))
    return found


def _scaled(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    ends = (Decimal("0.5"), Decimal("0.5")) if match["number"] == "半" else span_of(match["number"])
    if ends is None:
        return None
    scale = SCALE[match["scale"]]
    tail = _tail(match, scale)
    half = Decimal(scale) / 2 if match["half"] else Decimal(0)
    return signed(match, ends[0] * scale + tail + half, ends[1] * scale + tail + half)


def _tail(match: re.Match[str], scale: int) -> Decimal:
    """The part behind the scale: 「1亿2000万」, 「一万五」, 「3万8千」."""
    if not match["tail_number"]:
        return Decimal(0)
    value = number(match["tail_number"])
    if value is None:
        return Decimal(0)
    if match["tail_scale"]:
        return value * SCALE[match["tail_scale"]]
    # 「一万五」 is 15,000; 「一万五千」 and 「3万8000」 say their unit.
    return value * scale / 10 if value < 10 else value  # noqa: PLR2004 - one digit alone is the next lower place
