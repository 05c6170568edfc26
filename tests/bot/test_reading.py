"""What is not typed: voices, places, pictures and the rest, over real sockets and within a conversation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.sandbox.people import Kind
from bot.transcription.errors import (
    BadCredentials,
    NotHeard,
    RecordingAway,
    TooLong,
    TranscriptionFailed,
    Unreachable,
)
from bot.wechat.messages import VoiceMessage
from domain.conversations import ConversationRow
from domain.database import Database
from domain.inbox import InboxRow
from domain.requests import RequestRow
from handlers import form
from handlers.turn import Field
from matching.matcher import Matcher
from notify.sender import Sender
from tests.bot.front import Front, front
from tests.bot.turns import count
from tests.domain.databases import on_sqlite
from tests.notify.conftest import relay_of

KUNSHAN = "江苏省苏州市昆山市前进东路88号"


class Ears:
    """Hears `words`, or fails; `may_answer` holds it up."""

    def __init__(self) -> None:
        self.words: str | TranscriptionFailed = ""
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.heard: list[VoiceMessage] = []

    async def __call__(self, voice: VoiceMessage) -> str:
        self.heard.append(voice)
        await self.may_answer.wait()
        if isinstance(self.words, TranscriptionFailed):
            raise self.words
        return self.words


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
async def hearing(
    database: Database, shared_valkey: str, empty_matcher: Matcher, ears: Ears
) -> AsyncIterator[Front]:
    async with front(database, shared_valkey, empty_matcher, listen=ears) as world:
        yield world


def text(entries: list[Any]) -> str:
    (entry,) = entries
    return str(entry.content.text)


async def say(world: Front, *texts: str) -> str:
    answers = [text(await world.fake.say(world.openid, one)) for one in texts]
    return answers[-1]


async def need_of(world: Front) -> Any:
    async with world.database.reading() as session:
        (request,) = await session.scalars(select(RequestRow))
        return request.need


async def state_of(world: Front) -> dict[str, Any]:
    async with world.database.reading() as session:
        (row,) = await session.scalars(select(ConversationRow))
        return dict(row.state)


# Voices


async def test_a_voice_is_answered_like_words_and_shows_what_was_heard(hearing: Front, ears: Ears) -> None:
    ears.words = "我想贷五十万买设备。"
    answer = text(await hearing.fake.voice(hearing.openid))
    first, _, rest = answer.partition("\n")
    assert first == "听到的是：「我想贷五十万买设备。」"
    assert form.question(Field.TERM) in rest
    assert (await need_of(hearing)).amount_min == 500_000
    assert hearing.fake.violations == []


async def test_what_was_heard_wrong_is_corrected(hearing: Front, ears: Ears) -> None:
    ears.words = "我想贷十万买设备"
    await hearing.fake.voice(hearing.openid)
    assert "80万" in await say(hearing, "不对，是80万")
    assert (await need_of(hearing)).amount_max == 800_000


async def test_what_wechat_recognised_is_taken_and_nobody_else_asked(hearing: Front, ears: Ears) -> None:
    answer = text(await hearing.fake.voice(hearing.openid, "我想贷款"))
    assert answer.startswith("听到的是：「我想贷款」\n")
    assert "多少资金" in answer
    assert ears.heard == []


async def test_a_refusal_shows_what_was_heard_too(hearing: Front, ears: Ears) -> None:
    ears.words = "我想贷五百亿"
    answer = text(await hearing.fake.voice(hearing.openid))
    assert answer.startswith("听到的是：「我想贷五百亿」\n")


async def test_of_a_long_speech_the_beginning_is_shown_and_no_figure_of_a_person(
    hearing: Front, ears: Ears
) -> None:
    ears.words = "我的电话是13812345678，" + "我们厂做了很多年了，" * 20
    line = text(await hearing.fake.voice(hearing.openid)).partition("\n")[0]
    assert len(line) < 80
    assert line.endswith("…」")
    assert "13812345678" not in line


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (NotHeard("x"), "没听清"),
        (TooLong("x"), "太长"),
        (Unreachable("x"), "这会儿我听不了"),
        (BadCredentials("x"), "这会儿我听不了"),
        (RecordingAway("x"), "这会儿我听不了"),
    ],
)
@on_sqlite
async def test_what_could_not_be_heard_is_asked_for_in_writing(
    hearing: Front, ears: Ears, failure: TranscriptionFailed, words: str
) -> None:
    await say(hearing, "我想贷款80万")
    ears.words = failure
    answer = text(await hearing.fake.voice(hearing.openid))
    assert words in answer
    assert "打字" in answer
    assert form.question(Field.PURPOSE) in answer
    # The form goes on where it was.
    assert "多久" in await say(hearing, "买设备")


async def test_where_nobody_listens_people_are_asked_to_type(world: Front) -> None:
    answer = text(await world.fake.voice(world.openid))
    assert "语音我还听不了" in answer
    assert "打字" in answer
    assert await count(world.database, RequestRow) == 0


async def test_what_takes_long_to_hear_is_answered_by_a_customer_message(
    database: Database, shared_valkey: str, empty_matcher: Matcher, ears: Ears
) -> None:
    ears.words = "我想贷款"
    ears.may_answer.clear()
    async with front(database, shared_valkey, empty_matcher, listen=ears, deadline=0.3) as world:
        assert await world.fake.voice(world.openid) == []
        ears.may_answer.set()
        await world.pipeline.drain()
        await relay_of(database).run_once()
        assert await Sender(database, world.messenger).run_once() == 1
        (late,) = world.received(Kind.TEXT)[-1:]
        assert late.startswith("听到的是：「我想贷款」\n")
        assert len(ears.heard) == 1
        assert world.fake.violations == []


@on_sqlite
async def test_of_a_voice_neither_sound_nor_words_are_stored_but_for_the_answer(
    hearing: Front, ears: Ears
) -> None:
    ears.words = "你们这里能办什么业务"
    await hearing.fake.voice(hearing.openid)
    async with hearing.database.reading() as session:
        rows = await session.scalars(select(InboxRow))
        (row,) = [row for row in rows if row.key.startswith("msg:")]
    assert row.content is None
    assert "业务" not in str(await state_of(hearing))


# Places


async def asked_for_the_place(world: Front) -> str:
    return await say(world, "我想贷款80万", "买设备", "一年", "纯信用")


async def test_a_place_answers_the_question_for_it(world: Front) -> None:
    assert form.question(Field.REGION) in await asked_for_the_place(world)
    answer = text(await world.fake.location(world.openid, 31.385, 120.981, KUNSHAN))
    assert "苏州市昆山市" in answer
    assert form.question(Field.INDUSTRY) in answer
    assert (await need_of(world)).region == "320583"


@on_sqlite
async def test_a_place_that_was_not_asked_for_is_said_and_the_question_stands(world: Front) -> None:
    await say(world, "我想贷款80万")
    answer = text(await world.fake.location(world.openid, 31.385, 120.981, KUNSHAN))
    assert "在苏州市昆山市" in answer
    assert form.question(Field.PURPOSE) in answer
    need = await need_of(world)
    assert (need.amount_min, need.region) == (800_000, None)
    # What it proposes to say is understood.
    await say(world, "企业在苏州市昆山市")
    assert (await need_of(world)).region == "320583"


@on_sqlite
async def test_a_place_without_a_form_says_what_can_be_done(world: Front) -> None:
    answer = text(await world.fake.location(world.openid, 31.385, 120.981, KUNSHAN))
    assert "在苏州市昆山市" in answer
    assert "想贷80万买设备" in answer
    assert await count(world.database, RequestRow) == 0


@pytest.mark.parametrize("label", ["", "市民服务中心", "中山路100号", "成都小吃(人民路店)", "朝阳区"])
@on_sqlite
async def test_a_label_that_names_no_place_is_asked_about(world: Front, label: str) -> None:
    await asked_for_the_place(world)
    answer = text(await world.fake.location(world.openid, 31.3, 120.9, label))
    assert "城市和区县" in answer
    assert form.question(Field.REGION) in answer
    assert (await need_of(world)).region is None


# Pictures and the rest


async def test_a_picture_leaves_the_form_as_it_is(world: Front) -> None:
    await say(world, "我想贷款80万")
    before = await state_of(world)
    answer = text(await world.fake.image(world.openid))
    assert "图片" in answer
    assert "不要发在聊天里" in answer
    assert "身份证" in answer
    assert form.question(Field.PURPOSE) in answer
    assert await state_of(world) == before
    assert "多久" in await say(world, "买设备")
    assert (await need_of(world)).amount_min == 800_000


async def test_numbers_mean_the_same_after_a_picture(world: Front) -> None:
    listed = await say(world, "我想贷款80万", "买设备", "一年")
    assert "4. 纯信用" in listed
    assert "4. 纯信用" in text(await world.fake.image(world.openid))
    await say(world, "4")
    assert (await need_of(world)).guarantee == ("credit",)


@on_sqlite
async def test_each_kind_has_its_answer_and_nothing_of_it_is_kept(world: Front) -> None:
    fake, openid = world.fake, world.openid
    file = {"MsgType": "file", "Title": "流水-张三.xlsx", "FileKey": "k", "FileTotalLen": "9"}
    answers = {
        "视频": await fake.video(openid),
        "视频收到": await fake.video(openid, short=True),
        "链接": await fake.link(openid, "一篇文章", "https://example.com/a"),
        "文件": await fake.pushes.message(fake.person(openid), file),
    }
    for words, entries in answers.items():
        assert words in text(entries)
        assert "打字" in text(entries)
    async with world.database.reading() as session:
        rows = list(await session.scalars(select(InboxRow)))
    assert len(rows) > len(answers)
    assert [row.content for row in rows if row.content] == []
    assert fake.violations == []
    database = Path(str(world.database.engine.url.database))
    written = b"".join(one.read_bytes() for one in database.parent.glob(f"{database.name}*"))
    assert "张三".encode() not in written
    assert b"example.com/a" not in written
