"""The record of accesses: written by the gate alone, read by the company, ended by nothing but its time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain import trace
from domain.authorizations.labels import Category, DataPurpose, Outcome, ReaderKind, Reason
from domain.authorizations.readers import Query
from domain.authorizations.tables import AccessRow
from domain.authorizations.verdicts import Verdict
from domain.base import table_of

_ACCESSES = table_of(AccessRow)


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One line of a company's log; `id` is the cursor of what came before it.

    `reader` is the institution's name; empty where a person looked or tried to look, whose openid is in
    `actor` and is not shown to others.
    """

    id: int
    at: datetime
    reader_kind: ReaderKind
    reader: str
    actor: str
    scope: frozenset[Category]
    purpose: DataPurpose
    outcome: Outcome
    reason: Reason | None


async def write(
    session: AsyncSession,
    query: Query,
    verdicts: Mapping[str, Verdict],
    now: datetime,
    corrects: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """A record a company, by its code; their numbers. `corrects` are numbers of the records taken back."""
    before = corrects or {}
    rows = [
        _same_for_all(query, now)
        | {
            "uscc": uscc,
            "outcome": Outcome.REFUSED if verdict.reason else Outcome.GRANTED,
            "reason": verdict.reason,
            "authorization_id": verdict.authorization,
            "corrects": before.get(uscc),
        }
        for uscc, verdict in verdicts.items()
    ]
    # Not the objects: many are written by one statement.
    result = await session.execute(insert(_ACCESSES).returning(_ACCESSES.c.uscc, _ACCESSES.c.id), rows)
    return dict(result.all())


async def write_granted(
    session: AsyncSession, query: Query, allowed: Select[str | None, str], now: datetime
) -> list[tuple[str, str, int]]:
    """A record for each company and authorization that the statement finds, with its number.

    Within the database: of a hundred thousand records none passes through Python before it is written.
    """
    uscc, authorization = allowed.subquery().c
    same = {
        name: literal(value, _ACCESSES.c[name].type) for name, value in _same_for_all(query, now).items()
    } | {"outcome": literal(Outcome.GRANTED.value)}
    names = [*same, "uscc", "authorization_id"]
    statement = insert(_ACCESSES).from_select(names, select(*same.values(), uscc, authorization))
    written = statement.returning(_ACCESSES.c.uscc, _ACCESSES.c.authorization_id, _ACCESSES.c.id)
    return [(row[0], row[1], row[2]) for row in await session.execute(written)]


def _same_for_all(query: Query, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "reader_kind": query.reader.kind.value,
        "reader": query.reader.name,
        "actor": query.reader.actor,
        "scope": query.scope,
        "purpose": query.purpose.value,
        "trace": trace.current(),
    }


async def access_log(
    session: AsyncSession, uscc: str, *, before: int | None = None, size: int = 20
) -> list[AccessEntry]:
    """Who looked at the company's data, newest first; those before `before`, the id of the last one seen."""
    query = select(AccessRow).where(AccessRow.uscc == uscc, AccessRow.corrects.is_(None))
    if before is not None:
        query = query.where(AccessRow.id < before)
    rows = (await session.scalars(query.order_by(AccessRow.id.desc()).limit(size))).all()
    taken_back = await _taken_back(session, [row.id for row in rows])
    return [_entry(row, taken_back.get(row.id, row.reason)) for row in rows]


async def institutions_since(
    session: AsyncSession, usccs: Collection[str], since: datetime
) -> dict[str, datetime]:
    """The institutions that read these companies' data since then, each with its last time, latest first.

    One whose query ended refused has not read them.
    """
    last = func.max(AccessRow.at)
    correction = aliased(AccessRow)
    query = (
        select(AccessRow.reader, last)
        .where(
            AccessRow.uscc.in_(usccs),
            AccessRow.at >= since,
            AccessRow.reader_kind == ReaderKind.INSTITUTION,
            AccessRow.outcome == Outcome.GRANTED,
            ~exists().where(correction.corrects == AccessRow.id),
        )
        .group_by(AccessRow.reader)
        .order_by(last.desc())
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def _taken_back(session: AsyncSession, ids: Sequence[int]) -> dict[int | None, str | None]:
    rows = await session.execute(
        select(AccessRow.corrects, AccessRow.reason).where(AccessRow.corrects.in_(ids))
    )
    return dict(rows.all())


def _entry(row: AccessRow, reason: str | None) -> AccessEntry:
    return AccessEntry(
        id=row.id,
        at=row.at,
        reader_kind=ReaderKind(row.reader_kind),
        reader=row.reader if row.reader_kind == ReaderKind.INSTITUTION else "",
        actor=row.actor,
        scope=row.scope,
        purpose=DataPurpose(row.purpose),
        outcome=Outcome.REFUSED if reason else Outcome.GRANTED,
        reason=Reason(reason) if reason else None,
    )
