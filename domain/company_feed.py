"""Which companies changed since one last looked, for whoever keeps a copy of what is known about them.

The database itself notes every company whose facts change (triggers, written in migration 0022), in the
transaction that changes them: an import, a registration, a new score, a statement typed by hand. One row a
company, with the version of its latest change; a row without a company is one that was deleted.

On SQLite, with its one writer, versions are numbers in the order of the commits. On PostgreSQL transactions
end in another order than they begin, and whoever remembered the highest number would miss those that ended
later: there a version is the transaction's own id, and a position the snapshot of the one who looked, which
says of each transaction whether he saw it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from typing import cast as typing_cast

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    CursorResult,
    Index,
    String,
    Text,
    TextClause,
    cast,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row
from domain.companies import CompanyRow

_WAITING = text("before IS NOT NULL")
# Nothing is NULL in the database, which a trigger writes, and not the `null` of JSON.
JsonOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class CompanyChangeRow(Row):
    """The latest change of a company's facts; written by triggers.

    `before` has the facts as they were until somebody looked at what the changes opened up: only of
    companies for which somebody acts, and without a score that the company has no more.
    """

    __tablename__ = "company_changes"
    __table_args__ = (
        Index("ix_company_changes_waiting", "uscc", postgresql_where=_WAITING, sqlite_where=_WAITING),
    )

    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)


class Stored(NamedTuple):
    """A company's facts as JSON text, which nobody need read in the event loop; None: it was deleted."""

    uscc: str
    facts: str | None


class Changed(NamedTuple):
    """A company's facts before it changed and as they are since `version`."""

    uscc: str
    version: int
    before: dict[str, Any]
    now: dict[str, Any]


_FACTS = cast(CompanyRow.facts, Text)
_SQLITE_POSITION = select(func.coalesce(func.max(CompanyChangeRow.version), 0))
_POSTGRESQL_POSITION = select(cast(text("pg_current_snapshot()"), Text))
_UNSEEN = """
    NOT pg_visible_in_snapshot(
        CAST(CAST(company_changes.version AS text) AS xid8), CAST(CAST(:seen AS text) AS pg_snapshot)
    )
"""


async def position(session: AsyncSession) -> str:
    """Up to where the changes can be seen now; what `changed` goes on from."""
    query = _SQLITE_POSITION if _on_sqlite(session) else _POSTGRESQL_POSITION
    return str((await session.execute(query)).scalar_one())


async def everything(session: AsyncSession, after: str, limit: int) -> Sequence[Stored]:
    """The next `limit` companies by uscc.

    Who has taken a `position` before the first page may read the pages in transactions of their own: what
    changes meanwhile is found again from that position.
    """
    query = select(CompanyRow.uscc, _FACTS).where(CompanyRow.uscc > after)
    rows = await session.execute(query.order_by(CompanyRow.uscc).limit(limit))
    return [Stored(uscc, facts) for uscc, facts in rows]


async def changed(
    session: AsyncSession, since: str, until: str, *, after: str, limit: int
) -> Sequence[Stored]:
    """The next `limit` companies by uscc that changed between two positions, as they are now."""
    which = _numbered(since) if _on_sqlite(session) else _unseen(since, until)
    query = (
        select(CompanyChangeRow.uscc, _FACTS)
        .outerjoin(CompanyRow, CompanyRow.uscc == CompanyChangeRow.uscc)
        .where(CompanyChangeRow.uscc > after, *which)
        .order_by(CompanyChangeRow.uscc)
        .limit(limit)
    )
    return [Stored(uscc, facts) for uscc, facts in await session.execute(query)]


async def waiting(session: AsyncSession, limit: int) -> Sequence[Changed]:
    """Companies of which nobody looked yet at what their changes opened up."""
    query = (
        select(CompanyChangeRow.uscc, CompanyChangeRow.version, CompanyChangeRow.before, CompanyRow.facts)
        .join(CompanyRow, CompanyRow.uscc == CompanyChangeRow.uscc)
        .where(CompanyChangeRow.before.is_not(None))
        .order_by(CompanyChangeRow.uscc)
        .limit(limit)
    )
    return [Changed(*row) for row in await session.execute(query)]


async def looked_at(session: AsyncSession, changed: Changed) -> bool:
    """Whether this caller is the one who looked, and nothing has changed since; else it waits on."""
    done = (
        update(CompanyChangeRow)
        .where(CompanyChangeRow.uscc == changed.uscc, CompanyChangeRow.version == changed.version)
        .where(CompanyChangeRow.before.is_not(None))
        .values(before=None)
        .execution_options(synchronize_session=False)
    )
    result = typing_cast("CursorResult[tuple[()]]", await session.execute(done))
    return result.rowcount == 1


def _on_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _numbered(since: str) -> tuple[ColumnElement[bool], ...]:
    return (CompanyChangeRow.version > int(since),)


def _unseen(since: str, until: str) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """Not seen from the one snapshot, and begun before the other.

    The lower bound is for the index. The upper one leaves aside ids of another server's history: in a copy
    of a database they may lie in the future, and would be found anew at every look.
    """
    oldest_running, _, _ = since.split(":")
    _, next_to_begin, _ = until.split(":")
    return (
        CompanyChangeRow.version >= int(oldest_running),
        CompanyChangeRow.version < int(next_to_begin),
        text(_UNSEEN).bindparams(seen=since),
    )
