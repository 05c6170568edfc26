"""How institutions have answered so far, what that is worth in a match, and how it is said."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEUTRAL = 0.5

# As many average answers are added to each record, so that one lucky answer is not a reputation.
_ASSUMED = 10
_SLOWEST_HOURS = 120.0
_MOST_STARS = 5
# From so many on a record is told; and only what speaks for the institution is.
_TOLD_FROM = 5
_TOLD_WITHIN_HOURS = 72.0
_TOLD_IN_TIME = 0.8
_TOLD_STARS = 4.5
_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Record:
    """Counts, and what was measured on them; `None` where there is nothing to measure.

    Of `asked` requests the share `in_time` was answered before the time was over, the median after
    `hours`; of `decided` ones the share `approved` was approved; `ratings` owners gave `stars` 1 to 5.
    """

    asked: int = 0
    in_time: float | None = None
    hours: float | None = None
    decided: int = 0
    approved: float | None = None
    ratings: int = 0
    stars: float | None = None


Records = Mapping[str, Record]


def worth(record: Record) -> float:
    """0 to 1: speed, approval and stars in equal parts; what is not known counts as the middle."""
    quickness = None if record.hours is None else 1 - min(record.hours / _SLOWEST_HOURS, 1.0)
    stars = None if record.stars is None else (record.stars - 1) / (_MOST_STARS - 1)
    speed = (_trusted(record.in_time, record.asked) + _trusted(quickness, record.asked)) / 2
    return (speed + _trusted(record.approved, record.decided) + _trusted(stars, record.ratings)) / 3


def _trusted(value: float | None, count: int) -> float:
    """Drawn to the middle, the more so the fewer cases it rests on."""
    if value is None:
        return NEUTRAL
    return (value * count + NEUTRAL * _ASSUMED) / (count + _ASSUMED)


def worths(institutions: Sequence[str], records: Records) -> NDArray[np.float64]:
    """One figure an institution, in their order."""
    known = (records.get(name) for name in institutions)
    return np.asarray([NEUTRAL if record is None else worth(record) for record in known], dtype=np.float64)


def said(record: Record | None) -> str:
    """What of a record speaks for the institution; empty where nothing does, or too little is known."""
    if record is None:
        return ""
    parts = [text for text in (_speed(record), _stars(record)) if text]
    return f"这家机构{'，'.join(parts)}" if parts else ""


def _speed(record: Record) -> str:
    if record.asked < _TOLD_FROM or record.hours is None or record.hours > _TOLD_WITHIN_HOURS:
        return ""
    if record.in_time is not None and record.in_time < _TOLD_IN_TIME:
        return ""
    return f"一般{max(1, math.ceil(record.hours / _HOURS_A_DAY))}天内答复"


def _stars(record: Record) -> str:
    if record.ratings < _TOLD_FROM or record.stars is None or record.stars < _TOLD_STARS:
        return ""
    return f"企业评分{record.stars:.1f}分"
