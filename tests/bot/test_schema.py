"""Migrations: up on an empty database is the schema of the code, down leaves nothing behind."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot import schema
from domain.database import Database


@pytest.fixture
async def empty(tmp_path: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{tmp_path / 'rongqiao.db'}")


async def tables(database: Database) -> set[str]:
    async with database.reading() as session:
        return set(await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))


async def test_up_down_and_up_again(empty: Database) -> None:
    for _ in range(2):
        await schema.migrate(empty)
        assert await schema.differences(empty) == []
        assert schema.METADATA.tables.keys() <= await tables(empty)
        await schema.downgrade(empty, "base")
        assert await tables(empty) <= {"alembic_version", "sqlite_sequence"}
    await empty.aclose()


async def test_what_is_up_to_date_stays_as_it_is(empty: Database) -> None:
    await schema.migrate(empty)
    async with empty.unit_of_work() as session:
        await session.execute(text("INSERT INTO catalogue_state VALUES (1, 7)"))
    await schema.migrate(empty)
    async with empty.reading() as session:
        assert (await session.execute(text("SELECT version FROM catalogue_state"))).scalar_one() == 7
    await empty.aclose()


async def test_a_missing_column_is_noticed(empty: Database) -> None:
    await schema.migrate(empty)
    async with empty.unit_of_work() as session:
        await session.execute(text("ALTER TABLE people DROP COLUMN scene"))
    assert "scene" in str(await schema.differences(empty))
    await empty.aclose()
