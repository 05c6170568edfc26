"""The way into the advisers' queue: noted with the request's publication, matched by the worker, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import NotFound
from domain.recommending import sending
from domain.recommending.rules import Act, ReviewRules, ReviewState, Source
from domain.recommending.stepping import SYSTEM, held, held_review, note_step
from domain.recommending.tables import RecommendationRow, ReviewRow
from domain.requests import ON_THE_MARKET, OPEN, RequestRow, RequestStatus

# Of a matcher that died in the middle another one takes over after that.
_HOLD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Found:
    """A product that fits, as the matcher says it."""

    product: str
    institution: str
    name: str
    score: float | None
    reasons: tuple[str, ...]
    open: tuple[str, ...]


async def enqueue(session: AsyncSession, payload: Mapping[str, Any], now: datetime) -> None:
    """A request was published, or begins with a review: it is to be matched. Told twice, it counts once."""
    request = await session.get(RequestRow, payload["request_id"])
    if request is None or await session.get(ReviewRow, request.id) is not None:
        return
    row = ReviewRow(
        request_id=request.id,
        state=ReviewState.MATCHING,
        version=0,
        region=request.region,
        note="",
        created_at=now,
        updated_at=now,
    )
    session.add(row)


async def end(session: AsyncSession, payload: Mapping[str, Any], now: datetime) -> None:
    """The request was taken back: nobody need look at it any more."""
    review = await held_review(session, payload["request_id"])
    if review is not None and review.standing in {ReviewState.MATCHING, ReviewState.WAITING}:
        review.state, review.due_at = ReviewState.ENDED, None
        note_step(session, review, Act.ENDED, SYSTEM, now)


async def renew(session: AsyncSession, request_id: str, by: str, now: datetime) -> None:
    """The owner told more about the firm: matched anew, unless an adviser has begun with it or is done."""
    review = await held_review(session, request_id)
    if review is None or review.standing is not ReviewState.WAITING or review.taken_by:
        return
    review.state, review.claimed_until = ReviewState.MATCHING, None
    review.version += 1
    note_step(session, review, Act.RENEWED, by, now)


async def any_to_match(session: AsyncSession, now: datetime) -> bool:
    """Asked before `claim`, which takes the one writer that SQLite has."""
    return bool(await session.scalar(select(exists().where(*_to_match(now)))))


def _to_match(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(ReviewRow.claimed_until.is_(None), ReviewRow.claimed_until < now)
    # Written out in the statement: of a parameter the databases cannot tell that the index fits.
    return ReviewRow.state == literal(ReviewState.MATCHING.value, literal_execute=True), free


async def claim(session: AsyncSession, now: datetime, *, limit: int) -> list[ReviewRow]:
    """What is to be matched, oldest first, for this matcher alone until it is stored or the hold is over."""
    query = (
        select(ReviewRow)
        .where(*_to_match(now))
        .order_by(ReviewRow.created_at, ReviewRow.request_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = list(await session.scalars(query))
    for row in claimed:
        row.claimed_until = now + _HOLD
    return claimed


async def store(
    session: AsyncSession,
    claimed: ReviewRow,
    found: Sequence[Found],
    *,
    region: str | None,
    rules: ReviewRules,
    now: datetime,
) -> bool:
    """Write down what was found; where the request is out already, institutions are told at once.

    False where the claim is no longer ours: the hold was over, or the request changed or was taken back.
    """
    try:
        request, review = await held(session, claimed.request_id)
    except NotFound:
        return False
    if review.standing is not ReviewState.MATCHING or review.claimed_until != claimed.claimed_until:
        return False
    review.claimed_until = None
    if request.state not in OPEN:
        review.state = ReviewState.ENDED
        note_step(session, review, Act.ENDED, SYSTEM, now)
        return True
    await _put_down(session, review, found[: rules.products], now)
    review.state, review.region = ReviewState.WAITING, region
    if request.state is RequestStatus.REVIEWING and rules.out_after is not None:
        review.due_at = review.created_at + rules.out_after
    note_step(session, review, Act.MATCHED, SYSTEM, now, products=[item.product for item in found])
    await session.flush()
    if request.state in ON_THE_MARKET:
        await sending.send_out(session, request, review, now)
    return True


async def _put_down(session: AsyncSession, review: ReviewRow, found: Sequence[Found], now: datetime) -> None:
    await session.execute(delete(RecommendationRow).where(RecommendationRow.request_id == review.request_id))
    session.add_all(
        RecommendationRow(
            request_id=review.request_id,
            product=item.product,
            institution=item.institution,
            name=item.name,
            rank=rank,
            found_rank=rank,
            score=item.score,
            reasons=list(item.reasons),
            open=list(item.open),
            source=Source.SYSTEM,
            struck_reason=None,
            changed_by=None,
            changed_at=now,
        )
        for rank, item in enumerate(found, start=1)
    )
