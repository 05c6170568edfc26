"""Amounts, terms and rates in a text, found by patterns: the plain ways of writing them, and ranges."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nlu.numerals import MINUS, NUMBER, number, without_long_rows
from nlu.understanding import Entity, Role

_YUAN: Final = {
    "亿": 100_000_000,
    "千万": 10_000_000,
    "百万": 1_000_000,
    "万": 10_000,
    "w": 10_000,
    "元": 1,
    "块": 1,
}
_MONTHS: Final = {"年": 12.0, "个月": 1.0, "天": 1 / 30, "日": 1 / 30}
# 「98年」 and 「2016年」 are years of the calendar; 「100年」 is a time, if no sensible one.
_CALENDAR: Final = (range(61, 100), range(1900, 2100))
_LONGEST_MONTHS: Final = 720
# So many characters on either side say what a figure stands for.
_NEAR: Final = 40

_TO: Final = r"\s*(?:到|至|-|~|—|－|～)+\s*"
_ROUGHLY: Final = r"(?:多|来|几)?"
# 两三, 七八: two neighbouring digits in one breath are a range.
_PAIR: Final = r"(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])"

_UPPER: Final = re.compile(r"(?:不超过|不高于|(?<!不)低于|最多|至多|顶多|上限|最高|最长)(?:是|到|能)?$")
_UPPER_AFTER: Final = re.compile(r"(?:以内|以下|之内|封顶)")
_LOWER: Final = re.compile(r"(?:至少|起码|最少|不低于|不(?:能|要)?少于)(?:要|得)?$")
_LOWER_AFTER: Final = re.compile(r"(?:以上|起)")

_REVENUE: Final = re.compile(r"(?:销售|营收|营业|流水|产值)[^，。,；！？\d]{0,4}$")
# Money that exists or is owed, not money that is wanted.
_OTHER_MONEY: Final = re.compile(
    r"(?:收入|利润|资产|资本|负债|欠|值|自有|自己有|手头有|手上有|[缴纳]税|工资|订单|首付|付了)[^，。,；！？\d]{0,4}$"
)
_AGE: Final = re.compile(r"(?:开了|成立|做了|干了|经营|办了|入行|第|创业)[^，。,；！？\d]{0,3}$")
_NOT_A_TERM_AFTER: Final = re.compile(r"(?:前|成立|开的|销售|营收|流水|产值|化|息|利率)")
_RATE_BEFORE: Final = re.compile(
    r"(?:利率|利息|年化|年息|息)[^，。,；！？\d]{0,6}$|(?:不超过|(?<!不)低于|最高|最多)$"
)
# Where a figure is impossible, it must have been wished for in so many words, or be all that is said.
_WISHED: Final = re.compile(
    r"(?:贷款?|借款?|用|[想需]要|要|期限|金额|额度|申请|融资?|改[成为]|是)(?:个|到|大概|大约|差不多|就|\s)*$"
)
_ALONE_BEFORE: Final = re.compile(r"(?:^|[，。,；;！!？?])(?:大概|大约|差不多|我|那|嗯|就|\s)*$")
_ALONE_AFTER: Final = re.compile(r"(?:元整?|块钱?|期|左右|吧|啊|的|就行|就好|\s)*(?:$|[，。,；;！!？?])")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A kind of figure: how it is written, what it is worth, and where its form means something else.

    `value` is None where it is no figure of this kind; `possible` says what anybody could mean.
    """

    pattern: re.Pattern[str]
    value: Callable[[float, str], int | float | None]
    name: Callable[[str, str], str | None]
    possible: Callable[[int | float], bool]


def _units(units: dict[str, int] | dict[str, float]) -> str:
    return "|".join(units)


def _written(unit: str) -> re.Pattern[str]:
    """One figure (`one`), a range in one breath (`low`, `high`, `tens`) or a range (`from`, `to`)."""
    return re.compile(
        rf"(?<![\d.a-z第])(?P<minus>{MINUS})?(?:"
        rf"(?P<from>{NUMBER})(?P<from_unit>{unit})?{_TO}(?P<to>{NUMBER})(?P<to_unit>{unit})"
        rf"|{_PAIR}(?P<tens>[十百千]?)(?P<pair_unit>{unit})"
        rf"|(?P<one>{NUMBER}){_ROUGHLY}(?P<one_unit>{unit})(?P<half>半)?)",
        re.IGNORECASE,
    )


