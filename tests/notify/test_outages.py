"""Letters outlast a WeChat that cannot be reached, a day's quota that is used up, and a slow WeChat."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.messenger import WeChatMessenger
from bot.wechat import client
from bot.wechat.client import Credentials, Sites, connected
from domain.base import SHANGHAI, utcnow
from nlu.breaker import Breaker
from notify import metrics
from notify.deliveries import DeliveryRow, DeliveryState
from notify.sender import AT_ONCE, Sender
from tests.bot.front import Front
from tests.notify.letters import CARD, TEMPLATE_PATH, TEXT_PATH, let_time_pass, only, queue, rows

TEXT = {"text": "晚到的回答"}
# More than the eight tries that once were the end.
MANY = 12


@pytest.fixture
async def cut_off(world: Front) -> AsyncIterator[Sender]:
    """A sender whose line to WeChat is down: nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = Sites(api=f"http://127.0.0.1:{taken.getsockname()[1]}")
        account = Credentials(world.account.app_id, world.account.app_secret)
        async with connected(world.redis, account, Breaker(), nowhere) as away:
            yield Sender(world.database, WeChatMessenger(away))


async def age(world: Front, by: timedelta) -> None:
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(created_at=utcnow() - by))


@pytest.mark.parametrize("content", [CARD, TEXT])
async def test_a_letter_outlasts_an_outage(
    world: Front, sender: Sender, cut_off: Sender, content: dict[str, Any]
) -> None:
    await world.fake.say(world.openid, "你好")
    await queue(world, content)
    waits = []
    for _ in range(MANY):
        await cut_off.run_once()
        row = await only(world)
        assert row.state == DeliveryState.QUEUED
        waits.append(row.not_before - utcnow())
        await let_time_pass(world)
    assert waits[0] < timedelta(seconds=10)
    assert timedelta(minutes=3) < waits[-1] <= timedelta(minutes=4)
    await sender.run_once()
    await world.fake.settle()
    assert (await only(world)).state in {DeliveryState.SENT, DeliveryState.DELIVERED}
    assert world.fake.violations == []


@pytest.mark.parametrize(("content", "hours"), [(CARD, 24), (TEXT, 48)])
async def test_a_letter_that_nobody_wants_any_more_is_given_up(
    world: Front, cut_off: Sender, content: dict[str, Any], hours: int
) -> None:
    await queue(world, content)
    states = []
    for old in (timedelta(hours=hours, minutes=-1), timedelta(hours=hours)):
        await age(world, old)
        await cut_off.run_once()
        await let_time_pass(world)
        states.append((await only(world)).state)
    assert states == [DeliveryState.QUEUED, DeliveryState.FAILED]


async def test_a_platform_that_stays_busy_is_asked_with_growing_pauses(world: Front, sender: Sender) -> None:
    world.fake.faults.fail_calls, world.fake.faults.only_path = 100, TEMPLATE_PATH
    world.fake.faults.fail_errcode = 43108
    await queue(world, CARD)
    waits = []
    for _ in range(MANY):
        await sender.run_once()
        waits.append(((await only(world)).not_before - utcnow()).total_seconds())
        await let_time_pass(world)
    assert waits[:8] == sorted(waits[:8])
    await age(world, timedelta(hours=24))
    await sender.run_once()
    row = await only(world)
    assert (row.state, "43108" in (row.reason or "")) == (DeliveryState.FAILED, True)


async def test_a_used_up_quota_is_waited_for_until_midnight_in_beijing(world: Front, sender: Sender) -> None:
    faults = world.fake.faults
    faults.fail_calls, faults.fail_errcode, faults.only_path = 1, 45009, TEMPLATE_PATH
    before = datetime.now(SHANGHAI)
    await queue(world, CARD)
    await sender.run_once()
    again = (await only(world)).not_before.astimezone(SHANGHAI)
    assert again.date() in {(before + timedelta(days=days)).date() for days in (1, 2)}
    assert (again.hour, again.minute) == (0, 1), "a little after, should the clocks differ"


async def test_what_may_have_gone_out_is_not_repeated_after_a_long_outage(
    world: Front, sender: Sender, cut_off: Sender
) -> None:
    """A try that surely failed does not make the one before it undone."""
    world.fake.faults.drop_calls, world.fake.faults.only_path = 1, TEMPLATE_PATH
    world.fake.faults.receipts_lost = True
    await queue(world, CARD)
    await sender.run_once()
    tried = (await only(world)).first_tried_at
    await let_time_pass(world)
    await cut_off.run_once()
    row = await only(world)
    assert (row.state, row.first_tried_at) == (DeliveryState.QUEUED, tried)
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(first_tried_at=utcnow() - timedelta(minutes=10)))
    await let_time_pass(world)
    await sender.run_once()
    assert (await only(world)).state == DeliveryState.UNKNOWN


async def followers(world: Front, number: int) -> list[str]:
    people = [world.fake.add_person(nickname=f"用户{place}").openid for place in range(number)]
    for openid in people:
        await world.fake.follow(openid)
    return people


async def test_no_more_is_begun_than_there_are_connections(world: Front, sender: Sender) -> None:
    world.fake.faults.delay_calls, world.fake.faults.delay_seconds = 1000, 0.3
    for openid in await followers(world, AT_ONCE + 10):
        await queue(world, CARD, openid=openid, subject=openid)
    sending = asyncio.create_task(sender.run_once())
    most = 0.0
    while not sending.done():
        most = max(most, metrics.IN_FLIGHT._value.get())
        await asyncio.sleep(0.01)
    assert await sending == AT_ONCE + 10
    assert 0 < most <= AT_ONCE <= client.CONNECTIONS
    assert {(row.state == DeliveryState.QUEUED, row.attempts) for row in await rows(world)} == {(False, 1)}


async def test_who_has_many_letters_holds_up_nobody(world: Front, sender: Sender) -> None:
    """The first of them is answered after all the others'."""
    (officer,) = await followers(world, 1)
    faults = world.fake.faults
    faults.delay_calls, faults.delay_seconds, faults.only_path = 1, 3.0, TEMPLATE_PATH
    for place in range(3):
        await queue(world, CARD, openid=officer, subject=str(place))
    sending = asyncio.create_task(sender.run_once())
    while not metrics.IN_FLIGHT._value.get():  # noqa: ASYNC110 - a gauge has no events
        await asyncio.sleep(0.01)
    await queue(world, TEXT, subject="late")
    await sending
    sent = sorted((row.sent_at, row.subject) for row in await rows(world) if row.sent_at)
    assert [subject for _, subject in sent] == ["late", "0", "1", "2"]


async def test_who_ends_the_sender_ends_what_is_under_way(world: Front, sender: Sender) -> None:
    """Its outcome is unknown, and is said to be when the claim has run out."""
    await world.fake.say(world.openid, "你好")
    faults = world.fake.faults
    faults.delay_calls, faults.delay_seconds, faults.only_path = 1, 30.0, TEXT_PATH
    await queue(world, TEXT)
    sending = asyncio.create_task(sender.run_once())
    while faults.delay_calls:  # noqa: ASYNC110 - the platform is another side, without events for us
        await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert metrics.IN_FLIGHT._value.get() == 0
    row = await only(world)
    assert (row.state, row.in_flight_since is None) == (DeliveryState.QUEUED, False)
