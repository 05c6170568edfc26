"""Two processes answer one person on one PostgreSQL, with Redis away: the database alone keeps the order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy import func, select, text

from bot.embedded import ports
from bot.locks import PersonLocks
from bot.parking import Parking
from bot.pipeline import Pipeline
from bot.wechat.messages import TextMessage
from domain.base import Row
from domain.conversations import ConversationRow
from domain.database import Database
from domain.inbox import InboxRow
from domain.people import PersonRow
from domain.personal_data.unfollowed import forget_unfollowed
from domain.requests import RequestRow
from domain.secrets import Cipher, decode_key, new_key
from matching.matcher import Matcher
from tests.bot.front import read
from tests.city import EVERYBODY
from tests.domain.databases import on_postgresql, opened

pytestmark = on_postgresql

PEOPLE = 10
# Who waits for a row waits for another's transaction, which belongs to no database.
WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
async def replicas(database_url: str, empty_matcher: Matcher) -> AsyncIterator[tuple[Pipeline, Pipeline]]:
    async with (
        opened(database_url) as one,
        opened(database_url) as other,
        Redis(port=ports.any_free(), retry=Retry(NoBackoff(), 0)) as nobody,
    ):
        yield pipeline(one, nobody, empty_matcher), pipeline(other, nobody, empty_matcher)


def pipeline(database: Database, redis: Redis, matcher: Matcher) -> Pipeline:
    cipher = Cipher(decode_key(new_key()))
    return Pipeline(
        database,
        PersonLocks(redis),
        Parking(database, cipher),
        read,
        matcher,
        EVERYBODY,
        lambda: None,
        forget=partial(forget_unfollowed, cipher=cipher),
        deadline_seconds=20.0,
    )


def message(person: int, text: str, number: int) -> TextMessage:
    return TextMessage(
        to_user="gh_rongqiao",
        openid=f"oPerson{person}",
        created_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
        dedup_key=f"msg:{person}{number}",
        msg_id=f"{person}{number}",
        text=text,
    )


async def count(database: Database, row: type[Row]) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(row)) or 0)


async def test_two_first_messages_of_one_person_at_once(
    replicas: tuple[Pipeline, Pipeline], database: Database
) -> None:
    """Neither is lost, neither overwrites the other: what both said stands in one request."""
    for person in range(PEOPLE):
        answers = await asyncio.gather(
            replicas[0].answer(message(person, "我想贷款80万", 1)),
            replicas[1].answer(message(person, "我想贷款两年", 2)),
        )
        assert all(answer.text for answer in answers)
    assert await count(database, PersonRow) == PEOPLE
    assert await count(database, InboxRow) == 2 * PEOPLE
    async with database.reading() as session:
        conversations = list(await session.scalars(select(ConversationRow)))
        asked = list(await session.scalars(select(RequestRow)))
    assert [row.version for row in conversations] == [2] * PEOPLE
    assert [(row.amount_max, row.term_months) for row in asked] == [(800_000, 24)] * PEOPLE


async def test_one_message_to_two_replicas_at_once_is_one_turn(
    replicas: tuple[Pipeline, Pipeline], database: Database
) -> None:
    for person in range(PEOPLE):
        told = message(person, "我想贷款80万", 1)
        one, other = await asyncio.gather(replicas[0].answer(told), replicas[1].answer(replace(told)))
        assert one == other
        assert one.text
    assert await count(database, InboxRow) == PEOPLE
    assert await count(database, RequestRow) == PEOPLE


async def test_a_turn_that_a_deadlock_ends_begins_anew(
    replicas: tuple[Pipeline, Pipeline], database: Database
) -> None:
    """Somebody writes the conversation first and the request after, a turn the other way round."""
    await replicas[0].answer(message(1, "我想贷款80万", 1))
    async with database.unit_of_work() as session:
        await session.scalars(select(ConversationRow).with_for_update())
        turn = asyncio.create_task(replicas[0].answer(message(1, "两年", 2)))
        async with asyncio.timeout(10):
            while not await session.scalar(WAITS):  # noqa: ASYNC110 - in the database
                await asyncio.sleep(0.01)
        # PostgreSQL ends the one that has waited for a second: the turn, which waited first.
        await session.scalars(select(RequestRow).with_for_update())
    assert "2年" in ((await turn).text or "")
    async with database.reading() as session:
        asked = (await session.scalars(select(RequestRow))).one()
    assert (asked.amount_max, asked.term_months) == (800_000, 24)
