# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Numbers with a unit, single or as a range: the common ground of money, time and rates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from components.numerals import MINUS, NUMBER, number, spread

JOIN = r"\s*(?:到|至|-{1,2}|~+|—+|–|～|或者?|、)\s*"
UPPER_BEFORE = re.compile(
    r"(?:不超过|不要超过|别超过|不能超过|不高于|不大于|最多|最高|最大|最长|顶多|上限|封顶|(?<!不)(?<!不能)(?<!不要)(?:低于|小于|少于)|不到|控制在|<=?|≤)"
    r"(?:是|为|能|就|可以|给|借|贷|要|到|了|超过|不超过|不能超过|年化|月息|利率|利息|在|大概|也就|:|\s)*$"
)
LOWER_BEFORE = re.compile(
    r"(?:至少|起码|最少|最低|不(?:能|要)?[少低小]于|大于|多于|超过|高于|怎么也得|少说|下限|>=?|≥|保底)"
    r"(?:是|为|能|就|可以|给|借|贷|要|得|也得|也要|有|到|了|需要|:|\s)*$"
)
UPPER_AFTER = re.compile(
    r"^(?:元|块)?(?:左右)?\s*(?:以内|之内|以下|之下|封顶|内(?!部|容)|为上限|打住|最多了)"
)
LOWER_AFTER = re.compile(r"^(?:元|块)?\s*(?:以上|之上|起步|起(?!来)|朝上|往上|打底|保底|\+)")


@dataclass(frozen=True)
class Quantity:
    """A single figure (`low == high`, perhaps with a `role`) or a range, and where it stands."""

    start: int
    end: int
    low: Decimal
    high: Decimal
    role: str | None = None

    def ends(self) -> Iterator[tuple[Decimal, str | None]]:
        if self.low == self.high:
            yield self.low, self.role
        else:
            yield self.low, "min"
            yield self.high, "max"


def bound(text: str, start: int, end: int) -> str | None:
    """Whether the words around a figure make it an upper or a lower bound."""
    left, right = text[max(0, start - 14) : start], text[end : end + 6]
    if UPPER_BEFORE.search(left) or UPPER_AFTER.search(right):
        return "max"
    if LOWER_BEFORE.search(left) or LOWER_AFTER.search(right):
        return "min"
    return None


def span_of(written: str) -> tuple[Decimal, Decimal] | None:
    """Both ends of a written number; the same twice where it is one."""
    ends = spread(written)
    if ends:
        return ends
    value = number(written)
    return None if value is None else (value, value)


def signed(match: re.Match[str], low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Both ends with the sign that stands before them: 「负二三十万」 goes from -30万 to -20万."""
    return (-high, -low) if match["minus"] else (low, high)


def find(
    text: str,
    single: re.Pattern[str],
    read: Callable[[re.Match[str]], tuple[Decimal, Decimal] | None],
    unit_of: Callable[[re.Match[str]], str],
) -> Iterator[Quantity]:
    """All figures that `single` matches, with a bare number joined before it (「50到80万」) as the lower end."""
    for match in single.finditer(text):
        ends = read(match)
        if ends is None:
            continue
        start, low = match.start(), ends[0]
        joined = re.search(rf"(?<![\d.])({MINUS}?{NUMBER}){JOIN}$", text[max(0, start - 12) : start])
        if joined:
            first = single.fullmatch(joined[1] + unit_of(match))
            lower = read(first) if first else None
            if lower and lower[0] < ends[1]:
                start, low = start - len(joined[0]), lower[0]
        yield Quantity(start, match.end(), low, ends[1], bound(text, start, match.end()))


def join_ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """Put 「30万到50万」 together; 「50万，至少」 stays what it is."""
    joined: list[Quantity] = []
    for item in found:
        last = joined[-1] if joined else None
        gap = text[last.end : item.start] if last else ""
        if (
            last
            and last.low < item.high
            and re.fullmatch(rf"(?:左右)?{JOIN}(?:最多)?", gap)
            and "、" not in gap
        ):
            joined[-1] = Quantity(last.start, item.end, last.low, item.high)
        else:
            joined.append(item)
    return joined
