"""Claims for those whom they concern: the owner those of his companies, an operator all."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow, ClaimStepRow
from domain.policies import PolicyRow


async def of_companies(session: AsyncSession, usccs: Collection[str]) -> Sequence[ClaimRow]:
    """Newest first."""
    query = select(ClaimRow).where(ClaimRow.uscc.in_(usccs))
    return (await session.scalars(query.order_by(ClaimRow.created_at.desc(), ClaimRow.id.desc()))).all()


async def of_person(session: AsyncSession, openid: str) -> Sequence[ClaimRow]:
    """Those of all companies that the person acts for, newest first."""
    mine = await companies.registered_by(session, openid)
    return await of_companies(session, [company.uscc for company in mine])


async def titled(session: AsyncSession, words: str) -> Sequence[str]:
    """The codes of the policies whose titles have these words in them."""
    query = select(PolicyRow.code).where(PolicyRow.title.contains(words, autoescape=True))
    return (await session.scalars(query.order_by(PolicyRow.code))).all()


async def steps_of(session: AsyncSession, claim_id: str) -> Sequence[ClaimStepRow]:
    """Every change, the first first."""
    query = select(ClaimStepRow).where(ClaimStepRow.claim_id == claim_id).order_by(ClaimStepRow.id)
    return (await session.scalars(query)).all()


def page_query(
    *, state: ClaimState | None, policy: str | None, after: tuple[datetime, str] | None, size: int
) -> Select[ClaimRow]:
    """Claims newest first, behind the one with that time and id."""
    query = select(ClaimRow)
    if state is not None:
        query = query.where(ClaimRow.state == state)
    if policy is not None:
        query = query.where(ClaimRow.policy == policy)
    place = (ClaimRow.created_at, ClaimRow.id)
    if after is not None:
        query = query.where(tuple_(*place) < after)
    return query.order_by(*(column.desc() for column in place)).limit(size)
