"""The walk of one message over real sockets: one turn, one answer, whatever WeChat and the network do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, text

from bot.locks import PersonLocks
from bot.pipeline import SORRY, Pipeline, Ticket
from bot.sandbox.people import Kind, Origin
from bot.wechat.messages import AccountClosedReport, TextMessage, UnknownIncoming
from domain import events, inbox
from domain.conversations import ConversationRow
from domain.database import Database
from domain.events import OutboxRow
from domain.inbox import InboxRow
from domain.parked import ParkedRow
from domain.people import PersonRow
from domain.requests import RequestRow
from handlers.small_talk import WELCOME
from matching.matcher import Matcher
from nlu.understanding import Understanding
from notify.deliveries import DeliveryRow
from notify.sender import Sender
from tests.bot.front import Front, front, read
from tests.domain.databases import on_sqlite
from tests.notify.conftest import relay_of


class Slow:
    """A reader that answers when it is let."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.asked = 0

    async def __call__(self, text: str) -> Understanding:
        self.asked += 1
        await self.may_answer.wait()
        return await read(text)


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


async def count(database: Database, row: type) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(row)) or 0)


async def continued(database: Database) -> list[list[str]]:
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.name == events.REPLY_CONTINUED))
        return [row.payload["texts"] for row in rows]


def message(world: Front, text: str, number: int) -> TextMessage:
    return TextMessage(
        to_user="gh_1",
        openid=world.openid,
        created_at=datetime.now(UTC),
        dedup_key=f"msg:{number}",
        text=text,
    )


async def test_a_message_sent_three_times_at_once_is_one_turn(world: Front) -> None:
    answers = await world.fake.say_copies(world.openid, "我想贷款80万", copies=3)
    assert len(set(answers)) == 1
    assert "80万元" in answers[0] or "用来做什么" in answers[0]
    assert await count(world.database, RequestRow) == 1


async def test_a_message_sent_again_later_gets_the_first_answer(world: Front) -> None:
    first = await world.fake.say(world.openid, "我想贷款80万")
    again = world.fake.read_text(await world.fake.resend(world.openid))
    assert again == first[0].content.text
    assert await count(world.database, RequestRow) == 1
    async with world.database.reading() as session:
        (conversation,) = await session.scalars(select(ConversationRow))
    assert conversation.version == 1


async def test_different_messages_of_one_person_go_one_after_the_other(world: Front) -> None:
    await world.fake.say(world.openid, "我想贷款")
    await asyncio.gather(*(world.fake.say(world.openid, text) for text in ("80万", "一年", "纯信用")))
    async with world.database.reading() as session:
        (conversation,) = await session.scalars(select(ConversationRow))
        (request,) = await session.scalars(select(RequestRow))
    assert conversation.version == 4
    assert (request.amount_max, request.term_months, request.guarantee) == (800_000, 12, ["credit"])


async def test_two_processes_do_not_overwrite_each_other(world: Front) -> None:
    """A second pipeline on the same database and Valkey, as another replica has it."""
    redis = world.redis
    other = Pipeline(
        Database(str(world.database.engine.url)),
        PersonLocks(redis),
        world.pipeline._parking,
        read,
        world.pipeline._matcher,
        lambda: None,
        deadline_seconds=4.5,
    )
    await world.pipeline.answer(message(world, "我想贷款", 1))
    replicas = (world.pipeline, other)
    await asyncio.gather(
        *(replicas[n % 2].answer(message(world, f"{n}0万", n)) for n in range(2, 8)),
        # The very same message at both.
        *(replica.answer(message(world, "两年", 99)) for replica in replicas),
    )
    await other._database.aclose()
    async with world.database.reading() as session:
        (conversation,) = await session.scalars(select(ConversationRow))
    assert conversation.version == 8
    assert await count(world.database, RequestRow) == 1


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


async def test_a_new_follower_is_greeted_and_remembered(world: Front) -> None:
    newcomer = world.fake.add_person().openid
    (entry,) = await world.fake.follow(newcomer, scene="bank-7")
    assert entry.content.text == WELCOME
    async with world.database.reading() as session:
        person = await session.get_one(PersonRow, newcomer)
    assert (person.follows, person.scene, person.unfollowed_at) == (True, "bank-7", None)
    await world.fake.unfollow(newcomer)
    async with world.database.reading() as session:
        person = await session.get_one(PersonRow, newcomer)
    assert not person.follows
    assert person.unfollowed_at is not None
    assert world.fake.violations == []


