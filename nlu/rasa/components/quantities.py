# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Numbers with a unit, single or as a range: the common ground of money, time and rates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from components.numerals import MINUS, NUMBER, number, spread

JOIN = r"\s*(?:到|至|-{1,2}|~+|—+|–|～|或者?|、)\s*"
# 「能不能低于四个点」 asks for less, 「不能低于四个点」 forbids it.
_NOT_DENIED = r"(?<!不)(?<!(?<!能)不能)(?<!不要)(?<!不得)"
UPPER_BEFORE = re.compile(
    r"(?:不超过?|不要超过?|别超过?|不能超过?|不得超过|不超|没超过|(?:不|别|不要|不能|不得)(?:高于|高过|大于|多于)|最多|最高|最大|最长|最晚|顶多|至多|撑死|顶天|上限|封顶|"
    rf"多则|多的话|长则|多不过|长不过|{_NOT_DENIED}(?:低于|小于|少于|低过)|不到|不满|控制在|压到|<=?|≤)"
    r"(?:改|定|设|是|为|能|就|只|可以|接受|承受|给|借|贷|做|批|用|要|到|了|超过|不超过|不能超过|款|额度|年化|月息|利率|利息|期限|在|大概|也就|个|它|:|\s)*$"
)
LOWER_BEFORE = re.compile(
    r"(?:至少|起码|最少|最低|最短|最起码|少则|短则|少的话|没个|没有个|(?:不(?:能|要|得)?|别)(?:少|低|小)(?:于|过)|大于|多于|(?<!不)(?<!不能)(?<!不要)(?<!不得)(?<!别)(?<!没)超过|(?<![不没高赶])(?<!不能)(?<!不要)超|高于|怎么也得|怎么着也得|少说|再少|再怎么|下限|>=?|≥|保底)"
    r"(?:是|为|能|就|可以|给|借|贷|批|用|要|得|也得|也要|也|有|到|了|需要|款|额度|期限|个|它|:|\s)*$"
)
UPPER_AFTER = re.compile(
    r"^(?:元|块|人民币)?钱?(?:左右)?的?\s*(?:以内|之内|以里|以下|之下|往下|朝下|(?:就|算)?(?:封顶|顶天|到顶)|内(?!部|容|蒙)|为上限|是上限|打住|最多了|撑死|为限)"
)
LOWER_AFTER = re.compile(
    r"^(?:元|块|人民币)?钱?\s*(?:及?以上|之上|起步|起(?!来|诉|码|家)|朝上|往上|打不住|挡不住|向上|打底|保底|开外|\+)"
)
# 「超过五个点就算了」 sets an upper end with the words of a lower one.
REFUSED = re.compile(
    r"^[^,，。]{0,3}[,，]?(?:的|就|都|我|可|的话|肯定|也)*(?:不要|不考虑|算了|不贷|不借|免谈|不接受|受不了|吃不消|不干|不行|扛不住|做不了)"
)


@dataclass(frozen=True)
class Quantity:
    """A single figure (`low == high`, perhaps with a `role`) or a range, and where it stands.

    `counted` says that its unit was the 「个」 that may count anything.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    role: str | None = None
    counted: bool = False

    def ends(self) -> Iterator[tuple[Decimal, str | None]]:
        if self.low == self.high:
            yield self.low, self.role
        else:
            yield self.low, "min"
            yield self.high, "max"


def bound(text: str, start: int, end: int) -> str | None:
    """Whether the words around a figure make it an upper or a lower bound."""
    left, right = text[max(0, start - 14) : start], text[end : end + 8]
    if UPPER_BEFORE.search(left) or UPPER_AFTER.search(right):
        return "max"
    lower = LOWER_AFTER.match(right)
    if lower or LOWER_BEFORE.search(left):
        refused = REFUSED.match(text[end + (lower.end() if lower else 0) : end + 16])
        return "max" if refused else "min"
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
    units_of: Callable[[re.Match[str]], tuple[str, ...]],
) -> Iterator[Quantity]:
    """All figures that `single` matches, with a bare number joined before it (「50到80万」) as the lower end.

    `units_of` names what the bare number may be short of: 「百万」 in 「3到5百万」, 「万」 in 「八十到两百万」.
    """
    for match in single.finditer(text):
        ends = read(match)
        if ends is None:
            continue
        start, low = match.start(), ends[0]
        joined = re.search(rf"(?<![\d.])({MINUS}?{NUMBER}){JOIN}$", text[max(0, start - 12) : start])
        if joined:
            lower = _lower_end(joined[1], single, read, units_of(match))
            if lower is not None and lower < ends[1]:
                start, low = start - len(joined[0]), lower
        yield Quantity(start, match.end(), low, ends[1], bound(text, start, match.end()))


def _lower_end(
    written: str,
    single: re.Pattern[str],
    read: Callable[[re.Match[str]], tuple[Decimal, Decimal] | None],
    units: tuple[str, ...],
) -> Decimal | None:
    for unit in units:
        whole = single.fullmatch(written + unit)
        ends = read(whole) if whole else None
        if ends:
            return ends[0]
    return None


def join_ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """Put 「30万到50万」 together; 「50万，至少」 stays what it is."""
    joined: list[Quantity] = []
    for item in found:
        last = joined[-1] if joined else None
        gap = text[last.end : item.start] if last else ""
        if last and last.low < item.high and _joins(text, last, gap, item):
            joined[-1] = Quantity(last.start, item.end, last.low, item.high, counted=item.counted)
        else:
            joined.append(item)
    return joined


def _joins(text: str, last: Quantity, gap: str, item: Quantity) -> bool:
    """「50万到80万」, 「50万和80万之间」, 「两年三年都行」."""
    if re.fullmatch(r"[和跟与]", gap):
        return text.startswith("之间", item.end)
    if not gap:
        return last.low == last.high and bool(
            re.match(r"都(?:行|可以|成|能|好|中|够|要得|没问题)", text[item.end : item.end + 4])
        )
    return "、" not in gap and bool(re.fullmatch(rf"(?:左右|以上|起)?{JOIN}(?:最多)?", gap))
