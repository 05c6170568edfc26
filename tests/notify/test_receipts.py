"""Receipts without an id: WeChat gives number 0 to messages that had a `client_msg_id`."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select, update

from bot.messenger import WeChatMessenger
from bot.wechat.client import Credentials, Sites, connected
from bot.wechat.messages import TemplateReceipt
from domain.base import utcnow
from nlu.breaker import Breaker
from notify.deliveries import DeliveryRow, DeliveryState, TemplateReceiptRow
from notify.sender import Sender
from tests.bot.front import Front
from tests.bot.wechat.platform_server import APP_ID, SECRET, Platform
from tests.notify.letters import CARD, only, queue, rows

SENT, DELIVERED, FAILED = DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED


@pytest.fixture
async def numberless(world: Front) -> AsyncIterator[Sender]:
    """A sender before a WeChat that answers each template message with number 0."""
    platform = Platform(answers={"/cgi-bin/message/template/send": {"errcode": 0, "msgid": 0}})
    async with TestServer(platform.app()) as server:
        here = Sites(api=str(server.make_url("/")))
        async with connected(world.redis, Credentials(APP_ID, SECRET), Breaker(), here) as client:
            yield Sender(world.database, WeChatMessenger(client))


async def send(world: Front, sender: Sender, *letters: tuple[str, str]) -> None:
    world.fake.faults.receipts_lost = True
    for openid, subject in letters:
        await queue(world, CARD, openid=openid, subject=subject)
    await sender.run_once()


async def receive(world: Front, openid: str, status: str = "success") -> None:
    receipt = TemplateReceipt(
        to_user="gh_1",
        openid=openid,
        created_at=utcnow(),
        dedup_key=f"{openid} {status}",
        msg_id="0",
        status=status,
    )
    await world.pipeline.answer(receipt)


async def states(world: Front) -> list[str]:
    return [row.state for row in await rows(world)]


@pytest.mark.parametrize(("status", "becomes"), [("success", DELIVERED), ("failed:user block", FAILED)])
async def test_it_is_that_of_the_persons_one_letter(
    world: Front, numberless: Sender, status: str, becomes: DeliveryState
) -> None:
    await send(world, numberless, ("o1", "1"), ("o2", "2"))
    assert [(row.state, row.wechat_msg_id) for row in await rows(world)] == [(SENT, None)] * 2
    await receive(world, "o1", status)
    assert await states(world) == [becomes, SENT]
    await receive(world, "o2")
    assert await states(world) == [becomes, DELIVERED]
    async with world.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(TemplateReceiptRow)) == 0


async def test_of_several_it_could_be_any(world: Front, numberless: Sender) -> None:
    await send(world, numberless, ("o1", "1"), ("o1", "2"))
    await receive(world, "o1", "failed:user block")
    assert await states(world) == [SENT, SENT]


async def test_it_is_not_that_of_a_letter_of_long_ago(world: Front, numberless: Sender) -> None:
    await send(world, numberless, ("o1", "1"))
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(sent_at=utcnow() - timedelta(hours=2)))
    await receive(world, "o1", "failed:user block")
    assert (await only(world)).state == SENT


async def test_a_letter_with_a_number_may_have_a_receipt_without(world: Front, sender: Sender) -> None:
    await send(world, sender, (world.openid, "1"))
    await receive(world, world.openid)
    row = await only(world)
    assert (row.state, row.wechat_msg_id is None) == (DELIVERED, False)
