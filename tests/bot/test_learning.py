"""What is kept of owners' sentences to learn from, and what never is."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.learning import Learning
from bot.wechat.messages import UnsubscribeEvent
from domain.database import Database
from domain.unlabelled import UnlabelledRow
from handlers.turn import Topic
from matching.matcher import Matcher
from nlu.understanding import Entity, Intent, Source, Understanding
from tests.bot.front import front
from tests.bot.turns import message

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
A_DAY = 20


async def model() -> str:
    return "0123456789abcdef"


@pytest.fixture
def learning(database: Database) -> Learning:
    return Learning(database, model)


def read(
    text: str,
    intent: str = "inform",
    confidence: float = 0.9,
    *,
    second: str = "ask_rate",
    entities: tuple[Entity, ...] = (),
    source: Source = "rasa",
) -> Understanding:
    best = Intent(intent, confidence)
    return Understanding(text, best, (best, Intent(second, 0.2)), entities, source)


async def kept(learning: Learning, database: Database) -> list[tuple[str, str, str, int]]:
    await learning.flush()
    async with database.reading() as session:
        rows = await session.scalars(select(UnlabelledRow).order_by(UnlabelledRow.id))
        return [(row.text, row.reason, row.intent, row.count) for row in rows]


async def test_what_fell_back_or_was_a_guess(learning: Learning, database: Database) -> None:
    learning.note("a", read("今天天气", "nlu_fallback", 0.8), None, NOW)
    learning.note("a", read("那个咋整", "help", 0.5), "financing", NOW)
    learning.note("a", read("八十万", "inform", 0.7), "financing", NOW)
    assert await kept(learning, database) == [
        ("今天天气", "fallback", "ask_rate", 1),
        ("那个咋整", "unsure", "help", 1),
    ]
    async with database.reading() as session:
        row = await session.scalar(select(UnlabelledRow).where(UnlabelledRow.text == "那个咋整"))
    assert row is not None
    assert (row.model, row.confidence, row.label) == ("0123456789abcdef", 0.5, None)


async def test_what_the_next_sentence_corrected(learning: Learning, database: Database) -> None:
    learning.note("a", read("想办征信贷", "apply_product"), None, NOW)
    learning.note("b", read("不对，我只是问问", "correct"), None, NOW)
    assert await kept(learning, database) == []
    learning.note("a", read("不对，我只是问问", "correct"), None, NOW)
    assert await kept(learning, database) == [("想办征信贷", "corrected", "apply_product", 1)]


async def test_an_unsure_correction_corrects_nothing(learning: Learning, database: Database) -> None:
    learning.note("a", read("想办征信贷", "apply_product"), None, NOW)
    learning.note("a", read("不不不", "correct", 0.5), None, NOW)
    assert [text for text, *_ in await kept(learning, database)] == ["不不不"]


async def test_a_turn_that_is_done_again_counts_once(learning: Learning, database: Database) -> None:
    first, second = read("那个咋整", "help", 0.5), read("不对", "correct")
    for understanding in (first, first, second, second):
        learning.note("a", understanding, None, NOW)
    assert await kept(learning, database) == [("那个咋整", "unsure", "help", 1)]


async def test_the_same_words_of_several_people_are_one_row(learning: Learning, database: Database) -> None:
    for person in "abc":
        learning.note(person, read("那个咋整", "help", 0.5), None, NOW)
    assert [count for *_, count in await kept(learning, database)] == [3]
    learning.note("d", read("那个咋整", "help", 0.5), None, NOW)
    assert [count for *_, count in await kept(learning, database)] == [4]


async def test_sensitive_steps_are_never_kept(learning: Learning, database: Database) -> None:
    learning.note("a", read("我的密码", "nlu_fallback"), "identity", NOW)
    learning.note("a", read("随便", "inform"), "identity", NOW)
    learning.note("a", read("不对", "correct"), None, NOW)
    assert await kept(learning, database) == []


def test_every_topic_is_settled() -> None:
    """Who adds a topic says whether it asks for anything personal: here, or in `bot.learning`."""
    assert set(get_args(Topic)) == {"financing", "withdrawing", "equity", "renewing", "reporting"}


async def test_only_rasas_readings_count(learning: Learning, database: Database) -> None:
    learning.note("a", read("张建国的号", "nlu_fallback", source="keywords"), None, NOW)
    learning.note("a", read("", "help", 0.1, source="button"), None, NOW)
    assert await kept(learning, database) == []


async def test_so_many_of_a_person_a_day(learning: Learning, database: Database) -> None:
    for number in range(A_DAY + 5):
        learning.note("a", read(f"怪话{chr(0x4E00 + number)}", "nlu_fallback"), None, NOW)
    learning.note("b", read("别人的怪话", "nlu_fallback"), None, NOW)
    assert len(await kept(learning, database)) == A_DAY + 1
    learning.note("a", read("明天的怪话", "nlu_fallback"), None, NOW + timedelta(days=1))
    assert len(await kept(learning, database)) == A_DAY + 2


@pytest.mark.parametrize("text", ["嗯", "长" * 201, " "])
async def test_too_short_and_too_long(learning: Learning, database: Database, text: str) -> None:
    learning.note("a", read(text, "nlu_fallback"), None, NOW)
    assert await kept(learning, database) == []


async def test_names_and_numbers_are_masked_before_anything_is_kept(
    learning: Learning, database: Database
) -> None:
    name = Entity("person", "欧阳锋", 2, 5)
    learning.note("a", read("我叫欧阳锋13800138000", "nlu_fallback", entities=(name,)), None, NOW)
    assert [text for text, *_ in await kept(learning, database)] == ["我叫〔姓名〕〔号码〕"]


async def test_a_database_that_is_away_fills_no_memory(learning: Learning, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE unlabelled RENAME TO away")
    learning.note("a", read("那个咋整", "help", 0.5), None, NOW)
    with pytest.raises(SQLAlchemyError):
        await learning.flush()
    assert await learning.flush() == 0


async def test_through_the_pipeline_and_after_the_person_left(
    database: Database, shared_valkey: str, empty_matcher: Matcher
) -> None:
    async def understand(text: str) -> Understanding:
        return read(text, "nlu_fallback")

    learning = Learning(database, model)
    async with front(
        database, shared_valkey, empty_matcher, understand=understand, learn=learning.note
    ) as world:
        asked = message(world, "月亮离这儿多远，我电话13800138000", 1)
        answers = [await world.pipeline.answer(asked) for _ in range(2)]
        assert answers[0] == answers[1]
        left = UnsubscribeEvent(
            to_user="gh_1", openid=world.openid, created_at=datetime.now(UTC), dedup_key="left"
        )
        await world.pipeline.answer(left)
        assert await kept(learning, database) == [
            ("月亮离这儿多远，我电话〔号码〕", "fallback", "ask_rate", 1)
        ]
        async with database.reading() as session:
            row = await session.scalar(select(UnlabelledRow))
        assert row is not None
        assert world.openid not in str(vars(row))
