"""What was claimed is sent only while the claim holds; of each person and channel one letter at a time."""

import asyncio
from datetime import timedelta

from sqlalchemy import update

from bot.sandbox.people import Kind
from domain.base import utcnow
from domain.database import Database
from notify import deliveries
from notify.deliveries import DeliveryRow, DeliveryState
from notify.sender import Sender
from tests.bot.front import Front
from tests.notify.letters import CARD, only, queue, rows

HOLD = timedelta(minutes=1)


async def claim(database: Database) -> list[DeliveryRow]:
    async with database.unit_of_work() as session:
        return await deliveries.claim(session, utcnow(), limit=10, hold=HOLD)


async def run_out(world: Front) -> None:
    """As if the claims were over."""
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(claimed_until=utcnow() - timedelta(seconds=1)))


async def test_who_left_since_the_claim_gets_nothing(world: Front, sender: Sender) -> None:
    await queue(world, CARD)
    (claimed,) = await claim(world.database)
    async with world.database.unit_of_work() as session:
        await deliveries.skip_queued(session, world.openid)
    await sender._send_and_record(claimed)
    row = await only(world)
    assert (row.state, row.attempts, row.sent_at) == (DeliveryState.SKIPPED, 0, None)
    assert world.received(Kind.TEMPLATE) == []


async def test_what_another_sender_took_over_is_left_to_it(world: Front, sender: Sender) -> None:
    await world.fake.say(world.openid, "你好")
    await queue(world, {"text": "晚到的回答"})
    (stale,) = await claim(world.database)
    await run_out(world)
    (fresh,) = await claim(world.database)
    await asyncio.gather(sender._send_and_record(stale), sender._send_and_record(fresh))
    await sender._send_and_record(stale)
    row = await only(world)
    assert (row.state, row.attempts) == (DeliveryState.SENT, 1)
    assert world.received(Kind.TEXT).count("晚到的回答") == 1


async def test_a_letter_is_claimed_when_the_one_before_it_is_done(world: Front, sender: Sender) -> None:
    for place in range(3):
        await queue(world, CARD, subject=str(place))
        await queue(world, {"text": str(place)}, subject=f"text {place}")
    first = await claim(world.database)
    assert [row.subject for row in first] == ["0", "text 0"]
    assert await claim(world.database) == []
    for row in first:
        await sender._send_and_record(row)
    assert [row.subject for row in await claim(world.database)] == ["1", "text 1"]


async def test_a_notice_that_waits_for_the_morning_holds_up_no_other(world: Front) -> None:
    await queue(world, CARD, subject="tomorrow")
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(not_before=utcnow() + timedelta(hours=9)))
    await queue(world, CARD, subject="now")
    assert [row.subject for row in await claim(world.database)] == ["now"]
    assert {row.state for row in await rows(world)} == {DeliveryState.QUEUED}
