"""Statements that run for every message, compiled once and given to SQLite's driver as they are.

SQLAlchemy takes some 80 µs to lead a statement through its session, its compiler's cache and its results,
several times what SQLite takes for one row. What it knows of tables and types is used all the same: the text
of the statement and the conversion of each value are its own. On PostgreSQL, where a statement is a round
trip, it goes through the session like any other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from sqlite3 import Connection, Cursor
from sqlite3 import Error as DriverError
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from domain import sqlite

_DIALECT = sqlite.InlineSQLiteDialect(paramstyle="qmark")
_Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for the driver, its parameters in order, and how values become the driver's and ours again."""

    text: str
    parameters: tuple[tuple[str, _Convert], ...]
    columns: tuple[_Convert, ...]


class Prepared:
    """One statement; `columns` are those that it writes, all of the table where none are named."""

    def __init__(
        self, statement: Select[Any] | Insert | Update, *, columns: Sequence[str] | None = None
    ) -> None:
        self._statement = statement
        self._columns = columns

    async def row(self, session: AsyncSession, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The one row of a query that always has one."""
        if (driver := sqlite.driver_of(session)) is None:
            return tuple((await session.execute(self._statement, values)).one())
        found = self._run(driver, values).fetchone()
        return tuple(convert(value) for convert, value in zip(self._compiled.columns, found, strict=True))

    async def write(self, session: AsyncSession, values: Mapping[str, Any]) -> int:
        """How many rows it wrote."""
        if (driver := sqlite.driver_of(session)) is None:
            result = await session.execute(self._statement, values)
            return cast("CursorResult[Any]", result).rowcount
        return self._run(driver, values).rowcount

    def _run(self, driver: Connection, values: Mapping[str, Any]) -> Cursor:
        compiled = self._compiled
        given = [convert(values[name]) for name, convert in compiled.parameters]
        try:
            return driver.execute(compiled.text, given)
        except DriverError as error:
            # As SQLAlchemy raises it: by its own name, and without the values.
            raise DBAPIError.instance(
                compiled.text, None, error, DriverError, hide_parameters=True, dialect=_DIALECT
            ) from error

    @cached_property
    def _compiled(self) -> _Compiled:
        compiled = self._statement.compile(dialect=_DIALECT, column_keys=self._columns)
        columns = self._statement.selected_columns if isinstance(self._statement, Select) else ()
        return _Compiled(
            str(compiled),
            tuple((name, _to_driver(compiled.binds[name].type)) for name in compiled.positiontup or ()),
            tuple(_from_driver(column.type) for column in columns),
        )


def _as_it_is(value: Any) -> Any:
    return value


def _to_driver(kind: TypeEngine[Any]) -> _Convert:
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT) or _as_it_is


def _from_driver(kind: TypeEngine[Any]) -> _Convert:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None) or _as_it_is