async def test_of_who_leaves_what_is_his_alone_is_forgotten(world: Front) -> None:
    """A draft goes, a published request stays with the institutions; waiting messages are not sent."""
    await world.fake.say(world.openid, "我在昆山做五金加工，想贷120万买设备，两年，用厂房抵押")
    await world.fake.say(world.openid, "确认")
    async with world.database.reading() as session:
        (published,) = await session.scalars(select(RequestRow))
    await relay_of(world.database).run_once()
    await world.fake.say(world.openid, "再贷一笔50万")
    assert await count(world.database, RequestRow) == 2
    await world.fake.unfollow(world.openid)
    async with world.database.reading() as session:
        (left,) = await session.scalars(select(RequestRow))
        (conversation,) = await session.scalars(select(ConversationRow))
        (delivery,) = await session.scalars(select(DeliveryRow))
    assert left.id == published.id
    assert conversation.state == {}
    assert (delivery.state, delivery.reason) == ("skipped", "unsubscribed")
    assert await Sender(world.database, world.messenger).run_once() == 0

    (entry,) = await world.fake.follow(world.openid, scene="poster")
    assert published.id in entry.content.text
    assert "欢迎回来" in entry.content.text
    assert "没有" not in (await world.fake.say(world.openid, "查进度"))[0].content.text
    assert world.fake.violations == []


async def test_what_cannot_be_read_is_said(world: Front) -> None:
    for sent, words in (
        (await world.fake.voice(world.openid), "语音"),
        (await world.fake.image(world.openid), "图片"),
        (await world.fake.location(world.openid, 31.3, 120.9), "位置"),
    ):
        assert words in sent[0].content.text
    await world.fake.view(world.openid, "https://rongqiao.example/m/x")
    assert world.fake.violations == []
    assert "多少资金" in (await world.fake.voice(world.openid, "我想贷款"))[0].content.text


async def test_menu_keys_and_buttons_carry_intents(world: Front) -> None:
    assert "没有在办" in (await world.fake.click(world.openid, "ask_progress"))[0].content.text
    assert "大白话" in (await world.fake.tap(world.openid, "help", "看看能办什么"))[0].content.text


@on_sqlite
async def test_of_a_message_nothing_is_kept_but_the_answer(world: Front) -> None:
    await world.fake.say(world.openid, "我的电话是13812345678")
    async with world.database.reading() as session:
        (row,) = [row for row in await session.scalars(select(InboxRow)) if row.key.startswith("msg:")]
        arrival = await inbox.arrive(session, row.key, world.openid)
    assert (arrival.answered, arrival.reply, arrival.known) == (True, row.reply, True)
    assert row.reply is not None
    file = Path(str(world.database.engine.url.database))
    kept = b"".join(part.read_bytes() for part in file.parent.glob("rongqiao.db*"))
    assert b"13812345678" not in kept


async def test_a_turn_that_fails_is_said_and_the_next_one_works(
    database: Database, shared_valkey: str, empty_matcher: Matcher
) -> None:
    broken = [True]

    async def understand(text: str) -> Understanding:
        if broken.pop():
            broken.append(False)
            raise LookupError
        broken.append(False)
        return await read(text)

    async with front(database, shared_valkey, empty_matcher, understand=understand) as world:
        (entry,) = await world.fake.say(world.openid, "你好")
        assert "稍后再发一次" in entry.content.text
        (entry,) = await world.fake.say(world.openid, "你好")
        assert "您好" in entry.content.text
        assert world.received(Kind.NOTICE) == []


async def test_the_loops_are_woken_only_for_events(world: Front) -> None:
    await world.fake.say(world.openid, "你好")
    assert world.nudges == []
    await world.fake.say(world.openid, "我在昆山做五金加工，想贷120万买设备，两年，用厂房抵押")
    await world.fake.say(world.openid, "确认")
    assert len(world.nudges) == 1


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
        row = InboxRow(
            key=told.dedup_key,
            openid=late.openid,
            received_at=datetime.now(UTC),
            reply={"text": "好的"},
            late=False,
        )
        session.add(row)
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
            lambda: None,
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


async def test_of_a_push_of_unknown_kind_everything_is_kept(world: Front) -> None:
    push = UnknownIncoming(
        to_user="gh_1",
        openid=world.openid,
        created_at=datetime.now(UTC),
        dedup_key="event:new",
        kind="event.something_new",
        raw={"Event": "something_new", "Detail": {"Figure": "7"}},
    )
    assert (await world.pipeline.answer(push)).text is None
    async with world.database.reading() as session:
        row = await session.get_one(InboxRow, "event:new")
    assert row.content == push.raw


async def test_who_takes_his_data_back_is_forgotten(world: Front) -> None:
    """The platform speaks of him; the push is not his."""
    await world.fake.say(world.openid, "我想贷款50万")
    report = AccountClosedReport(
        to_user="gh_1",
        openid="oPlatform",
        created_at=datetime.now(UTC),
        dedup_key="event:closed",
        subject=world.openid,
        app_id="wx1",
    )
    assert (await world.pipeline.answer(report)).text is None
    assert await count(world.database, RequestRow) == 0
    async with world.database.reading() as session:
        people = {person.openid: person.follows for person in await session.scalars(select(PersonRow))}
    assert people == {world.openid: False}, "whoever the platform speaks as is no person"
