"""The sender before a WeChat that has bad days: nothing doubled, nothing lost without a word."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.sandbox.people import Kind
from domain.base import utcnow
from domain.people import PersonRow
from notify import deliveries
from notify.deliveries import DeliveryRow, DeliveryState, TemplateReceiptRow
from notify.sender import Sender
from tests.bot.front import Front
from tests.notify.letters import CARD, TEMPLATE_PATH, TEXT_PATH, let_time_pass, only, queue, rows


async def test_sent_and_confirmed(world: Front, sender: Sender) -> None:
    await queue(world, CARD)
    assert await sender.run_once() == 1
    await world.fake.settle()
    row = await only(world)
    assert (row.state, row.reason, row.attempts) == (DeliveryState.DELIVERED, None, 1)
    assert row.sent_at is not None
    assert world.received(Kind.TEMPLATE) == ["融资需求进度通知"]
    assert await sender.run_once() == 0
    assert world.fake.violations == []


async def test_a_receipt_that_comes_twice_counts_once(world: Front, sender: Sender) -> None:
    world.fake.faults.receipts_twice = True
    await queue(world, CARD)
    await sender.run_once()
    await world.fake.settle()
    assert (await only(world)).state == DeliveryState.DELIVERED
    assert world.fake.violations == []


async def test_without_a_receipt_it_stays_sent(world: Front, sender: Sender) -> None:
    world.fake.faults.receipts_lost = True
    await queue(world, CARD)
    await sender.run_once()
    await world.fake.settle()
    row = await only(world)
    assert row.state == DeliveryState.SENT
    async with world.database.unit_of_work() as session:
        await deliveries.take_receipt(session, "unknown", "success", utcnow(), openid=world.openid)
        await deliveries.take_receipt(
            session, str(row.wechat_msg_id), "failed: system failed", utcnow(), openid=world.openid
        )
    row = await only(world)
    assert (row.state, row.reason) == (DeliveryState.FAILED, "failed: system failed")


async def test_who_blocks_the_account_is_a_failure_of_the_receipt(world: Front, sender: Sender) -> None:
    world.fake.refuse(world.openid)
    await queue(world, CARD)
    await sender.run_once()
    await world.fake.settle()
    row = await only(world)
    assert (row.state, row.reason) == (DeliveryState.FAILED, "failed:user block")
    assert world.received(Kind.TEMPLATE) == []


async def test_a_lost_connection_is_tried_again_and_not_doubled(world: Front, sender: Sender) -> None:
    """The first receipt comes while nobody knows its message id yet."""
    world.fake.faults.drop_calls, world.fake.faults.only_path = 1, TEMPLATE_PATH
    await queue(world, CARD)
    await sender.run_once()
    await world.fake.settle()
    row = await only(world)
    assert (row.state, row.wechat_msg_id) == (DeliveryState.QUEUED, None)
    async with world.database.reading() as session:
        assert len(list(await session.scalars(select(TemplateReceiptRow)))) == 1
    await let_time_pass(world)
    await sender.run_once()
    row = await only(world)
    assert (row.state, row.attempts) == (DeliveryState.DELIVERED, 2)
    assert len(world.received(Kind.TEMPLATE)) == 1


async def test_a_connection_lost_too_long_ago_is_not_repeated(world: Front, sender: Sender) -> None:
    world.fake.faults.drop_calls, world.fake.faults.only_path = 1, TEMPLATE_PATH
    world.fake.faults.receipts_lost = True
    await queue(world, CARD)
    async with world.database.unit_of_work() as session:
        (row,) = await session.scalars(select(DeliveryRow))
        row.first_tried_at, row.attempts = utcnow() - timedelta(minutes=10), 1
    await sender.run_once()
    assert (await only(world)).state == DeliveryState.UNKNOWN
    await let_time_pass(world)
    assert await sender.run_once() == 0


# A platform that is merely busy the client itself asks twice more.
@pytest.mark.parametrize(("errcode", "calls"), [(-1, 3), (45011, 1), (45009, 1)])
async def test_a_busy_platform_is_asked_again_later(
    world: Front, sender: Sender, errcode: int, calls: int
) -> None:
    faults = world.fake.faults
    faults.fail_calls, faults.fail_errcode, faults.only_path = calls, errcode, TEMPLATE_PATH
    await queue(world, CARD)
    await sender.run_once()
    row = await only(world)
    assert row.state == DeliveryState.QUEUED
    assert str(errcode) in (row.reason or "")
    assert row.not_before > utcnow()
    assert await sender.run_once() == 0, "not at once"
    await let_time_pass(world)
    await sender.run_once()
    await world.fake.settle()
    assert (await only(world)).state == DeliveryState.DELIVERED
    assert len(world.received(Kind.TEMPLATE)) == 1


async def test_to_who_left_nothing_is_sent(world: Front, sender: Sender) -> None:
    await queue(world, CARD)
    await world.fake.unfollow(world.openid)
    await queue(world, CARD, subject="2")
    assert await sender.run_once() == 0
    assert [(row.state, row.reason) for row in await rows(world)] == [("skipped", "unsubscribed")] * 2
    assert world.received(Kind.TEMPLATE) == []


async def test_who_left_unheard_is_a_failure_with_its_reason(world: Front, sender: Sender) -> None:
    """The event that said so was lost."""
    await world.fake.unfollow(world.openid)
    async with world.database.unit_of_work() as session:
        await session.execute(delete(PersonRow))
    await queue(world, CARD)
    await queue(world, CARD, openid="oNobody", subject="2")
    await sender.run_once()
    left, nobody = await rows(world)
    assert (left.state, nobody.state) == (DeliveryState.FAILED, DeliveryState.FAILED)
    assert "43004" in (left.reason or "")
    assert "40003" in (nobody.reason or "")
    await let_time_pass(world)
    assert await sender.run_once() == 0


async def test_a_text_of_unknown_outcome_is_not_repeated(world: Front, sender: Sender) -> None:
    world.fake.faults.drop_calls, world.fake.faults.only_path = 1, TEXT_PATH
    await world.fake.say(world.openid, "你好")
    await queue(world, {"text": "晚到的回答"})
    await sender.run_once()
    assert (await only(world)).state == DeliveryState.UNKNOWN
    await let_time_pass(world)
    assert await sender.run_once() == 0
    assert world.received(Kind.TEXT).count("晚到的回答") == 1


async def test_texts_of_a_person_arrive_in_order_even_on_a_bad_day(world: Front, sender: Sender) -> None:
    await world.fake.say(world.openid, "你好")
    said = len(world.received(Kind.TEXT))
    world.fake.faults.fail_calls, world.fake.faults.only_path = 3, TEXT_PATH
    for place, text in enumerate("一二三"):
        await queue(world, {"text": text}, subject=str(place))
    await sender.run_once()
    assert world.received(Kind.TEXT)[said:] == []
    assert [row.attempts for row in await rows(world)] == [1, 0, 0]
    await let_time_pass(world)
    await sender.run_once()
    assert world.received(Kind.TEXT)[said:] == ["一", "二", "三"]
    assert {row.state for row in await rows(world)} == {DeliveryState.SENT}


async def test_a_text_that_is_refused_for_good_does_not_hold_up_the_next(
    world: Front, sender: Sender
) -> None:
    await world.fake.say(world.openid, "你好")
    faults = world.fake.faults
    faults.fail_calls, faults.fail_errcode, faults.only_path = 1, 45168, TEXT_PATH
    for place, text in enumerate("一二"):
        await queue(world, {"text": text}, subject=str(place))
    await sender.run_once()
    assert [row.state for row in await rows(world)] == [DeliveryState.FAILED, DeliveryState.SENT]


@pytest.mark.parametrize(
    ("content", "sending", "becomes"),
    [
        (CARD, True, DeliveryState.DELIVERED),
        ({"text": "晚到的回答"}, True, DeliveryState.UNKNOWN),
        ({"text": "还没开始发的回答"}, False, DeliveryState.SENT),
    ],
)
async def test_what_a_dead_sender_held(
    world: Front, sender: Sender, content: dict[str, Any], *, sending: bool, becomes: DeliveryState
) -> None:
    await queue(world, content)
    hold = timedelta(minutes=1)
    async with world.database.unit_of_work() as session:
        (held,) = await deliveries.claim(session, utcnow(), limit=10, hold=hold)
        if sending:
            assert await deliveries.begin(session, held, utcnow(), hold=hold)
    assert await sender.run_once() == 0, "held by another"
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(claimed_until=utcnow() - timedelta(seconds=1)))
    await sender.run_once()
    await world.fake.settle()
    row = await only(world)
    assert row.state == becomes
    assert (row.reason is None) == (becomes != DeliveryState.UNKNOWN)


async def test_two_senders_share_the_work(world: Front, sender: Sender) -> None:
    other = Sender(world.database, world.messenger)
    for place in range(10):
        await queue(world, CARD, subject=str(place))
    assert sum(await asyncio.gather(sender.run_once(), other.run_once())) == 10
    await world.fake.settle()
    assert len(world.received(Kind.TEMPLATE)) == 10
    assert {row.state for row in await rows(world)} == {DeliveryState.DELIVERED}
