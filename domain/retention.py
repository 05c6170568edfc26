"""Deleting what is over and whose time is up, in portions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from domain.base import Row, table_of
from domain.bulk import look_up_by_keys
from domain.exclusive import alone


class Chore(Protocol):
    """What is done in portions, once a round."""

    @property
    def name(self) -> str: ...

    async def portion(self, session: AsyncSession, now: datetime, limit: int) -> int:
        """Delete about `limit` rows whose time is up; how many there were, fewer if no more are left."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `table` go when `since` is `kept` ago; `over` says which of them are over at all.

    A row whose `since` is empty stays. An index must begin with `since`, or with what `over` asks for and
    `since` behind it.
    """

    table: type[Row]
    since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    kept: timedelta
    over: tuple[ColumnElement[bool], ...] = ()

    @property
    def name(self) -> str:
        return table_of(self.table).name

    async def portion(self, session: AsyncSession, now: datetime, limit: int) -> int:
        return await prune(session, self, now, limit=limit)


async def prune(session: AsyncSession, rule: Rule, now: datetime, *, limit: int) -> int:
    """Delete at most `limit` rows whose time is up; how many there were.

    One process does it at a time: two would wait for each other's rows, and find them gone.
    """
    await alone(session, "retention")
    await look_up_by_keys(session)
    result = await session.execute(statement(rule, now, limit))
    return cast("CursorResult[tuple[()]]", result).rowcount


def statement(rule: Rule, now: datetime, limit: int) -> Delete:
    """By way of the keys: PostgreSQL's DELETE has no limit of its own."""
    columns = list(table_of(rule.table).primary_key)
    key = columns[0] if len(columns) == 1 else tuple_(*columns)
    due = select(*columns).where(*rule.over, rule.since < now - rule.kept).limit(limit)
    return delete(rule.table).where(key.in_(due)).execution_options(synchronize_session=False)
