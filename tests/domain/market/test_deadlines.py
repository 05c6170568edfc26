"""Deadlines in calendar and in working days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from domain.base import SHANGHAI
from domain.market import deadlines
from domain.market.deadlines import deadline, is_working_day


@pytest.mark.parametrize(
    ("begun", "days", "due"),
    [
        ("2026-11-23 12:00", 1, "2026-11-24 12:00"),
        ("2026-11-27 12:00", 1, "2026-11-30 12:00"),
        ("2026-11-28 09:00", 1, "2026-12-01 00:00"),
        # National Day: the 1st to the 7th are off, Saturday the 10th is worked.
        ("2026-09-30 10:00", 1, "2026-10-08 10:00"),
        ("2026-10-09 10:00", 1, "2026-10-10 10:00"),
        ("2026-10-03 10:00", 2, "2026-10-10 00:00"),
        # Of 2027 no holidays are known: weekends.
        ("2027-01-01 10:00", 1, "2027-01-04 10:00"),
    ],
)
def test_working_days(begun: str, days: int, due: str) -> None:
    start = datetime.fromisoformat(begun).replace(tzinfo=SHANGHAI)
    assert deadline(start, days, "working") == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)


def test_a_year_without_holidays_is_logged_once() -> None:
    deadlines._is_known.cache_clear()
    with capture_logs() as logs:
        assert is_working_day(datetime(2030, 1, 1, tzinfo=UTC).date())
        assert not is_working_day(datetime(2030, 1, 5, tzinfo=UTC).date())
    assert [(entry["event"], entry["year"]) for entry in logs] == [("holidays_unknown", 2030)]


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside


@given(moments, st.integers(1, 5))
def test_both_kinds_agree_on_what_a_day_is(begun: datetime, days: int) -> None:
    calendar, working = (deadline(begun, days, kind) for kind in ("calendar", "working"))
    assert calendar == begun + timedelta(days=days)
    assert begun < working
    assert working >= calendar or not is_working_day(begun.astimezone(SHANGHAI).date())
    # Between begin and end there are that many working days, the first begun or the last ended.
    first, last = begun.astimezone(SHANGHAI).date(), working.astimezone(SHANGHAI).date()
    between = [first + timedelta(days=day) for day in range(1, (last - first).days + 1)]
    worked = sum(is_working_day(day) for day in between)
    assert worked == (days if is_working_day(first) else days + 1)
