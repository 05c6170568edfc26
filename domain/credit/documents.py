"""The documents of latest values, put together from the history within the database: no value is read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, delete, exists, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import Json, UtcDateTime, table_of
from domain.bulk import upsert
from domain.credit import marks
from domain.credit.tables import CreditDocumentRow, CreditObjectionRow, CreditValueRow

_KEY = ["uscc", "category"]
_COLUMNS = ["uscc", "category", "figures", "disputed", "stale", "updated_at"]
# Bare, as in the index: each database knows it again only so.
_STALE = CreditDocumentRow.stale


async def mark(session: AsyncSession, places: Iterable[tuple[str, str]], now: datetime) -> None:
    """These documents, by company and category, are to be put together anew; they need not exist."""
    wanted = sorted(set(places))
    rows = [
        {
            "uscc": uscc,
            "category": category,
            "figures": "{}",
            "disputed": [],
            "stale": True,
            "updated_at": now,
        }
        for uscc, category in wanted
    ]
    await upsert(session, CreditDocumentRow, rows, update=["stale"])
    await marks.changed(session, [uscc for uscc, _ in wanted], now)


async def mark_some(session: AsyncSession, due: ColumnElement[bool], limit: int, now: datetime) -> None:
    """Those of some `limit` rows of the history, which made no difference to a score for long."""
    some = select(CreditValueRow.uscc, CreditValueRow.category).where(due).limit(limit).subquery()
    concerned = select(
        some.c.uscc,
        some.c.category,
        literal("{}"),
        literal([], Json),
        literal(value=True),
        literal(now, UtcDateTime),
        # SQLite takes the ON of an upsert for that of a join where no WHERE stands between.
    ).where(some.c.uscc != "")
    statement = _insert(session).from_select(_COLUMNS, concerned.distinct())
    await session.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_={"stale": statement.excluded["stale"]})
    )


def is_marked() -> ColumnElement[bool]:
    """Of a row of the history: its document is to be put together anew."""
    return exists().where(
        CreditDocumentRow.uscc == CreditValueRow.uscc,
        CreditDocumentRow.category == CreditValueRow.category,
        _STALE,
    )


async def put_together(session: AsyncSession, now: datetime) -> None:
    """Write the marked documents from the current values; those of which nothing is left go."""
    is_sqlite = _is_sqlite(session)
    statement = _insert(session).from_select(_COLUMNS, _documents(now, is_sqlite=is_sqlite))
    new = {name: statement.excluded[name] for name in _COLUMNS if name not in _KEY}
    await session.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=new))
    await session.execute(delete(table_of(CreditDocumentRow)).where(_STALE))


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _insert(session: AsyncSession) -> sqlite.Insert | postgresql.Insert:
    table = table_of(CreditDocumentRow)
    return sqlite.insert(table) if _is_sqlite(session) else postgresql.insert(table)


def _documents(now: datetime, *, is_sqlite: bool) -> Select[Any]:
    latest = _latest().subquery()
    if is_sqlite:
        figures: ColumnElement[Any] = func.json_group_object(latest.c.indicator, func.json(latest.c.value))
        disputed: ColumnElement[Any] = func.json_group_array(latest.c.indicator).filter(latest.c.disputed)
    else:
        figures = cast(func.jsonb_object_agg(latest.c.indicator, latest.c.value), Text)
        named = func.jsonb_agg(latest.c.indicator).filter(latest.c.disputed)
        disputed = func.coalesce(named, literal([], Json))
    return (
        select(
            latest.c.uscc,
            latest.c.category,
            figures,
            disputed,
            literal(value=False),
            literal(now, UtcDateTime),
        )
        .where(latest.c.place == 1)
        .group_by(latest.c.uscc, latest.c.category)
    )


def _latest() -> Select[Any]:
    """The current values of the marked documents, the newest of each indicator on place 1."""
    place = func.row_number().over(
        partition_by=(CreditValueRow.uscc, CreditValueRow.indicator),
        order_by=(CreditValueRow.as_of.desc(), CreditValueRow.id.desc()),
    )
    disputed = exists().where(
        CreditObjectionRow.value_id == CreditValueRow.id, CreditObjectionRow.closed_at.is_(None)
    )
    values = CreditValueRow.uscc, CreditValueRow.category, CreditValueRow.indicator, CreditValueRow.value
    same = (CreditDocumentRow.uscc == CreditValueRow.uscc) & (
        CreditDocumentRow.category == CreditValueRow.category
    )
    return (
        select(*values, disputed.label("disputed"), place.label("place"))
        .select_from(CreditDocumentRow)
        .join(CreditValueRow, same)
        .where(_STALE, CreditValueRow.superseded_at.is_(None))
    )
