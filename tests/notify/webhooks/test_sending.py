"""Events reach institutions' systems: signed, with one id over all tries, past those that do not answer."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from bot.posting import webhook_poster
from domain.base import utcnow
from domain.secrets import Cipher, decode_key, new_key
from domain.webhooks import queue, subscribing
from domain.webhooks.queue import AT_ONCE, TRIPS_AT
from domain.webhooks.tables import State
from notify.webhooks.sending import WebhookSender
from tests.domain.databases import on_postgresql, opened
from tests.notify.webhooks.conftest import CIPHER, LOCAL, House
from tests.notify.webhooks.receiver import Receiver

FAILURES = {
    "broken": ("HTTP 500", 500),
    "redirect": ("HTTP 302", 302),
    "dropped": ("ServerDisconnectedError", None),
    "slow": ("no answer in time", None),
}


async def test_an_event_arrives_signed_and_is_done(house: House, receiver: Receiver) -> None:
    webhook_id = await house.subscribe(receiver.url("ok"))
    await house.tell("EV7", request_id="RQ1", after="following")
    assert await house.sender.run_once() == 1
    (got,) = receiver.got
    assert got.is_signed_with(house.secrets[webhook_id])
    assert not got.is_signed_with("another")
    row = await house.only()
    assert got.json == {
        "id": "EV7",
        "event": "follow.moved",
        "occurred_at": row.occurred_at.isoformat(),
        "institution": "苏州银行",
        "data": {"request_id": "RQ1", "after": "following"},
    }
    assert (row.state, row.attempts, row.http_status, row.reason) == (State.DELIVERED, 1, 200, None)
    assert await house.sender.run_once() == 0


@pytest.mark.parametrize("way", FAILURES)
async def test_what_fails_is_tried_again_with_the_same_id_and_body(
    house: House, receiver: Receiver, way: str
) -> None:
    await house.subscribe(receiver.url(way))
    await house.tell("EV1", request_id="RQ1")
    await house.sender.run_once()
    row = await house.only()
    assert (row.state, row.attempts, row.reason, row.http_status) == (State.QUEUED, 1, *FAILURES[way])
    assert row.not_before > utcnow()
    assert await house.sender.run_once() == 0, "not before its pause is over"
    await house.let_time_pass()
    await house.sender.run_once()
    first, second = receiver.at(way)
    assert first.body == second.body
    assert (await house.only()).attempts == 2
    assert not receiver.at("ok"), "a redirect is not followed"


async def test_pauses_grow_and_the_last_try_leaves_a_dead_letter(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver.url("broken"))
    await house.tell()
    pauses = []
    for _ in range(4):
        await house.let_time_pass()
        await house.sender.run_once()
        pauses.append((await house.only()).not_before - utcnow())
    assert all(later > 1.5 * earlier for earlier, later in pairwise(pauses))
    await house.let_time_pass(since=utcnow() - queue.TRIED_FOR)
    await house.sender.run_once()
    row = await house.only()
    assert (row.state, row.reason) == (State.DEAD, "HTTP 500")
    await house.let_time_pass()
    assert await house.sender.run_once() == 0


async def test_a_slow_receiver_holds_up_no_other(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver.url("slow"), "慢银行")
    await house.subscribe(receiver.url("ok"), "快银行")
    for number in range(3 * AT_ONCE):
        await house.tell(f"EV{number}", "慢银行")
    for number in range(30):
        await house.tell(f"EV{100 + number}", "快银行")
    async with webhook_poster(LOCAL, timeout_seconds=30) as poster:
        shift = asyncio.create_task(WebhookSender(house.database, CIPHER, poster).run_once())
        await receiver.has(30, "ok")
        assert len(receiver.at("slow")) == AT_ONCE, "nothing of it came back before the fast one was done"
        receiver.let_go.set()
        await shift
    assert receiver.most_at_once == AT_ONCE
    assert {row.state for row in await house.deliveries()} == {State.DELIVERED}


async def test_one_that_fails_again_and_again_is_left_in_peace(house: House, receiver: Receiver) -> None:
    webhook_id = await house.subscribe(receiver.url("broken"))
    for number in range(3 * TRIPS_AT):
        await house.tell(f"EV{number}")
    await house.sender.run_once()
    tried = len(receiver.got)
    assert TRIPS_AT <= tried < TRIPS_AT + AT_ONCE
    assert (paused := (await house.webhook(webhook_id)).paused_until) is not None
    assert paused > utcnow()
    await house.let_time_pass()
    await house.sender.run_once()
    assert len(receiver.got) == tried + 1, "one try tells whether it answers again"
    async with house.database.unit_of_work() as session:
        (await session.get_one(type(await house.webhook(webhook_id)), webhook_id)).url = receiver.url("ok")
    await house.let_time_pass()
    await house.sender.run_once()
    assert {row.state for row in await house.deliveries()} == {State.DELIVERED}
    assert ((await house.webhook(webhook_id)).failures, (await house.webhook(webhook_id)).paused_until) == (
        0,
        None,
    )


async def test_what_an_ended_subscription_waits_for_is_not_sent(house: House, receiver: Receiver) -> None:
    webhook_id = await house.subscribe(receiver.url("ok"))
    await house.tell()
    async with house.database.unit_of_work() as session:
        await subscribing.end(session, webhook_id, "苏州银行", utcnow())
    await house.tell("EV2")
    assert await house.sender.run_once() == 0
    row = await house.only()
    assert (row.state, row.reason) == (State.DEAD, subscribing.ENDED)


async def test_a_subscription_that_ends_while_it_is_sent_to_stays_ended(
    house: House, receiver: Receiver
) -> None:
    webhook_id = await house.subscribe(receiver.url("slow"))
    await house.tell()
    shift = asyncio.create_task(house.sender.run_once())
    await receiver.has(1, "slow")
    async with house.database.unit_of_work() as session:
        await subscribing.end(session, webhook_id, None, utcnow())
    receiver.let_go.set()
    await shift
    assert (await house.only()).state == State.DEAD


async def test_a_secret_of_another_key_is_said_to_be_unreadable(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver.url("ok"))
    await house.tell()
    async with webhook_poster(LOCAL, timeout_seconds=1) as poster:
        strange = WebhookSender(house.database, Cipher(decode_key(new_key())), poster)
        await strange.run_once()
    assert (await house.only()).reason == "the secret cannot be read with today's keys: subscribe anew"
    assert not receiver.got


async def test_secrets_and_addresses_stay_out_of_the_log(house: House, receiver: Receiver) -> None:
    webhook_id = await house.subscribe(receiver.url("dropped") + "?token=hidden")
    await house.tell(request_id="RQ1")
    with capture_logs() as logs:
        await house.sender.run_once()
    assert [entry["event"] for entry in logs] == ["webhook_tried"]
    assert "hidden" not in str(logs)
    assert house.secrets[webhook_id] not in str(logs)
    assert "hidden" not in ((await house.only()).reason or "")


@on_postgresql
async def test_two_senders_send_each_event_once(house: House, receiver: Receiver, database_url: str) -> None:
    for number in range(6):
        await house.subscribe(receiver.url("ok"), f"银行{number}")
        for event in range(20):
            await house.tell(f"EV{event}", f"银行{number}")
    async with AsyncExitStack() as stack:
        poster = await stack.enter_async_context(webhook_poster(LOCAL, timeout_seconds=5))
        databases = [await stack.enter_async_context(opened(database_url)) for _ in range(3)]
        senders = [WebhookSender(database, CIPHER, poster) for database in databases]
        while any(await asyncio.gather(*(sender.run_once() for sender in senders))):
            pass
    times = Counter((one.json["institution"], one.json["id"]) for one in receiver.got)
    assert len(times) == 120
    assert set(times.values()) == {1}


async def test_what_a_dead_sender_held_is_sent_when_its_time_is_over(
    house: House, receiver: Receiver
) -> None:
    await house.subscribe(receiver.url("ok"))
    await house.tell()
    async with house.database.unit_of_work() as session:
        (held,) = await queue.claim(session, utcnow(), limit=10, hold=timedelta(seconds=60))
    assert await house.sender.run_once() == 0
    later = utcnow() + timedelta(seconds=61)
    async with house.database.unit_of_work() as session:
        (again,) = await queue.claim(session, later, limit=10, hold=timedelta(seconds=60))
        await queue.succeed(session, again, 200, later)
    async with house.database.unit_of_work() as session:
        assert await queue.fail(session, held, queue.Failure("HTTP 500", 500), later) is None, "no longer his"
    assert (await house.only()).state == State.DELIVERED
