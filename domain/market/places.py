"""A request's places, counted while the request is held: who has one, who is next, what the clock ends.

Everything here wants the request locked (`hold`), so that of two who come at once the second sees the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from domain.base import storable
from domain.errors import NotFound
from domain.market import moving
from domain.market.rules import Cause, FollowState, MarketRules
from domain.market.tables import FollowRow
from domain.requests import ON_THE_MARKET, RequestRow, RequestStatus

_FURTHEST = (
    (FollowState.GRANTED, RequestStatus.GRANTED),
    (FollowState.ACCEPTED, RequestStatus.ACCEPTED),
    (FollowState.APPROVED, RequestStatus.APPROVED),
    (FollowState.FOLLOWING, RequestStatus.FOLLOWED),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A request that nobody else moves until the unit of work ends, with its follows in their turn."""

    request: RequestRow
    follows: list[FollowRow]

    def of(self, institution: str) -> FollowRow | None:
        return next((row for row in self.follows if row.institution == institution), None)

    @property
    def taken(self) -> int:
        return sum(row.holds_place for row in self.follows)

    def follow_of(self, institution: str) -> FollowRow:
        """Raises NotFound where it never followed."""
        row = self.of(institution)
        if row is None:
            raise NotFound("贵机构没有跟进过这笔需求。")
        return row

    @property
    def next_turn(self) -> int:
        return max((row.turn for row in self.follows), default=0) + 1

    @property
    def first_waiting(self) -> FollowRow | None:
        """The first in turn for whom no place is kept yet."""
        waiting = (row for row in self.follows if row.standing is FollowState.WAITING and not row.has_offer)
        return min(waiting, key=lambda row: row.turn, default=None)


async def hold(session: AsyncSession, request_id: str, *, now: datetime, rules: MarketRules) -> Held:
    """Lock the request, and bring its follows to this moment.

    The rules count, not how punctual the worker is: what is over by now is over for whoever acts now.

    Raises:
        NotFound: no such request was ever published.
    """
    request = await requests.held(session, request_id) if storable(request_id) else None
    if request is None or request.published_at is None:
        raise NotFound("没有这笔融资需求。")
    query = (
        select(FollowRow)
        .where(FollowRow.request_id == request_id)
        .order_by(FollowRow.turn)
        .execution_options(populate_existing=True)
    )
    held = Held(request, list(await session.scalars(query)))
    await _end_what_is_over(session, held.follows, now)
    await settle(session, held, by=moving.CLOCK, now=now, rules=rules)
    return held


async def settle(session: AsyncSession, held: Held, *, by: str, now: datetime, rules: MarketRules) -> None:
    """After a step: free places are kept for who is next, and the request stands where its follows do."""
    requests.reach(session, held.request, furthest(held.follows), by, now)
    if held.request.state not in ON_THE_MARKET:
        return
    while held.taken < rules.places and (first := held.first_waiting):
        await moving.offer(session, first, now + rules.offer, now)


def furthest(follows: Sequence[FollowRow]) -> RequestStatus:
    """The furthest step that any institution has reached."""
    states = {row.standing for row in follows}
    return next((status for state, status in _FURTHEST if state in states), RequestStatus.PUBLISHED)


async def _end_what_is_over(session: AsyncSession, follows: Sequence[FollowRow], now: datetime) -> None:
    for row in follows:
        if row.until is not None and row.until <= now:
            cause = Cause.NOT_TAKEN if row.has_offer else Cause.UNDECIDED
            row.cause = cause
            await moving.move(session, row, FollowState.LAPSED, by=moving.CLOCK, now=now, reason=cause)
