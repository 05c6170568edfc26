"""Compare and set: of two turns that saw the same state only one is written."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from domain import conversations, inbox
from domain.database import Database
from domain.errors import StaleConversation

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


async def save(database: Database, seen: int, state: dict[str, object]) -> None:
    async with database.unit_of_work() as session:
        await conversations.save(session, "oZhang", seen, state, NOW)


async def load(database: Database) -> tuple[int, dict[str, object]]:
    async with database.reading() as session:
        arrival = await inbox.arrive(session, "msg:1", "oZhang")
    return arrival.version, arrival.state


async def test_versions_count_up_from_nothing(database: Database) -> None:
    assert await load(database) == (0, {})
    for version in range(3):
        await save(database, version, {"turn": version})
        assert await load(database) == (version + 1, {"turn": version})


@pytest.mark.parametrize("seen", [0, 1, 3])
async def test_another_version_than_the_present_is_refused(database: Database, seen: int) -> None:
    await save(database, 0, {"turn": 0})
    await save(database, 1, {"turn": 1})
    with pytest.raises((StaleConversation, IntegrityError)):
        await save(database, seen, {"turn": "lost"})
    assert await load(database) == (2, {"turn": 1})


async def test_of_two_turns_at_once_one_wins(database: Database) -> None:
    await save(database, 0, {})
    # Two processes: each with its own engine, both having loaded version 1.
    other = Database(str(database.engine.url))
    try:
        results = await asyncio.gather(
            save(database, 1, {"by": "one"}), save(other, 1, {"by": "two"}), return_exceptions=True
        )
    finally:
        await other.aclose()
    assert sorted(type(result) for result in results if result) == [StaleConversation]
    winner = "one" if results[0] is None else "two"
    assert await load(database) == (2, {"by": winner})


async def test_of_two_first_messages_one_wins(database: Database) -> None:
    results = await asyncio.gather(
        save(database, 0, {"by": "one"}), save(database, 0, {"by": "two"}), return_exceptions=True
    )
    assert [type(result) for result in results if result] == [IntegrityError]
    winner = "one" if results[0] is None else "two"
    assert await load(database) == (1, {"by": winner})
