"""When a decision is due, counted in calendar days or in working days of mainland China."""

from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar
import structlog

from domain.base import SHANGHAI
from domain.market.rules import DaysKind

_log = structlog.get_logger(__name__)
_DAY = timedelta(days=1)
_SATURDAY = 5


def deadline(begun: datetime, days: int, kind: DaysKind) -> datetime:
    """The same hour that many days later; of working days, days off in between do not count.

    What begins on a day off begins with the next working day.
    """
    if kind == "calendar":
        return begun + days * _DAY
    there = begun.astimezone(SHANGHAI)
    if not is_working_day(there.date()):
        there = datetime.combine(_next_working_day(there.date()), time.min, SHANGHAI)
    day = there.date()
    for _ in range(days):
        day = _next_working_day(day)
    return datetime.combine(day, there.time(), SHANGHAI).astimezone(begun.tzinfo)


def is_working_day(day: date) -> bool:
    """By the State Council's calendar; in years that it is not known for, Monday to Friday."""
    if _is_known(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _SATURDAY


def _next_working_day(day: date) -> date:
    day += _DAY
    while not is_working_day(day):
        day += _DAY
    return day


@cache
def _is_known(year: int) -> bool:
    """Asked, and logged, once a year."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        _log.warning("holidays_unknown", year=year, instead="weekends")
        return False
    return True
