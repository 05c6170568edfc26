"""Where an owner's requests stand with the institutions: the same for the chat and for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations import reading as authorizations
from domain.authorizations.labels import Category, DataPurpose, Kind, State
from domain.market import reading
from domain.market.rules import UNDER_WAY, FollowState
from domain.market.tables import FollowRow, RatingRow
from domain.requests import ON_THE_MARKET, RequestRow, RequestStepRow

# To choose is possible while nothing is chosen.
_CHOSEN = frozenset({FollowState.ACCEPTED, FollowState.GRANTED})
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """A request with its follows in their turn, and what the owner thinks of institutions, by name."""

    request: RequestRow
    follows: Sequence[FollowRow]
    ratings: Mapping[str, RatingRow]

    def of(self, *states: FollowState) -> list[FollowRow]:
        return [row for row in self.follows if row.standing in states]

    @property
    def under_way(self) -> list[FollowRow]:
        """Institutions that still have to do with it."""
        return [row for row in self.follows if row.standing in UNDER_WAY]

    @property
    def offers(self) -> list[FollowRow]:
        """Approvals that the owner may choose among, the cheapest first."""
        if self.request.state not in ON_THE_MARKET or self.of(*_CHOSEN):
            return []
        return sorted(self.of(FollowState.APPROVED), key=lambda row: (row.rate or 0, row.turn))

    @property
    def rateable(self) -> list[FollowRow]:
        """Institutions that have decided, be it against it."""
        return [row for row in self.follows if row.decided_at is not None]

    @property
    def to_rate(self) -> list[FollowRow]:
        """Institutions that lent and were not rated yet."""
        return [row for row in self.of(FollowState.GRANTED) if row.institution not in self.ratings]


async def progress_of(session: AsyncSession, requests: Sequence[RequestRow]) -> list[Progress]:
    """How these requests stand, in their order."""
    ids = [request.id for request in requests]
    follows = await reading.follows_of(session, ids)
    ratings: dict[str, dict[str, RatingRow]] = {request_id: {} for request_id in ids}
    for row in await session.scalars(select(RatingRow).where(RatingRow.request_id.in_(ids))):
        ratings[row.request_id][row.institution] = row
    return [Progress(request, follows[request.id], ratings[request.id]) for request in requests]


async def informed(session: AsyncSession, request: RequestRow, now: datetime) -> set[str]:
    """Institutions that the owner lets see whose request it is, once they follow, and whom to call."""
    rows = await authorizations.of_company(session, request.uscc) if request.uscc else []
    return {
        row.recipient
        for row in rows
        if row.kind == Kind.PASSING_ON
        and row.state(now) is State.GIVEN
        and Category.BASE in row.scope
        and DataPurpose.PRE_LOAN in row.purposes
    }


async def requests_of(session: AsyncSession, openid: str) -> Sequence[RequestRow]:
    """The person's requests, drafts and ended ones included, the newest first."""
    query = (
        select(RequestRow)
        .where(RequestRow.openid == openid)
        .order_by(RequestRow.created_at.desc(), RequestRow.id.desc())
        .limit(_MOST_SHOWN)
    )
    return (await session.scalars(query)).all()


async def request_steps(session: AsyncSession, request_id: str) -> Sequence[RequestStepRow]:
    """What became of the request itself, in its order."""
    query = select(RequestStepRow).where(RequestStepRow.request_id == request_id).order_by(RequestStepRow.id)
    return (await session.scalars(query)).all()
