"""Equity requests for those whom they concern: the owner his own, institutions what is on the market."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.equity.labels import ON_THE_MARKET, EquityRound, EquityStatus
from domain.equity.tables import EquityFollowRow, EquityRequestRow, EquityStepRow
from domain.institutions import InstitutionKind, InstitutionRow

_SHOWN = (*ON_THE_MARKET, EquityStatus.WITHDRAWN, EquityStatus.CLOSED)


async def is_investor(session: AsyncSession, institution: str) -> bool:
    """Whether the institution is on the market, as one that invests."""
    query = select(InstitutionRow.data).where(
        InstitutionRow.name == institution, InstitutionRow.exited_at.is_(None)
    )
    data = await session.scalar(query)
    return data is not None and data.get("kind") == InstitutionKind.INVESTOR


async def of_person(session: AsyncSession, openid: str) -> Sequence[EquityRequestRow]:
    """What the person published, newest first; the draft is another question."""
    query = select(EquityRequestRow).where(
        EquityRequestRow.openid == openid, EquityRequestRow.status.in_(_SHOWN)
    )
    return (await session.scalars(query.order_by(EquityRequestRow.created_at.desc()))).all()


async def open_of_person(session: AsyncSession, openid: str) -> Sequence[EquityRequestRow]:
    """Of these the ones on the market."""
    return [row for row in await of_person(session, openid) if row.state in ON_THE_MARKET]


def page_query(
    *,
    status: EquityStatus | None,
    round_: EquityRound | None,
    industry: str | None,
    after: tuple[datetime, str] | None,
    size: int,
) -> Select[EquityRequestRow]:
    """Published requests newest first, behind the one with that time and id."""
    query = select(EquityRequestRow).where(EquityRequestRow.published_at.is_not(None))
    for column, value in (
        (EquityRequestRow.status, status),
        (EquityRequestRow.round, round_),
        (EquityRequestRow.industry, industry),
    ):
        if value is not None:
            query = query.where(column == value)
    place = (EquityRequestRow.created_at, EquityRequestRow.id)
    if after is not None:
        query = query.where(tuple_(*place) < after)
    return query.order_by(*(column.desc() for column in place)).limit(size)


async def follows_of(session: AsyncSession, request_ids: Collection[str]) -> dict[str, list[EquityFollowRow]]:
    """Who follows each, in the order in which they came."""
    query = select(EquityFollowRow).where(EquityFollowRow.request_id.in_(request_ids))
    found: dict[str, list[EquityFollowRow]] = {one: [] for one in request_ids}
    for row in await session.scalars(query.order_by(EquityFollowRow.followed_at)):
        found[row.request_id].append(row)
    return found


async def steps_of(session: AsyncSession, request_id: str) -> Sequence[EquityStepRow]:
    """Every change, the first first."""
    query = select(EquityStepRow).where(EquityStepRow.request_id == request_id)
    return (await session.scalars(query.order_by(EquityStepRow.id))).all()
