"""Whether a query is allowed, judged by what the database holds at this moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.authorizations.labels import ReaderKind, Reason, State
from domain.authorizations.readers import Query, Reader
from domain.authorizations.tables import AuthorizationRow
from domain.bulk import look_up_by_keys
from domain.identity import verifications


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is why not; an owner reads without an authorization."""

    authorization: str | None = None
    reason: Reason | None = None


def stands(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of authorizations: neither ended nor run out."""
    return AuthorizationRow.ended_at.is_(None), AuthorizationRow.until > now


def given_to(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    return AuthorizationRow.kind == reader.needs, AuthorizationRow.recipient == reader.name


def covers(query: Query) -> tuple[ColumnElement[bool], ...]:
    """One authorization covers the whole scope; several halves do not add up."""
    purposes = frozenset({query.purpose})
    return (
        AuthorizationRow.scope.bitwise_and(query.scope) == query.scope,
        AuthorizationRow.purposes.bitwise_and(purposes) == purposes,
    )


async def judge(
    session: AsyncSession, query: Query, uscc: str, now: datetime, *, hold: bool = False
) -> Verdict:
    """`hold`: nobody ends the authorization before this transaction is over."""
    if query.reader.kind is ReaderKind.OWNER:
        return Verdict(reason=await _why_not_own(session, query.reader.actor, uscc))
    allowed = select(AuthorizationRow.id).where(
        AuthorizationRow.uscc == uscc, *given_to(query.reader), *stands(now), *covers(query)
    )
    if hold:
        allowed = allowed.with_for_update(read=True)
    found = await session.scalar(allowed)
    return Verdict(found, None if found else await _why_not(session, query.reader, uscc, now))


def allowed_companies(query: Query, now: datetime) -> Select[str | None, str]:
    """Company and authorization of all that allow the query, in the order of the companies' codes."""
    return (
        select(AuthorizationRow.uscc, AuthorizationRow.id)
        .where(*given_to(query.reader), *stands(now), *covers(query))
        .order_by(AuthorizationRow.uscc)
    )


async def still_allowed(
    session: AsyncSession, query: Query, usccs: Collection[str], now: datetime, *, hold: bool = False
) -> set[str]:
    """Those of the companies that allow it now; `hold` as for `judge`."""
    await look_up_by_keys(session)
    allowed = allowed_companies(query, now).where(AuthorizationRow.uscc.in_(usccs))
    rows = await session.execute(allowed.with_for_update(read=True) if hold else allowed)
    return {uscc for uscc, _ in rows if uscc}


async def _why_not_own(session: AsyncSession, openid: str, uscc: str) -> Reason | None:
    if not await companies.acts_for(session, openid, uscc):
        return Reason.NOT_A_MEMBER
    return None if await verifications.is_verified(session, openid) else Reason.NOT_VERIFIED


async def _why_not(session: AsyncSession, reader: Reader, uscc: str, now: datetime) -> Reason:
    """By the latest that there was: whoever never had one learns nothing about the company."""
    latest = (
        select(AuthorizationRow)
        .where(AuthorizationRow.uscc == uscc, *given_to(reader))
        .order_by(AuthorizationRow.given_at.desc(), AuthorizationRow.id.desc())
        .limit(1)
    )
    row = await session.scalar(latest)
    if row is None:
        return Reason.NOT_GIVEN
    return {
        State.GIVEN: Reason.NOT_COVERED,
        State.EXPIRED: Reason.EXPIRED,
        State.REVOKED: Reason.REVOKED,
    }[row.state(now)]
