"""The walk of one message over real sockets: one turn, one answer, whatever WeChat and the network do."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.locks import PersonLocks
from bot.pipeline import Pipeline
from bot.sandbox.people import Kind
from bot.wechat.messages import AccountClosedReport, TextMessage, UnknownIncoming, UnsubscribeEvent
from domain import inbox
from domain.conversations import ConversationRow
from domain.database import Database
from domain.inbox import InboxRow
from domain.people import PersonRow
from domain.requests import RequestRow
from handlers.small_talk import WELCOME
from matching.matcher import Matcher
from nlu.understanding import Understanding
from notify.deliveries import DeliveryRow
from notify.sender import Sender
from tests.bot.front import Front, front, read
from tests.bot.turns import count, message
from tests.domain.databases import on_sqlite
from tests.notify.conftest import relay_of


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
        world.pipeline._city,
        lambda: None,
        forget=world.pipeline._forget_unfollowed,
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
    assert (arrival.answered, arrival.reply) == (True, row.reply)
    assert arrival.seen_at is not None
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


async def test_news_of_leaving_that_came_late_does_not_undo_a_return(world: Front) -> None:
    await world.fake.say(world.openid, "我想贷款50万")
    old = UnsubscribeEvent(
        to_user="gh_1",
        openid=world.openid,
        created_at=datetime.now(UTC) - timedelta(minutes=1),
        dedup_key="event:old",
    )
    await world.pipeline.answer(old)
    async with world.database.reading() as session:
        assert (await session.get_one(PersonRow, world.openid)).follows
    assert await count(world.database, RequestRow) == 1, "the draft is still there"


async def test_who_writes_follows_whatever_was_lost(world: Front) -> None:
    await world.fake.unfollow(world.openid)
    later = TextMessage(
        to_user="gh_1",
        openid=world.openid,
        created_at=datetime.now(UTC) + timedelta(seconds=5),
        dedup_key="msg:92",
        text="你好",
    )
    await world.pipeline.answer(later)
    async with world.database.reading() as session:
        person = await session.get_one(PersonRow, world.openid)
    assert (person.follows, person.unfollowed_at) == (True, None)
