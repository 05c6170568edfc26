"""Migrations: up on an empty database is the schema of the code, down leaves nothing behind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from bot import schema
from domain.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'rongqiao.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def empty(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.aclose()


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_up_down_and_up_again(empty: Database) -> None:
    for _ in range(2):
        await schema.migrate(empty)
        assert await schema.differences(empty) == []
        assert schema.METADATA.tables.keys() <= await tables(empty)
        await schema.downgrade(empty, "base")
        assert await tables(empty) <= {"alembic_version", "sqlite_sequence"}


async def test_what_is_up_to_date_stays_as_it_is(empty: Database) -> None:
    await schema.migrate(empty)
    async with empty.unit_of_work() as session:
        await session.execute(text("INSERT INTO catalogue_state VALUES (1, 7)"))
    await schema.migrate(empty)
    async with empty.reading() as session:
        assert (await session.execute(text("SELECT version FROM catalogue_state"))).scalar_one() == 7


async def test_a_missing_column_is_noticed(empty: Database) -> None:
    await schema.migrate(empty)
    async with empty.unit_of_work() as session:
        await session.execute(text("ALTER TABLE people DROP COLUMN scene"))
    assert "scene" in str(await schema.differences(empty))
