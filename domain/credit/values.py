"""Statements about companies as sources send them, and the value that each becomes."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.base import Value, storable
from domain.companies import Uscc
from domain.credit.registry import Indicator, Kind, Period, Registry
from domain.intake.cells import read_day, read_number, read_truth
from domain.intake.entries import Rejected
from domain.intake.problems import shown

# What the database keeps and the figures of a score are made of; a date is its ISO text.
Stored = int | float | bool | str

SourceName = Annotated[str, Field(min_length=1, max_length=60)]
KEPT_YEARS = 5  # by law: 征信业管理条例, article 16

_MOST = 10**13
_MOST_TEXT = 200
_PER_CENT = re.compile(r"([-+]?\d+(?:\.\d+)?)%")
_LEAP_DAY = (2, 29)
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


def as_text(raw: object) -> object:
    """A value as a table has it, whatever the format: truths and numbers of JSON as their text."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw) if isinstance(raw, int | float) else raw


class CreditFact(Value):
    """One value as it is sent; `as_of` is a day within the period that it describes, or its own day.

    `ended_on`: the day on which the bad behaviour ended that a bad record speaks of.
    """

    uscc: Uscc
    indicator: Annotated[str, Field(min_length=1, max_length=64)]
    as_of: date
    value: Annotated[str, BeforeValidator(as_text), Field(min_length=1, max_length=400)]
    ended_on: date | None = None


class CreditStatement(CreditFact):
    """The same with who says so."""

    source: SourceName

    @property
    def key(self) -> str:
        """What is not stated twice in one file."""
        return f"{self.uscc} {self.indicator} {self.as_of}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that fits the register; `as_of` ends its period, `bad_until` is as in the table."""

    uscc: str
    indicator: Indicator
    as_of: date
    value: Stored
    source: str
    ended_on: date | None
    bad_until: date | None


class Unfit(ValueError):
    """The field does not fit the register; the reason is Chinese."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def fitted(stated: CreditStatement, registry: Registry) -> Statement:
    """The statement as it is kept.

    Raises:
        Unfit: unknown indicator, wrong value, an end of what is no bad record.
    """
    indicator = registry.get(stated.indicator)
    if indicator is None:
        raise Unfit("indicator", "没有这个指标")
    if stated.ended_on and not indicator.negative:
        raise Unfit("ended_on", "只有不良信息才有终止日期")
    value = parsed(indicator, stated.value)
    return Statement(
        uscc=stated.uscc,
        indicator=indicator,
        as_of=last_day(indicator.periodic, stated.as_of),
        value=value,
        source=stated.source,
        ended_on=stated.ended_on,
        bad_until=(stated.ended_on or stated.as_of) if is_bad(indicator, value) else None,
    )


def check_days(stated: CreditStatement, statement: Statement, today: date) -> None:
    """Refuse what is to come, and what may no longer be kept.

    Raises:
        Unfit: naming the day.
    """
    for field in ("as_of", "ended_on"):
        if (day := getattr(stated, field)) and day > today:
            raise Unfit(field, "不能晚于今天")
    if statement.bad_until and statement.bad_until < years_before(today, KEPT_YEARS):
        field = "ended_on" if stated.ended_on else "as_of"
        raise Unfit(field, f"不良信息自终止之日起已满 {KEPT_YEARS} 年，依法不再保存")


def refusals(place: int, stated: CreditStatement, registry: Registry, today: date) -> list[Rejected]:
    """What is wrong with a statement, as reports show it: without the value where it names people."""
    try:
        check_days(stated, fitted(stated, registry), today)
    except Unfit as unfit:
        indicator = registry.get(stated.indicator)
        personal = unfit.field == "value" and (indicator is None or indicator.personal)
        value = "" if personal else shown(getattr(stated, unfit.field), personal=False)
        return [Rejected(place, unfit.field, unfit.reason, value)]
    return []


def parsed(indicator: Indicator, raw: object) -> Stored:
    """The value in the indicator's type.

    Raises:
        Unfit: it is none of that type.
    """
    text = as_text(raw)
    if not isinstance(text, str):
        raise Unfit("value", f"应为{indicator.type.label}")
    return _PARSERS[indicator.type](indicator, text.strip())


def is_bad(indicator: Indicator, value: Stored) -> bool:
    """Whether it is a bad record; 「没有」 and nought are none."""
    return indicator.negative and bool(value)


def last_day(period: Period, day: date) -> date:
    """The day by which a period is known."""
    if period is Period.NONE:
        return day
    months = _MONTHS[period]
    month = -(-day.month // months) * months
    return date(day.year, month, monthrange(day.year, month)[1])


def years_before(day: date, years: int) -> date:
    """The same day of a former year; of 29 February the day after 28 February."""
    if (day.month, day.day) == _LEAP_DAY and monthrange(day.year - years, 2)[1] < day.day:
        return date(day.year - years, 3, 1)
    return day.replace(year=day.year - years)


def _decimal(text: str, wanted: str) -> Decimal:
    try:
        number = Decimal(str(read_number(text)))
    except InvalidOperation as error:
        raise Unfit("value", wanted) from error
    if not number.is_finite():
        raise Unfit("value", wanted)
    if abs(number) > _MOST:
        raise Unfit("value", "数字过大")
    return number


def _amount(_: Indicator, text: str) -> int:
    """Whole yuan; what is below is rounded."""
    return int(_decimal(text, "应为金额（元）").quantize(Decimal(1), ROUND_HALF_UP))


def _number(_: Indicator, text: str) -> float:
    return float(_decimal(text, "应为数字"))


def _ratio(_: Indicator, text: str) -> float:
    percent = _PER_CENT.fullmatch(text)
    number = _decimal(percent[1] if percent else text, "应为比例，如 0.35 或 35%")
    return float(number / 100 if percent else number)


def _count(_: Indicator, text: str) -> int:
    number = _decimal(text, "应为整数")
    if number != number.to_integral_value():
        raise Unfit("value", "应为整数")
    if number < 0:
        raise Unfit("value", "不能小于 0")
    return int(number)


def _flag(_: Indicator, text: str) -> bool:
    found = read_truth(text)
    if not isinstance(found, bool):
        raise Unfit("value", "应为 是 或 否")
    return found


def _day(_: Indicator, text: str) -> str:
    try:
        return date.fromisoformat(str(read_day(text))).isoformat()
    except ValueError as error:
        raise Unfit("value", "应为日期，如 2026-01-31") from error


def _choice(indicator: Indicator, text: str) -> str:
    if text not in indicator.choices:
        raise Unfit("value", f"只能是 {'、'.join(indicator.choices)} 之一")
    return text


def _text(_: Indicator, text: str) -> str:
    if not text:
        raise Unfit("value", "不能为空")
    if not storable(text):
        raise Unfit("value", "有不能识别的字符")
    if len(text) > _MOST_TEXT:
        raise Unfit("value", f"不能超过 {_MOST_TEXT} 个字")
    return text


_PARSERS: dict[Kind, Callable[[Indicator, str], Stored]] = {
    Kind.AMOUNT: _amount,
    Kind.NUMBER: _number,
    Kind.RATIO: _ratio,
    Kind.COUNT: _count,
    Kind.FLAG: _flag,
    Kind.DATE: _day,
    Kind.CHOICE: _choice,
    Kind.TEXT: _text,
}
