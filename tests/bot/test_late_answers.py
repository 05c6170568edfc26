"""Answers that miss WeChat's five seconds: they leave as customer messages, once, whoever dies meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from structlog.testing import capture_logs

from bot.locks import PersonLocks
from bot.pipeline import SORRY, NotTaken, Pipeline, Ticket
from bot.sandbox.people import Origin
from bot.wechat.messages import TemplateReceipt, UnsubscribeEvent
from domain.database import Database
from domain.inbox import InboxRow
from domain.parked import ParkedRow
from domain.people import PersonRow
from domain.secrets import Cipher, decode_key, new_key
from matching.matcher import Matcher
from notify.deliveries import TemplateReceiptRow
from notify.sender import Sender
from tests.bot.front import Front, front, read
from tests.bot.turns import Slow, continued, count, message
from tests.city import EVERYBODY
from tests.notify.conftest import relay_of


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def late(
    database: Database, shared_valkey: str, empty_matcher: Matcher, slow: Slow
) -> AsyncIterator[Front]:
    building: AbstractAsyncContextManager[Front] = front(
        database, shared_valkey, empty_matcher, understand=slow, deadline=0.2
    )
    async with building as world:
        yield world


async def test_a_late_answer_leaves_as_exactly_one_customer_message(late: Front, slow: Slow) -> None:
    assert await late.fake.say(late.openid, "你好") == []
    resend = await late.fake.resend(late.openid)
    assert late.fake.read_text(resend) == ""
    slow.may_answer.set()
    await late.pipeline.drain()
    assert late.fake.read_text(await late.fake.resend(late.openid)) == "", "the answer went another way"
    (texts,) = await continued(late.database)
    await relay_of(late.database).run_once()
    await Sender(late.database, late.messenger).run_once()
    sent = [entry for entry in late.fake.history(late.openid) if entry.origin is Origin.CUSTOMER]
    assert [entry.content.text for entry in sent] == texts
    assert "您好" in texts[0]
    assert late.fake.violations == []


async def test_who_asks_again_in_time_gets_the_answer_of_the_turn_under_way(late: Front, slow: Slow) -> None:
    """The second try joins before the first has given up: the turn decides once for both."""
    first = asyncio.create_task(late.pipeline.answer(message(late, "你好", 1)))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(late.pipeline.answer(message(late, "你好", 1)))
    await asyncio.sleep(0)
    slow.may_answer.set()
    one, two = await asyncio.gather(first, second)
    assert one == two
    assert one.text is not None
    assert slow.asked == 1
    assert await continued(late.database) == []


def test_a_ticket_is_decided_once() -> None:
    taken, left = Ticket(), Ticket()
    assert taken.take_connection()
    assert not taken.give_up(), "the connection waits for the commit"
    assert taken.take_connection()
    assert left.give_up()
    assert not left.take_connection(), "the answer leaves as a customer message"
    assert left.give_up()


async def test_a_late_turn_that_fails_is_apologised_for(late: Front, slow: Slow) -> None:
    assert (await late.pipeline.answer(message(late, "我想贷款", 71))).text is None
    async with late.database.unit_of_work() as session:
        await session.execute(text("DROP TABLE conversations"))
    slow.may_answer.set()
    await late.pipeline.drain()
    assert await continued(late.database) == [[SORRY]]


async def test_an_answer_committed_too_late_elsewhere_is_brought_by_message(late: Front, slow: Slow) -> None:
    """Another replica answered, but its connection was gone; so is ours by the time we see it."""
    told = message(late, "我想贷款", 72)
    assert (await late.pipeline.answer(told)).text is None
    async with late.database.unit_of_work() as session:
        session.add(_answered(late, told.dedup_key))
    slow.may_answer.set()
    await late.pipeline.drain()
    assert await continued(late.database) == [["好的"]]
    slow.may_answer.set()
    assert (await late.pipeline.answer(told)).text is None
    assert await continued(late.database) == [["好的"]]


async def test_a_late_message_outlives_the_process_that_works_on_it(
    late: Front, shared_valkey: str, empty_matcher: Matcher, slow: Slow
) -> None:
    """WeChat has its «success»; another process, once it is due, brings the answer. Once."""
    told = message(late, "你好", 81)
    assert (await late.pipeline.answer(told)).text is None
    async with late.database.unit_of_work() as session:
        (row,) = await session.scalars(select(ParkedRow))
        row.due_at = datetime.now(UTC)
    assert "你好".encode() not in row.content, "what people write is encrypted at rest"

    async with Redis.from_url(shared_valkey) as redis:
        other = Pipeline(
            late.database,
            PersonLocks(redis),
            late.pipeline._parking,
            read,
            empty_matcher,
            EVERYBODY,
            lambda: None,
            forget=late.pipeline._forget_unfollowed,
            deadline_seconds=4.5,
        )
        # The first process still sits in its turn, as a dead one would until its lock runs out.
        await redis.delete(f"person:{{{late.openid}}}")
        assert await other.take_up_parked() == 1
        assert await other.take_up_parked() == 0
    (texts,) = await continued(late.database)
    assert "您好" in texts[0]
    slow.may_answer.set()
    await late.pipeline.drain()
    assert await continued(late.database) == [texts]
    assert await count(late.database, ParkedRow) == 0


async def test_what_is_no_question_is_parked_too(late: Front, slow: Slow) -> None:
    """Behind a slow message: WeChat has its «success», the event must outlive this process."""
    asked = asyncio.create_task(late.pipeline.answer(message(late, "你好", 91)))
    await asyncio.sleep(0.05)
    left = UnsubscribeEvent(
        to_user="gh_1", openid=late.openid, created_at=datetime.now(UTC), dedup_key="event:left"
    )
    assert (await late.pipeline.answer(left)).text is None
    async with late.database.reading() as session:
        assert await session.get(ParkedRow, "event:left") is not None
    slow.may_answer.set()
    await asyncio.gather(asked)
    await late.pipeline.drain()
    async with late.database.reading() as session:
        person = await session.get_one(PersonRow, late.openid)
    assert not person.follows
    assert await count(late.database, ParkedRow) == 0


async def test_who_cannot_be_parked_is_asked_to_be_sent_again(late: Front, slow: Slow) -> None:
    """The database is what is slow: no «success» for what might be lost."""
    async with late.database.unit_of_work():
        if late.database.is_sqlite:
            with pytest.raises(NotTaken):
                await late.pipeline.answer(message(late, "你好", 93))
    slow.may_answer.set()
    await late.pipeline.drain()
    assert (await late.pipeline.answer(message(late, "你好", 94))).text is not None


async def test_what_is_sent_again_is_answered_by_its_last_try_alone(late: Front, slow: Slow) -> None:
    """It could not be parked, so WeChat sends it again, and another replica answers it in time."""
    told = message(late, "我想贷款", 96)
    async with late.database.unit_of_work() as session:
        if not late.database.is_sqlite:
            await session.execute(text("LOCK TABLE parked_messages"))
        with pytest.raises(NotTaken):
            await late.pipeline.answer(told)
    async with late.database.unit_of_work() as session:
        session.add(_answered(late, told.dedup_key))
    slow.may_answer.set()
    await late.pipeline.drain()
    assert await continued(late.database) == []


async def test_a_parked_message_of_another_key_waits_for_its_key(late: Front, slow: Slow) -> None:
    assert (await late.pipeline.answer(message(late, "你好", 95))).text is None
    async with late.database.unit_of_work() as session:
        (row,) = await session.scalars(select(ParkedRow))
        row.due_at = datetime.now(UTC)
        row.content = Cipher(decode_key(new_key())).encrypt("[]", "parked message")
    with capture_logs() as logs:
        assert await late.pipeline.take_up_parked() == 0
        assert await late.pipeline.take_up_parked() == 0
    assert [entry["event"] for entry in logs if "parked" in entry["event"]] == ["parked_message_unreadable"]
    slow.may_answer.set()
    await late.pipeline.drain()


async def test_a_receipt_that_was_taken_late_is_parked_no_longer(late: Front) -> None:
    receipt = TemplateReceipt(
        to_user="gh_1",
        openid=late.openid,
        created_at=datetime.now(UTC),
        dedup_key="event:receipt",
        msg_id="4711",
        status="success",
    )
    await late.pipeline._parking.park(receipt)
    async with late.database.unit_of_work() as session:
        (row,) = await session.scalars(select(ParkedRow))
        row.due_at = datetime.now(UTC)
    assert await late.pipeline.take_up_parked() == 1
    assert await count(late.database, TemplateReceiptRow) == 1
    assert await count(late.database, ParkedRow) == 0


def _answered(world: Front, key: str) -> InboxRow:
    """As another replica left it that answered in time."""
    return InboxRow(
        key=key, openid=world.openid, received_at=datetime.now(UTC), reply={"text": "好的"}, late=False
    )
