"""Figures as people say them: short, and never another figure than the one meant."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import months, percent, span, yuan

UNITS = {"亿元": Decimal(10**8), "万元": Decimal(10**4), "元": Decimal(1)}


def read_back(text: str) -> Decimal:
    unit = next(unit for unit in UNITS if text.endswith(unit))
    return Decimal(text.removesuffix(unit)) * UNITS[unit]


@given(st.one_of(st.integers(0, 10**13), st.integers(0, 10**9).map(lambda wan: wan * 10_000)))
def test_what_is_said_is_exactly_what_is_meant(amount: int) -> None:
    assert read_back(yuan(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "0元"),
        (800, "800元"),
        (9_999, "9999元"),
        (10_000, "1万元"),
        (1_200_000, "120万元"),
        (12_500, "1.25万元"),
        (10_001, "10001元"),
        (100_000_000, "1亿元"),
        (150_000_000, "1.5亿元"),
        (123_450_000, "12345万元"),
        (2_000_000_000, "20亿元"),
    ],
)
def test_the_largest_unit_that_fits(amount: int, said: str) -> None:
    assert yuan(amount) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0个月"), (1, "1个月"), (12, "1年"), (18, "18个月"), (24, "2年"), (360, "30年")]
)
def test_terms_in_whole_years_where_they_are(count: int, said: str) -> None:
    assert months(count) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (None, None, ""),
        (500_000, 500_000, "50万元"),
        (500_000, 800_000, "50万元到80万元"),
        (500_000, None, "至少50万元"),
        (None, 800_000, "不超过80万元"),
        (0, 0, "0元"),
    ],
)
def test_ranges(low: int | None, high: int | None, said: str) -> None:
    assert span(low, high) == said


def test_ranges_of_months() -> None:
    assert span(12, 24, of_months=True) == "1年到2年"
    assert span(None, 6, of_months=True) == "不超过6个月"


@pytest.mark.parametrize(
    ("rate", "said"), [("4.35", "4.35%"), ("5.0", "5%"), ("5.0000", "5%"), ("10", "10%"), ("0", "0%")]
)
def test_rates_without_idle_zeros(rate: str, said: str) -> None:
    assert percent(Decimal(rate)) == said
