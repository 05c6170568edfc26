"""Quiet hours, in Shanghai's clock."""

from datetime import UTC, datetime

import pytest

from domain.base import SHANGHAI
from notify.quiet import earliest


def at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("window", "now", "then"),
    [
        ("21:00-08:00", at(23, "12:00"), at(23, "12:00")),
        ("21:00-08:00", at(23, "20:59"), at(23, "20:59")),
        ("21:00-08:00", at(23, "21:00"), at(24, "08:00")),
        ("21:00-08:00", at(23, "23:59"), at(24, "08:00")),
        ("21:00-08:00", at(24, "00:00"), at(24, "08:00")),
        ("21:00-08:00", at(24, "07:59"), at(24, "08:00")),
        ("21:00-08:00", at(24, "08:00"), at(24, "08:00")),
        ("21:00-08:00", at(30, "22:00"), datetime(2026, 12, 1, 8, tzinfo=SHANGHAI)),
        ("12:00-14:00", at(23, "11:59"), at(23, "11:59")),
        ("12:00-14:00", at(23, "12:00"), at(23, "14:00")),
        ("12:00-14:00", at(23, "13:59"), at(23, "14:00")),
        ("12:00-14:00", at(23, "14:00"), at(23, "14:00")),
        ("00:00-06:30", at(23, "00:00"), at(23, "06:30")),
        ("22:00-00:00", at(23, "23:00"), at(24, "00:00")),
        ("08:00-08:00", at(23, "08:00"), at(23, "08:00")),
        ("", at(23, "03:00"), at(23, "03:00")),
    ],
)
@pytest.mark.parametrize("zone", [SHANGHAI, UTC])
def test_what_is_quiet_waits_for_the_end(window: str, now: datetime, then: datetime, zone: object) -> None:
    given = now if zone is SHANGHAI else now.astimezone(UTC)
    assert earliest(given, window) == then
