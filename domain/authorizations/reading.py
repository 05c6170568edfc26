"""What was authorized, for those whom it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations import verdicts, wording
from domain.authorizations.labels import Category, DataPurpose, Kind, ReaderKind
from domain.authorizations.readers import Query, Reader
from domain.authorizations.tables import AuthorizationRow
from domain.companies import CompanyRow


@dataclass(frozen=True, slots=True)
class Standing:
    """An authorization that holds, with the company's name."""

    authorization: AuthorizationRow
    company: str


async def of_company(session: AsyncSession, uscc: str) -> Sequence[AuthorizationRow]:
    """All that were ever given for the company, newest first; `row.state(now)` says how each stands."""
    query = select(AuthorizationRow).where(AuthorizationRow.uscc == uscc)
    return (await session.scalars(query.order_by(*_NEWEST_FIRST))).all()


async def of_person(session: AsyncSession, openid: str) -> Sequence[AuthorizationRow]:
    """What the person agreed to for himself, newest first."""
    query = select(AuthorizationRow).where(AuthorizationRow.openid == openid, AuthorizationRow.uscc.is_(None))
    return (await session.scalars(query.order_by(*_NEWEST_FIRST))).all()


async def standing_of_person(
    session: AsyncSession, openid: str, kind: Kind, recipient: str, now: datetime
) -> AuthorizationRow | None:
    """The person's own consent, such as that to the use of his face, if it holds."""
    query = select(AuthorizationRow).where(
        AuthorizationRow.openid == openid,
        AuthorizationRow.uscc.is_(None),
        AuthorizationRow.kind == kind,
        AuthorizationRow.recipient == recipient,
        *verdicts.stands(now),
    )
    found: AuthorizationRow | None = await session.scalar(query)
    return found


async def scope_for(
    session: AsyncSession, reader: Reader, uscc: str, purpose: DataPurpose, now: datetime
) -> frozenset[Category]:
    """The categories that the reader may ask the gate for; empty where none. Nothing is read or recorded."""
    if reader.kind is ReaderKind.OWNER:
        return frozenset(Category)
    query = select(AuthorizationRow).where(
        AuthorizationRow.uscc == uscc, *verdicts.given_to(reader), *verdicts.stands(now)
    )
    row = await session.scalar(query)
    return row.scope if row is not None and purpose in row.purposes else frozenset()


async def covered(
    session: AsyncSession,
    reader: Reader,
    usccs: Collection[str],
    scope: Collection[Category],
    purpose: DataPurpose,
    now: datetime,
) -> set[str]:
    """Those of the companies whose authorization covers all of it. Nothing is read or recorded."""
    query = Query.of(reader, scope, purpose)
    return await verdicts.still_allowed(session, query, usccs, now) if usccs else set()


async def page(
    session: AsyncSession,
    now: datetime,
    *,
    institution: str | None,
    uscc: str | None = None,
    before: str | None = None,
    size: int,
) -> list[Standing]:
    """Companies' authorizations that hold, by descending id; those to one institution, or all.

    `before` is the id of the last one seen.
    """
    query = (
        select(AuthorizationRow, CompanyRow.name)
        .join(CompanyRow, CompanyRow.uscc == AuthorizationRow.uscc)
        .where(*verdicts.stands(now))
    )
    if institution is not None:
        query = query.where(*verdicts.given_to(Reader.institution(institution, "")))
    if uscc is not None:
        query = query.where(AuthorizationRow.uscc == uscc)
    if before is not None:
        query = query.where(AuthorizationRow.id < before)
    rows = await session.execute(query.order_by(AuthorizationRow.id.desc()).limit(size))
    return [Standing(row, name) for row, name in rows]


def text_of(row: AuthorizationRow) -> wording.ConsentText | None:
    """What was agreed to, word for word; None for what another platform vouches for."""
    if row.text_version is None or row.text_values is None:
        return None
    return wording.filled(Kind(row.kind), row.text_version, row.text_values)


_NEWEST_FIRST = (AuthorizationRow.given_at.desc(), AuthorizationRow.id.desc())
