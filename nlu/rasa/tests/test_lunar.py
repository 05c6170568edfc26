"""The lunar calendar: its table hangs together, and a day's name means the next day that bears it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from components.dictionaries import entries
from components.lunar import next_day

TODAY = date(2026, 11, 23)


def test_every_year_ends_where_the_next_begins() -> None:
    years = [
        (date.fromisoformat(first), sum(int(month.split(":")[1]) for month in months))
        for first, months in entries("lunar_years")
    ]
    assert {first + timedelta(days=length) - later for (first, length), (later, _) in pairwise(years)} == {
        timedelta(0)
    }


@pytest.mark.parametrize(
    ("groups", "day"),
    [
        ({"lunar_month": "正月", "lunar_day": "一"}, date(2027, 2, 6)),
        ({"lunar_named": "腊月", "lunar_date": "廿三"}, date(2027, 1, 30)),
        ({"lunar_day": "十"}, date(2026, 12, 18)),
        ({"lunar_named": "腊月", "lunar_date": "31"}, None),
    ],
)
def test_the_next_day_of_that_name(groups: dict[str, str], day: date | None) -> None:
    assert next_day(groups, TODAY) == day
