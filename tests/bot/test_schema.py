"""Migrations: up is the schema of the code, down leaves nothing behind, and rows live through both."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Connection, MetaData, Table, inspect, select, text
from structlog.testing import capture_logs

from bot import schema
from domain import gated
from domain.database import Database
from tests.domain.databases import opened

Result = TypeVar("Result")

ROWS = 3
# JSON of another form than an object.
LISTS = {"guarantee", "collateral", "institutions", "notices"}
ONE_CHARACTER = [chr(ord("一") + number) for number in range(100)]
NOT_OURS = {"alembic_version", "sqlite_sequence"}


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[Database]:
    async with opened(empty_database_url) as database:
        yield database


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def revisions(database: Database) -> list[str]:
    """All of them, the first first."""
    async with database.engine.connect() as connection:
        config = await connection.run_sync(schema.alembic_config)
    walk = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in walk][::-1]


async def test_up_down_and_up_again(empty: Database) -> None:
    for _ in range(2):
        await schema.migrate(empty)
        assert await schema.differences(empty) == []
        assert schema.METADATA.tables.keys() <= await tables(empty)
        await schema.downgrade(empty, "base")
        assert await tables(empty) <= NOT_OURS


async def test_each_step_down_and_up_again_keeps_what_it_can(empty: Database) -> None:
    """Rows are put into every table at every revision; only what a step down has no place for may be lost."""
    for revision in await revisions(empty):
        before = await contents(empty)
        await schema.migrate(empty, revision)
        assert_no_row_lost(before, await contents(empty))
        await fill(empty)
        full = await contents(empty)
        await schema.downgrade(empty, "-1")
        lower = await contents(empty)
        assert_no_row_lost(full, lower)
        await schema.migrate(empty, revision)
        assert_kept(full, await contents(empty), where=lower)
    assert await schema.differences(empty) == []


async def test_what_is_up_to_date_stays_as_it_is(empty: Database) -> None:
    await schema.migrate(empty)
    await fill(empty)
    full = await contents(empty)
    await schema.migrate(empty)
    assert await contents(empty) == full


async def test_a_missing_column_is_noticed(empty: Database) -> None:
    await schema.migrate(empty)
    async with empty.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE people DROP COLUMN scene"))
    assert "scene" in str(await schema.differences(empty))


Contents = dict[str, dict[str, list[Any]]]


async def contents(database: Database) -> Contents:
    """By table and column the values, in the order of the primary key."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_every_table, _contents)


def _every_table(connection: Connection, step: Callable[[Connection], Result]) -> Result:
    """Those with credit data too, past the gate: here it is about tables, not about companies."""
    with gated.opened(connection):
        return step(connection)


def _contents(connection: Connection) -> Contents:
    found: Contents = {}
    for table in _reflected(connection):
        rows = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
        found[table.name] = {column.name: [row[column.name] for row in rows] for column in table.columns}
    return found


def assert_no_row_lost(before: Contents, after: Contents) -> None:
    for name in before.keys() & after.keys():
        for column in before[name].keys() & after[name].keys():
            assert len(after[name][column]) == len(before[name][column]), f"{name}.{column}"


def assert_kept(before: Contents, after: Contents, *, where: Contents) -> None:
    """The same values in the tables and columns that were there in between."""
    for name in before.keys() & where.keys():
        for column in before[name].keys() & where[name].keys():
            assert after[name][column] == before[name][column], f"{name}.{column}"


async def fill(database: Database) -> None:
    """Some rows more in every table, with something in every column."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_every_table, _fill)


def _fill(connection: Connection) -> None:
    for table in _reflected(connection):
        held = len(connection.execute(select(table)).all())
        for number in range(held + 1, held + 1 + ROWS):
            row = {column.name: _value(column, number) for column in table.columns}
            connection.execute(table.insert().values(row))


def _reflected(connection: Connection) -> list[Table]:
    """Ours, each behind those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in NOT_OURS]


def _value(column: Column[Any], number: int) -> Any:
    """Different for each number: keys are unique, and a key refers to the row of the same number."""
    if column.name in LISTS and isinstance(column.type, JSON):
        return [ONE_CHARACTER[number]]
    if isinstance(column.type, JSON):
        return {"数": number}
    kind = column.type.python_type
    values: dict[type, Any] = {
        str: ONE_CHARACTER[number],
        int: number,
        float: number / 2,
        bool: number % 2 == 0,
        bytes: bytes([number]),
        date: date(2026, 11, 23) + timedelta(days=number),
        datetime: datetime(2026, 11, 23, 4, tzinfo=UTC) + timedelta(minutes=number),
        Decimal: Decimal(number),
    }
    return values[kind]


async def test_a_start_says_what_it_changed_and_nothing_else(empty: Database) -> None:
    with capture_logs() as logs:
        await schema.migrate(empty)
        await schema.migrate(empty)
    (line,) = logs
    assert (line["event"], line["before"]) == ("schema_migrated", None)
