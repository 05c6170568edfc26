"""The id of what caused a delivery goes with it, and its outcomes are counted without personal data."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import logs
from bot.sections import Log
from domain import events, trace
from domain.base import utcnow
from domain.database import Database
from domain.trace import LENGTH
from notify import deliveries, metrics
from notify.deliveries import Channel, DeliveryRow, DeliveryState
from notify.relay import Relay
from notify.sender import Sender
from tests.bot.front import Front
from tests.bot.pipes import given_back, written

TRACE, OTHER = "a" * LENGTH, "b" * LENGTH


async def queued(database: Database, openid: str, *texts: str) -> None:
    """Late answers, as the relay finds them in the outbox."""
    async with database.unit_of_work() as session:
        events.record(session, events.REPLY_CONTINUED, {"openid": openid, "texts": list(texts)}, utcnow())


async def rows(database: Database) -> list[DeliveryRow]:
    async with database.reading() as session:
        return list(await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


def count(channel: str, state: str, reason: str = "") -> float:
    labels = {"channel": channel, "state": state, "reason": reason}
    return REGISTRY.get_sample_value("rongqiao_deliveries_total", labels) or 0.0


async def test_the_relay_passes_the_id_on(database: Database, relay: Relay) -> None:
    for name in (TRACE, OTHER):
        with trace.bound(name):
            await queued(database, "o1", "甲", "乙")
    await queued(database, "o1", "丙")
    await relay.run_once()
    assert [row.trace for row in await rows(database)] == [TRACE, TRACE, OTHER, OTHER, None]
    assert trace.current() is None


async def test_each_line_of_a_sending_bears_its_id(
    world: Front, sender: Sender, capsys: pytest.CaptureFixture[str]
) -> None:
    with given_back():
        logs.configure(Log(format="json"))
        for name in (TRACE, OTHER):
            with trace.bound(name):
                await _queue_text(world, name)
        await sender.run_once()
        lines = [line for line in written(capsys) if line["event"] == "delivery_sent"]
    assert [line["trace"] for line in lines] == [TRACE, OTHER]


async def test_a_failure_is_counted_by_its_errcode(world: Front, sender: Sender) -> None:
    before = count("customer_message", "failed", "48002")
    world.fake.person(world.openid).refuses = True
    await _queue_text(world, "1")
    await sender.run_once()
    assert count("customer_message", "failed", "48002") == before + 1
    assert metrics.IN_FLIGHT._value.get() == 0


async def test_a_receipt_speaks_under_the_id_of_its_delivery(
    world: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    before = count("template", "failed", "user_block")
    with given_back():
        logs.configure(Log(format="json"))
        async with world.database.unit_of_work() as session:
            with trace.bound(TRACE):
                await _queue(session, Channel.TEMPLATE, "1")
        async with world.database.unit_of_work() as session:
            row = (await session.scalars(select(DeliveryRow))).one()
            row.state, row.wechat_msg_id = DeliveryState.SENT, "1763907631123456789"
        for _ in range(2):
            async with world.database.unit_of_work() as session:
                with trace.bound(OTHER):
                    await deliveries.take_receipt(
                        session, "1763907631123456789", "failed:user block", utcnow(), openid="o1"
                    )
        receipts = [line for line in written(capsys) if line["event"] == "receipt"]
    assert {(line["trace"], line["msg_id"]) for line in receipts} == {(TRACE, "1763907631123456789")}
    assert count("template", "failed", "user_block") == before + 1, "sent twice, it counts once"


async def test_who_left_is_counted_as_skipped(world: Front) -> None:
    before = count("customer_message", "skipped", "unsubscribed")
    await _queue_text(world, "waiting")
    await world.fake.unfollow(world.openid)
    assert count("customer_message", "skipped", "unsubscribed") == before + 1
    await _queue_text(world, "too late")
    assert count("customer_message", "skipped", "unsubscribed") == before + 2


async def test_what_a_dead_sender_was_sending_is_counted_as_unknown(world: Front, sender: Sender) -> None:
    before, hold = count("customer_message", "unknown", "interrupted"), timedelta(seconds=-1)
    await _queue_text(world, "1")
    async with world.database.unit_of_work() as session:
        (held,) = await deliveries.claim(session, utcnow(), limit=1, hold=hold)
    async with world.database.unit_of_work() as session:
        assert await deliveries.begin(session, held, utcnow(), hold=hold)
    await sender.run_once()
    assert count("customer_message", "unknown", "interrupted") == before + 1


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("/cgi-bin/message/custom/send: errcode 45015, response out of time limit rid: 1", "45015"),
        ("/cgi-bin/message/custom/send: errcode -1, system error", "-1"),
        ("/cgi-bin/message/custom/send: no answer in time", "network"),
    ],
)
def test_labels_of_failures_are_few(reason: str, label: str) -> None:
    assert metrics.failure_label(reason) == label


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("success", ""),
        ("failed:user block", "user_block"),
        ("failed: system failed", "system_failed"),
        ("failed:something about oABC", "other"),
    ],
)
def test_labels_of_receipts_are_few(status: str, label: str) -> None:
    assert metrics.receipt_label(status) == label


async def _queue_text(world: Front, subject: str) -> None:
    async with world.database.unit_of_work() as session:
        await _queue(session, Channel.CUSTOMER_MESSAGE, subject, world.openid)


async def _queue(session: AsyncSession, channel: Channel, subject: str, openid: str = "o1") -> None:
    await deliveries.queue(
        session,
        notice="reply",
        openid=openid,
        subject=subject,
        channel=channel,
        content={"text": "您好"},
        not_before=utcnow(),
        now=utcnow(),
    )
