"""What owners think of institutions, and how institutions answer: both count in the ranking."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from domain.base import storable
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.market.rules import DECIDED, Cause, FollowState
from domain.market.tables import WORDS_CHARS, FollowStepRow, RatingRow

MOST_STARS = 5
# What was longer ago says little of how it works today.
_COUNTED = timedelta(days=365)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """How an institution answered in the last year; shares are 0 to 1, None where nothing says.

    `decided` follows were answered in time; `missed` lapsed or were left without an answer.
    """

    decided: int = 0
    missed: int = 0
    approved: int = 0
    granted: int = 0
    ratings: int = 0
    in_time_share: float | None = None
    approval_share: float | None = None
    median_hours: float | None = None
    stars: float | None = None


async def rate(
    session: AsyncSession,
    openid: str,
    request_id: str,
    institution: str,
    stars: int,
    words: str,
    now: datetime,
) -> RatingRow:
    """Keep the owner's opinion; said again, the new one counts.

    Raises:
        NotFound: not a request of his.
        NotAllowedNow: the institution has not decided on it.
        ValueOutOfRange: stars that there are not, or words that cannot be stored.
    """
    if not 1 <= stars <= MOST_STARS:
        raise ValueOutOfRange("stars", f"请给 1 到 {MOST_STARS} 颗星。")
    if len(words) > WORDS_CHARS or not storable(words):
        raise ValueOutOfRange("words", f"评价最多 {WORDS_CHARS} 个字。")
    request = await requests.held(session, request_id) if storable(request_id) else None
    if request is None or request.openid != openid:
        raise NotFound("没有这笔融资需求。")
    if not await _has_decided(session, request_id, institution):
        raise NotAllowedNow(f"{institution}还没有对这笔需求作出答复，暂时不能评价。")
    row = await session.get(RatingRow, (request_id, institution))
    row = row or RatingRow(request_id=request_id, institution=institution)
    row.openid, row.stars, row.words, row.at = openid, stars, words, now
    session.add(row)
    return row


async def answer_records(session: AsyncSession, now: datetime) -> dict[str, AnswerRecord]:
    """By institution, of those that answered or were rated in the last year."""
    since = now - _COUNTED
    tallies = await _tallies(session, since)
    stars = await _stars(session, since)
    return {name: _record(tallies[name], *stars.get(name, (0, None))) for name in {*tallies, *stars}}


@dataclass(slots=True)
class _Tally:
    hours: list[float]
    approved: int = 0
    missed: int = 0
    granted: int = 0


async def _tallies(session: AsyncSession, since: datetime) -> defaultdict[str, _Tally]:
    step = FollowStepRow
    query = select(step.institution, step.before, step.after, step.reason, step.since, step.at).where(
        step.at >= since,
        step.after.in_([*DECIDED, FollowState.LAPSED, FollowState.ENDED, FollowState.GRANTED]),
    )
    tallies: defaultdict[str, _Tally] = defaultdict(lambda: _Tally([]))
    for institution, before, after, reason, began, at in await session.execute(query):
        tally = tallies[institution]
        tally.granted += after == FollowState.GRANTED
        if before != FollowState.FOLLOWING:
            continue
        tally.approved += after == FollowState.APPROVED
        if after in DECIDED and began:
            tally.hours.append((at - began) / _HOUR)
        # Whoever leaves just before the end has not answered either.
        tally.missed += reason in {Cause.UNDECIDED, Cause.LEFT}
    return tallies


async def _stars(session: AsyncSession, since: datetime) -> dict[str, tuple[int, float]]:
    query = (
        select(RatingRow.institution, func.count(), func.avg(RatingRow.stars))
        .where(RatingRow.at >= since)
        .group_by(RatingRow.institution)
    )
    return {name: (count, float(mean)) for name, count, mean in await session.execute(query)}


def _record(tally: _Tally, ratings: int, stars: float | None) -> AnswerRecord:
    decided = len(tally.hours)
    return AnswerRecord(
        decided=decided,
        missed=tally.missed,
        approved=tally.approved,
        granted=tally.granted,
        ratings=ratings,
        in_time_share=_share(decided, (decided, tally.missed)),
        approval_share=_share(tally.approved, (decided,)),
        median_hours=median(tally.hours) if tally.hours else None,
        stars=stars,
    )


def _share(part: int, of: Iterable[int]) -> float | None:
    whole = sum(of)
    return part / whole if whole else None


async def _has_decided(session: AsyncSession, request_id: str, institution: str) -> bool:
    query = select(func.count()).where(
        FollowStepRow.request_id == request_id,
        FollowStepRow.institution == institution,
        FollowStepRow.after.in_(DECIDED),
    )
    return bool(await session.scalar(query))
