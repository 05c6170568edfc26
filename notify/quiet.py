"""Quiet hours: what is not an answer waits until the morning."""

from datetime import datetime, time, timedelta

from domain.base import SHANGHAI


def earliest(now: datetime, window: str) -> datetime:
    """`now`, or the end of the quiet hours (`21:00-08:00`, Shanghai time) that it lies in."""
    if not window:
        return now
    start, end = (time.fromisoformat(part) for part in window.split("-"))
    local = now.astimezone(SHANGHAI)
    over_midnight = start > end
    clock = local.time()
    quiet = clock >= start or clock < end if over_midnight else start <= clock < end
    if not quiet:
        return now
    day = local.date() + timedelta(days=1 if over_midnight and clock >= start else 0)
    return datetime.combine(day, end, tzinfo=SHANGHAI)
