"""Several senders on one PostgreSQL: each delivery claimed once, in order, and no receipt missed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from domain.base import utcnow
from domain.database import Database
from notify import deliveries
from notify.deliveries import Channel, DeliveryRow, DeliveryState
from notify.sender import Sender
from tests.bot.front import Front
from tests.domain.databases import on_postgresql, opened

SENDERS = 4
HOLD = timedelta(seconds=60)

pytestmark = on_postgresql


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[list[Database]]:
    """The same database as several processes see it, each with connections of its own."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(opened(database_url)) for _ in range(SENDERS)]


async def queue(database: Database, openid: str, subject: str) -> int:
    async with database.unit_of_work() as session:
        await deliveries.queue(
            session,
            notice="reply",
            openid=openid,
            subject=subject,
            channel=Channel.CUSTOMER_MESSAGE,
            content={"text": subject},
            not_before=utcnow(),
            now=utcnow(),
        )
    async with database.reading() as session:
        (newest,) = await deliveries.page(
            session, openid=openid, notice=None, state=None, before=None, size=1
        )
        return newest.id


async def claim(database: Database, limit: int) -> list[int]:
    async with database.unit_of_work() as session:
        claimed = await deliveries.claim(session, utcnow(), limit=limit, hold=HOLD)
        await asyncio.sleep(0)
        return [row.id for row in claimed]


async def test_a_delivery_is_claimed_once(replicas: list[Database]) -> None:
    queued = [await queue(replicas[0], f"o{number}", str(number)) for number in range(120)]
    claimed: list[int] = []

    async def work(database: Database) -> None:
        while batch := await claim(database, 7):
            claimed.extend(batch)

    await asyncio.gather(*(work(database) for database in replicas))
    assert Counter(claimed) == Counter(queued)


async def test_the_second_message_does_not_overtake_the_first_while_it_is_being_claimed(
    replicas: list[Database],
) -> None:
    first = await queue(replicas[0], "oZhang", "1")
    await queue(replicas[0], "oZhang", "2")
    async with replicas[0].unit_of_work() as session:
        (held,) = await deliveries.claim(session, utcnow(), limit=1, hold=HOLD)
        other = asyncio.create_task(claim(replicas[1], 10))
        await asyncio.wait({other}, timeout=0.2)
    assert held.id == first
    assert await other == [], "it waits behind the first"


async def test_a_receipt_that_comes_while_the_sending_is_written_down_is_not_missed(
    world: Front, replicas: list[Database]
) -> None:
    """Whichever of the two commits first, the delivery ends as delivered."""
    sender = Sender(replicas[0], world.messenger)
    ids = [await queue(world.database, "oZhang", str(number)) for number in range(30)]

    async def take_receipt(msg_id: str) -> None:
        async with replicas[1].unit_of_work() as session:
            await deliveries.take_receipt(session, msg_id, "success", utcnow(), openid="oZhang")

    for delivery in ids:
        await asyncio.gather(sender._record_sent(delivery, str(delivery)), take_receipt(str(delivery)))
    async with world.database.reading() as session:
        states = {(await session.get_one(DeliveryRow, delivery)).state for delivery in ids}
    assert states == {DeliveryState.DELIVERED}


async def test_one_receipt_to_two_replicas_at_once(replicas: list[Database]) -> None:
    async def take_receipt(database: Database) -> None:
        async with database.unit_of_work() as session:
            await deliveries.take_receipt(session, "900", "success", utcnow(), openid="oZhang")

    results = await asyncio.gather(*map(take_receipt, replicas), return_exceptions=True)
    assert results == [None] * SENDERS
