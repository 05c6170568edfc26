"""Which companies' data are new since they were scored: a mark each, without any of the data."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import ColumnElement, Index, String, bindparam, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime, table_of
from domain.bulk import upsert

_CHANGED = text("changed_at IS NOT NULL")


class ScoreMarkRow(Row):
    """`changed_at`: something new that was not looked at yet. `scored_for`: the last day it was scored.

    `checksum` is that of the scorecard which was used.
    """

    __tablename__ = "credit_score_marks"
    __table_args__ = (
        # Small however many companies: it holds what waits, and nothing else.
        Index(
            "ix_credit_score_marks_changed",
            "changed_at",
            postgresql_where=_CHANGED,
            sqlite_where=_CHANGED,
        ),
    )

    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scored_for: Mapped[date | None]
    checksum: Mapped[str | None] = mapped_column(String(64))


_MARKS = table_of(ScoreMarkRow)


async def changed(session: AsyncSession, usccs: Collection[str], now: datetime) -> None:
    """Something that a score is made of is new: credit data, an objection, an authorization."""
    rows = [
        {"uscc": uscc, "changed_at": now, "scored_for": None, "checksum": None} for uscc in sorted(set(usccs))
    ]
    await upsert(session, ScoreMarkRow, rows, update=["changed_at"])


async def waiting(session: AsyncSession, limit: int) -> dict[str, datetime]:
    """The companies whose data changed, those that wait longest first, each with the time of its mark."""
    query = (
        select(ScoreMarkRow.uscc, ScoreMarkRow.changed_at)
        .where(ScoreMarkRow.changed_at.is_not(None))
        .order_by(ScoreMarkRow.changed_at)
        .limit(limit)
    )
    return {uscc: at for uscc, at in (await session.execute(query)) if at is not None}


async def scored(
    session: AsyncSession, before: Mapping[str, datetime | None], day: date, checksum: str
) -> None:
    """The companies were scored; a mark that is not the one of `before` any more stays."""
    if not before:
        return
    rows = [
        {"uscc": uscc, "changed_at": None, "scored_for": day, "checksum": checksum} for uscc in sorted(before)
    ]
    await upsert(session, ScoreMarkRow, rows, update=["scored_for", "checksum"])
    await looked_at(session, before)


async def looked_at(session: AsyncSession, before: Mapping[str, datetime | None]) -> None:
    """Take away the marks that are still those of `before`: what changed meanwhile waits for its turn."""
    marked = [{"of": uscc, "was": at} for uscc, at in sorted(before.items()) if at is not None]
    if marked:
        statement = (
            update(_MARKS)
            .where(_MARKS.c.uscc == bindparam("of"), _MARKS.c.changed_at == bindparam("was"))
            .values(changed_at=None)
        )
        await session.run_sync(lambda sync: sync.connection().execute(statement, marked))


def due(since: date, checksum: str) -> ColumnElement[bool]:
    """Of companies joined with their marks: not scored since then with that scorecard and present data."""
    return or_(
        ScoreMarkRow.scored_for.is_(None),
        ScoreMarkRow.scored_for < since,
        ScoreMarkRow.checksum.is_distinct_from(checksum),
        ScoreMarkRow.changed_at.is_not(None),
    )