def _yuan(count: float, unit: str) -> int:
    return round(count * _YUAN[unit.lower()])


def _months(count: float, unit: str) -> int | None:
    if unit == "年" and any(count in years for years in _CALENDAR):
        return None
    months = count * _MONTHS[unit]
    return max(1, round(months)) if months > 0 else math.floor(months)


def _per_cent(count: float, unit: str) -> float:
    # 厘 is a tenth of a per cent a month; the others are per cent a year.
    return round(count * 1.2, 4) if unit == "厘" else count


def _name_of_money(before: str, after: str) -> str | None:
    del after
    if _REVENUE.search(before):
        return "revenue"
    return None if _OTHER_MONEY.search(before) else "amount"


def _name_of_time(before: str, after: str) -> str | None:
    return None if _AGE.search(before) or _NOT_A_TERM_AFTER.match(after) else "term_months"


def _name_of_rate(before: str, after: str) -> str | None:
    del after
    return "rate" if _RATE_BEFORE.search(before) else None


_FIGURES: Final = (
    _Figure(_written(_units(_YUAN)), _yuan, _name_of_money, lambda sum_: sum_ > 0),
    _Figure(_written(_units(_MONTHS)), _months, _name_of_time, lambda time: 0 < time <= _LONGEST_MONTHS),
    _Figure(_written(r"%|个点|厘"), _per_cent, _name_of_rate, lambda _: True),
)
_BARE_YUAN: Final = re.compile(
    rf"(?<![\d.])(?P<minus>{MINUS})?(?P<sum>[1-9]\d{{4,8}})(?![\d.%]|\s*[年个万亿wW元块])"
)


def figures(text: str) -> list[Entity]:
    """Every amount, revenue, term and rate; a range is two entities on the same span."""
    text = without_long_rows(text)
    found = [
        entity
        for figure in _FIGURES
        for match in figure.pattern.finditer(text)
        for entity in _read(figure, match)
    ]
    bare = [
        Entity("amount", -int(hit["sum"]) if hit["minus"] else int(hit["sum"]), hit.start(), hit.end())
        for hit in _BARE_YUAN.finditer(text)
    ]
    return found + bare


def _read(figure: _Figure, match: re.Match[str]) -> list[Entity]:
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    name = figure.name(before, after)
    if name is None:
        return []
    found = [(figure.value(count, unit), role) for count, unit, role in _counts(match, _bound(before, after))]
    if not (_meant(before, after) or all(value is None or figure.possible(value) for value, _ in found)):
        return []
    return [
        Entity(name, value, match.start(), match.end(), role) for value, role in found if value is not None
    ]


def _meant(before: str, after: str) -> bool:
    alone = _ALONE_BEFORE.search(before) and _ALONE_AFTER.match(after)
    return bool(alone or _WISHED.search(before))


def _counts(match: re.Match[str], bound: Role | None) -> list[tuple[float, str, Role | None]]:
    sign = -1 if match["minus"] else 1
    if match["to"]:
        unit = match["to_unit"]
        low = sign * number(match["from"])
        return [(low, match["from_unit"] or unit, "min"), (number(match["to"]), unit, "max")]
    if match["low"]:
        unit, tens = match["pair_unit"], match["tens"]
        ends = sorted(sign * number(digit + tens) for digit in (match["low"], match["high"]))
        return [(ends[0], unit, "min"), (ends[1], unit, "max")]
    return [(sign * (number(match["one"]) + (0.5 if match["half"] else 0)), match["one_unit"], bound)]


def _bound(before: str, after: str) -> Role | None:
    if _UPPER.search(before) or _UPPER_AFTER.match(after):
        return "max"
    if _LOWER.search(before) or _LOWER_AFTER.match(after):
        return "min"
    return None
