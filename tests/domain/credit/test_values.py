"""What sources state becomes values of the indicator's type, or is refused with the reason."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credit.registry import Kind, Period
from domain.credit.values import (
    CreditStatement,
    Unfit,
    fitted,
    is_bad,
    last_day,
    parsed,
    refusals,
    years_before,
)
from tests.domain.credit.stage import REGISTRY, TAX, USCC

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
ONE_OF_EACH = {item.type: item for item in REGISTRY.values()}
WHATEVER = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


def statement(code: str, value: Any, as_of: date = date(2025, 12, 31), **more: Any) -> CreditStatement:
    fields = {"uscc": USCC, "indicator": code, "as_of": as_of, "value": value, "source": TAX}
    return CreditStatement.model_validate(fields | more)


@given(kind=st.sampled_from(Kind), raw=WHATEVER)
def test_whatever_comes_becomes_a_value_of_the_type_or_is_refused(kind: Kind, raw: Any) -> None:
    types = {
        Kind.AMOUNT: int,
        Kind.COUNT: int,
        Kind.NUMBER: float,
        Kind.RATIO: float,
        Kind.FLAG: bool,
        Kind.DATE: str,
        Kind.CHOICE: str,
        Kind.TEXT: str,
    }
    try:
        value = parsed(ONE_OF_EACH[kind], raw)
    except Unfit:
        return
    assert type(value) is types[kind]
    assert parsed(ONE_OF_EACH[kind], value) == value


@given(st.integers(-(10**12), 10**12))
def test_amounts_come_in_every_writing(yuan: int) -> None:
    indicator = REGISTRY["net_profit"]
    for raw in (yuan, float(yuan), str(yuan), f"{yuan:,}", f" {yuan}.4 "):
        assert parsed(indicator, raw) == yuan


@pytest.mark.parametrize(
    ("code", "raw", "value"),
    [
        ("net_profit", "1234.5", 1235),
        ("net_profit", "-3,000,000", -3000000),
        ("net_profit", "１２３", 123),
        ("debt_ratio", "35%", 0.35),
        ("debt_ratio", 0.35, 0.35),
        ("revenue_growth", "-12.5%", -0.125),
        ("employees", 12.0, 12),
        ("overdue_now", "是", True),
        ("overdue_now", 0, False),
        ("founded_on", "2016年3月1日", "2016-03-01"),
        ("founded_on", "20160301", "2016-03-01"),
        ("tax_grade", "M", "M"),
        ("legal_representative", " 王小明 ", "王小明"),
    ],
)
def test_usual_writings(code: str, raw: Any, value: Any) -> None:
    assert parsed(REGISTRY[code], raw) == value


@pytest.mark.parametrize(
    ("code", "raw", "reason"),
    [
        ("net_profit", "三百万", "应为金额（元）"),
        ("net_profit", "300万", "应为金额（元）"),
        ("net_profit", 10**14, "数字过大"),
        ("net_profit", float("inf"), "应为金额（元）"),
        ("net_profit", [1], "应为金额"),
        ("debt_ratio", "三成", "应为比例，如 0.35 或 35%"),
        ("employees", 1.5, "应为整数"),
        ("employees", -1, "不能小于 0"),
        ("overdue_now", "也许", "应为 是 或 否"),
        ("founded_on", "2016-02-30", "应为日期，如 2026-01-31"),
        ("founded_on", "2016", "应为日期，如 2026-01-31"),
        ("tax_grade", "E", "只能是 A、B、M、C、D 之一"),
        ("legal_representative", "王" * 201, "不能超过 200 个字"),
        ("legal_representative", "", "不能为空"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(code: str, raw: Any, reason: str) -> None:
    with pytest.raises(Unfit) as caught:
        parsed(REGISTRY[code], raw)
    assert caught.value.reason == reason


@given(period=st.sampled_from(Period), day=DAYS)
def test_a_period_is_known_by_its_last_day(period: Period, day: date) -> None:
    last = last_day(period, day)
    assert last >= day
    assert last_day(period, last) == last
    if period is not Period.NONE:
        assert last.day == monthrange(last.year, last.month)[1]
        assert (last.year, last.month - day.month) == (day.year, last.month - day.month)
        assert last - day < timedelta(days={Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}[period])


@given(day=DAYS, years=st.integers(1, 5))
def test_years_before_is_never_more_than_those_years(day: date, years: int) -> None:
    before = years_before(day, years)
    assert before.year == day.year - years
    assert timedelta(days=0) <= day - before - timedelta(days=365 * years) <= timedelta(days=2)


def test_five_years_of_the_law() -> None:
    """The day after five years are full a record is too old, on the day itself it is not."""
    ended = date(2021, 11, 23)
    good = statement("penalties_2y", 1, ended, ended_on=ended)
    assert refusals(0, good, REGISTRY, TODAY) == []
    (refused,) = refusals(0, good, REGISTRY, TODAY + timedelta(days=1))
    assert (refused.field, refused.reason) == ("ended_on", "不良信息自终止之日起已满 5 年，依法不再保存")


def test_only_something_bad_is_a_bad_record() -> None:
    assert is_bad(REGISTRY["overdue_now"], value=True)
    assert not is_bad(REGISTRY["overdue_now"], value=False)
    assert not is_bad(REGISTRY["penalties_2y"], 0)
    assert not is_bad(REGISTRY["revenue"], 100)
    old = statement("penalties_2y", 0, date(2010, 1, 1))
    assert refusals(0, old, REGISTRY, TODAY) == []


def test_the_end_of_bad_behaviour_counts_before_the_day_of_the_value() -> None:
    stated = statement("overdue_times_24m", 2, date(2026, 10, 5), ended_on=date(2025, 3, 1))
    kept = fitted(stated, REGISTRY)
    assert (kept.as_of, kept.bad_until) == (date(2026, 10, 31), date(2025, 3, 1))
    assert fitted(statement("overdue_times_24m", 2, date(2026, 10, 5)), REGISTRY).bad_until == date(
        2026, 10, 5
    )


@pytest.mark.parametrize(
    ("code", "more", "field"),
    [
        ("turnover", {}, "indicator"),
        ("revenue", {"as_of": TODAY + timedelta(days=1)}, "as_of"),
        ("penalties_2y", {"ended_on": TODAY + timedelta(days=1)}, "ended_on"),
        ("revenue", {"ended_on": TODAY}, "ended_on"),
    ],
)
def test_other_faults(code: str, more: dict[str, Any], field: str) -> None:
    stated = statement(code, 1, **more)
    (refused,) = refusals(3, stated, REGISTRY, TODAY)
    assert (refused.index, refused.field) == (3, field)


def test_names_of_people_are_not_reported() -> None:
    (refused,) = refusals(0, statement("officers", "王小明、" * 60), REGISTRY, TODAY)
    assert refused.value == ""
    (refused,) = refusals(0, statement("employees", "许多"), REGISTRY, TODAY)
    assert refused.value == "许多"
