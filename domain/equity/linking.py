"""Debt and equity side by side (投贷联动): with the company's consent each side sees how the other stands.

Only what kind of institution, how far, and since when: no name, no amount, no terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations import verdicts
from domain.authorizations.labels import LINKED, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.equity.following import INVOLVED
from domain.equity.labels import EquityFollow
from domain.equity.tables import EquityFollowRow, EquityRequestRow
from domain.institutions import InstitutionKind, InstitutionRow
from domain.labels import Label
from domain.market.rules import FollowState
from domain.market.tables import FollowRow
from domain.requests import RequestRow

# An institution that has nothing to do with the company any more looks at nothing.
_DEBT_INVOLVED = (
    FollowState.FOLLOWING,
    FollowState.APPROVED,
    FollowState.ACCEPTED,
    FollowState.GRANTED,
)


@dataclass(frozen=True, slots=True)
class SideState:
    """How one institution of the other side stands with the company."""

    kind: InstitutionKind
    state: Label
    since: datetime


async def consent_stands(session: AsyncSession, uscc: str, now: datetime) -> bool:
    """Whether the company lets the sides see each other's state."""
    given = exists().where(
        AuthorizationRow.uscc == uscc,
        AuthorizationRow.kind == Kind.LINKAGE.value,
        AuthorizationRow.recipient == LINKED,
        *verdicts.stands(now),
    )
    return bool(await session.scalar(select(given)))


async def debt_side(session: AsyncSession, uscc: str, now: datetime) -> list[SideState] | None:
    """What banks and the like are doing for the company; None without its consent."""
    query = (
        select(FollowRow.institution, FollowRow.state, FollowRow.updated_at)
        .join(RequestRow, RequestRow.id == FollowRow.request_id)
        .where(RequestRow.uscc == uscc, *_involved(now))
        .order_by(FollowRow.updated_at)
    )
    return await _side(session, uscc, now, query, FollowState)


async def equity_side(session: AsyncSession, uscc: str, now: datetime) -> list[SideState] | None:
    """What investors are doing for the company; None without its consent."""
    query = (
        select(EquityFollowRow.institution, EquityFollowRow.status, EquityFollowRow.updated_at)
        .join(EquityRequestRow, EquityRequestRow.id == EquityFollowRow.request_id)
        .where(EquityRequestRow.uscc == uscc, EquityFollowRow.status.in_(INVOLVED))
        .order_by(EquityFollowRow.updated_at)
    )
    return await _side(session, uscc, now, query, EquityFollow)


async def company_of_debt(
    session: AsyncSession, request_id: str, institution: str | None, now: datetime
) -> str | None:
    """The company of a financing request in which the institution is involved; without one, of any."""
    query = select(RequestRow.uscc).where(RequestRow.id == request_id)
    if institution is not None:
        involved = exists().where(
            FollowRow.request_id == RequestRow.id,
            FollowRow.institution == institution,
            *_involved(now),
        )
        query = query.where(involved)
    return await session.scalar(query)


def _involved(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of a follow: its time may be over before anybody wrote that down."""
    return FollowRow.state.in_(_DEBT_INVOLVED), or_(FollowRow.until.is_(None), FollowRow.until > now)


async def company_of_equity(session: AsyncSession, request_id: str, institution: str | None) -> str | None:
    """The same of an equity request."""
    query = select(EquityRequestRow.uscc).where(EquityRequestRow.id == request_id)
    if institution is not None:
        involved = exists().where(
            EquityFollowRow.request_id == EquityRequestRow.id,
            EquityFollowRow.institution == institution,
            EquityFollowRow.status.in_(INVOLVED),
        )
        query = query.where(involved)
    return await session.scalar(query)


async def _side(
    session: AsyncSession,
    uscc: str,
    now: datetime,
    query: Select[str, str, datetime],
    states: type[Label],
) -> list[SideState] | None:
    if not await consent_stands(session, uscc, now):
        return None
    rows = (await session.execute(query)).all()
    kinds = await _kinds(session, {institution for institution, _, _ in rows})
    return [
        SideState(kinds.get(institution, InstitutionKind.BANK), states(state), since)
        for institution, state, since in rows
    ]


async def _kinds(session: AsyncSession, names: set[str]) -> dict[str, InstitutionKind]:
    query = select(InstitutionRow.name, InstitutionRow.data).where(InstitutionRow.name.in_(names))
    found: Sequence[tuple[str, dict[str, str]]] = [
        (name, data) for name, data in await session.execute(query)
    ]
    return {name: InstitutionKind(data.get("kind", InstitutionKind.BANK)) for name, data in found}
