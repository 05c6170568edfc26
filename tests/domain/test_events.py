"""The outbox: an event takes effect with its transaction and is handed out until it is handled."""

from datetime import UTC, datetime

import pytest

from domain import events
from domain.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


async def record(database: Database, *names: str) -> None:
    async with database.unit_of_work() as session:
        for name in names:
            events.record(session, name, {"of": name}, NOW)


async def handle(database: Database, limit: int) -> list[str]:
    async with database.unit_of_work() as session:
        batch = await events.claim(session, limit)
        for row in batch:
            row.handled_at = NOW
        return [row.name for row in batch]


async def test_oldest_first_each_once(database: Database) -> None:
    await record(database, "a", "b", "c", "d", "e")
    assert await handle(database, 2) == ["a", "b"]
    assert await handle(database, 2) == ["c", "d"]
    assert await handle(database, 2) == ["e"]
    assert await handle(database, 2) == []


async def test_what_failed_is_handed_out_again(database: Database) -> None:
    await record(database, "a", "b")

    async def fail() -> None:
        async with database.unit_of_work() as session:
            for row in await events.claim(session, 10):
                row.handled_at = NOW
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await handle(database, 10) == ["a", "b"]


async def test_what_was_not_committed_did_not_happen(database: Database) -> None:
    async def fail() -> None:
        async with database.unit_of_work() as session:
            events.record(session, "a", {}, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await handle(database, 10) == []
