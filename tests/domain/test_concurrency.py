"""Several processes on one PostgreSQL: nothing handed out twice, nothing overwritten."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from domain import catalogue, conversations, events, people, products
from domain.conversations import ConversationRow
from domain.database import Database
from domain.errors import StaleConversation
from domain.events import OutboxRow
from domain.exclusive import alone
from domain.people import PersonRow
from domain.products import Product
from tests.domain.databases import on_postgresql, opened

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PROCESSES = 4

pytestmark = on_postgresql


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[list[Database]]:
    """The same database as several processes see it, each with connections of its own."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(opened(database_url)) for _ in range(PROCESSES)]


async def at_once(replicas: list[Database], act: Callable[[Database], Awaitable[None]]) -> list[object]:
    return await asyncio.gather(*(act(replica) for replica in replicas), return_exceptions=True)


async def record(database: Database, count: int) -> None:
    async with database.unit_of_work() as session:
        for number in range(count):
            events.record(session, "counted", {"number": number}, NOW)


async def test_an_event_is_handed_to_one_worker(replicas: list[Database]) -> None:
    await record(replicas[0], 300)
    handed: list[int] = []

    async def work(database: Database) -> None:
        while True:
            async with database.unit_of_work() as session:
                batch = await events.claim(session, 7)
                await asyncio.sleep(0)
                for event in batch:
                    event.handled_at = NOW
                handed.extend(event.payload["number"] for event in batch)
            if not batch:
                return

    await at_once(replicas, work)
    assert Counter(handed) == Counter(range(300))


async def test_what_another_holds_is_passed_over_without_waiting(replicas: list[Database]) -> None:
    await record(replicas[0], 10)
    first, second, *_ = replicas
    async with first.unit_of_work() as session, second.unit_of_work() as other:
        mine = await events.claim(session, 4)
        async with asyncio.timeout(5):
            theirs = await events.claim(other, 10)
    assert [event.payload["number"] for event in mine] == [0, 1, 2, 3]
    assert [event.payload["number"] for event in theirs] == [4, 5, 6, 7, 8, 9]


async def test_what_a_worker_that_died_held_is_free_again(replicas: list[Database]) -> None:
    await record(replicas[0], 5)
    holder = await replicas[0].engine.connect()
    await holder.execute(select(OutboxRow.id).with_for_update())
    raw = await holder.get_raw_connection()
    assert raw.driver_connection is not None
    raw.driver_connection.terminate()
    await holder.invalidate()
    await holder.close()
    async with asyncio.timeout(10):
        while True:
            async with replicas[1].unit_of_work() as session:
                if len(await events.claim(session, 10)) == 5:
                    return
            await asyncio.sleep(0.01)


async def present_version(session: AsyncSession) -> int:
    row = await session.get(ConversationRow, "oZhang")
    return row.version if row else 0


async def test_of_many_turns_on_one_version_one_is_kept(replicas: list[Database]) -> None:
    async def turn(database: Database) -> None:
        async with database.unit_of_work() as session:
            version = await present_version(session)
            loaded.append(version)
            await everybody_loaded.wait()
            await conversations.save(session, "oZhang", version, {"turns": version + 1}, NOW)

    for round_number in range(5):
        loaded: list[int] = []
        everybody_loaded = asyncio.Event()
        turns = asyncio.create_task(at_once(replicas, turn))
        async with asyncio.timeout(10):
            while len(loaded) < PROCESSES:  # noqa: ASYNC110 - they count by themselves
                await asyncio.sleep(0.005)
        everybody_loaded.set()
        lost = [result for result in await turns if result is not None]
        refusal = IntegrityError if round_number == 0 else StaleConversation
        assert [type(result) for result in lost] == [refusal] * (PROCESSES - 1)
        async with replicas[0].reading() as session:
            row = await session.get_one(ConversationRow, "oZhang")
        assert (row.version, row.state) == (round_number + 1, {"turns": round_number + 1})


async def test_of_many_first_messages_one_makes_the_person_known(replicas: list[Database]) -> None:
    """The others are told so by an IntegrityError, with which a turn is taken again."""

    async def first_message(database: Database) -> None:
        for _ in range(2):
            try:
                async with database.unit_of_work() as session:
                    person = await session.get(PersonRow, "oZhang")
                    before = person.last_seen_at if person else None
                    await people.seen(session, "oZhang", NOW, before=before)
                    await asyncio.sleep(0.01)
            except IntegrityError:
                refused.append(database)
            else:
                return

    refused: list[Database] = []
    assert await at_once(replicas, first_message) == [None] * PROCESSES
    assert len(set(refused)) == len(refused), "the second try finds the person"
    async with replicas[0].reading() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1


async def test_the_first_changes_of_a_catalogue_all_count(replicas: list[Database]) -> None:
    async def change(database: Database) -> None:
        async with database.unit_of_work() as session:
            await catalogue.changed(session)
            await asyncio.sleep(0.01)

    assert await at_once(replicas, change) == [None] * PROCESSES
    async with replicas[0].reading() as session:
        assert await catalogue.version(session) == PROCESSES


async def test_alone_is_one_at_a_time_for_one_purpose(replicas: list[Database]) -> None:
    inside: list[str] = []

    async def act(database: Database, purpose: str) -> None:
        async with database.unit_of_work() as session:
            await alone(session, purpose)
            assert purpose not in inside
            inside.append(purpose)
            most.append(len(inside))
            await asyncio.sleep(0.02)
            inside.remove(purpose)

    most: list[int] = []
    await asyncio.gather(
        *(act(database, purpose) for database in replicas for purpose in ("migrate", "seed"))
    )
    assert max(most) == 2, "different purposes do not wait for each other"


async def test_who_fails_alone_lets_the_next_one_in(replicas: list[Database]) -> None:
    async def fail() -> None:
        async with replicas[0].unit_of_work() as session:
            await alone(session, "seed")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with asyncio.timeout(5), replicas[1].unit_of_work() as session:
        await alone(session, "seed")


async def test_the_same_rows_written_in_another_order_wait_and_do_not_fail(replicas: list[Database]) -> None:
    """Row locks taken crosswise would be a deadlock, which PostgreSQL ends by failing one of the writers."""
    offers = [Product(code=f"A-{number}", name="设备贷", institution="苏州银行") for number in range(2000)]

    async def write(database: Database) -> None:
        backwards = replicas.index(database) % 2 == 1
        async with database.unit_of_work() as session:
            await products.save_all(session, offers[::-1] if backwards else offers, NOW)

    assert await at_once(replicas, write) == [None] * PROCESSES
    async with replicas[0].reading() as session:
        assert len(await products.all_products(session)) == len(offers)
