"""The id of what is being done."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import select

from domain import events, trace
from domain.database import Database
from domain.events import OutboxRow

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_ids_are_random_and_fit_their_column() -> None:
    made = {trace.new() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {trace.LENGTH}


def test_the_id_is_bound_as_long_as_the_block_and_may_be_none() -> None:
    assert trace.current() is None
    with trace.bound("a"):
        with trace.bound(None):
            assert trace.current() is None
        assert trace.current() == "a"
    assert trace.current() is None


async def test_tasks_keep_the_id_under_which_they_began() -> None:
    gate = asyncio.Event()

    async def later() -> str | None:
        await gate.wait()
        return trace.current()

    tasks = []
    for name in ("a", "b"):
        with trace.bound(name):
            tasks.append(asyncio.create_task(later()))
    gate.set()
    assert await asyncio.gather(*tasks) == ["a", "b"]


async def test_an_event_carries_the_id_of_what_caused_it(database: Database) -> None:
    async with database.unit_of_work() as session:
        with trace.bound("a" * trace.LENGTH):
            events.record(session, "request.published", {}, NOW)
        events.record(session, "request.published", {}, NOW)
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow.trace).order_by(OutboxRow.id))
        assert list(rows) == ["a" * trace.LENGTH, None]
