"""Idempotency keys: one change for one key, also of two calls at once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain import idempotency
from domain.base import utcnow
from domain.database import Database
from domain.idempotency import KEPT, Answer, IdempotencyKeyRow, Key, KeyUsedOtherwise, fingerprint
from domain.secrets import Cipher

KEY = Key("CL1", "k", fingerprint("POST", "/a", "{}"))
ANSWER = Answer(201, '{"名": 1}')


async def call(database: Database, cipher: Cipher, key: Key = KEY, *, changes: list[str]) -> Answer:
    """A call as the API makes it; what it changes is noted."""
    now = utcnow()
    async with database.unit_of_work() as session:
        if before := await idempotency.begun(session, key, now, cipher=cipher):
            return before
        await asyncio.sleep(0)
        changes.append(key.key)
        idempotency.answered(session, key, ANSWER, now, cipher=cipher)
    return ANSWER


async def test_the_second_call_gets_the_first_one_s_answer(database: Database, cipher: Cipher) -> None:
    changes: list[str] = []
    assert await call(database, cipher, changes=changes) == ANSWER
    assert await call(database, cipher, changes=changes) == ANSWER
    assert await call(database, cipher, Key("CL2", "k", KEY.fingerprint), changes=changes) == ANSWER
    assert changes == ["k", "k"], "another client's key is another one"


async def test_of_many_at_once_one_changes_something(database: Database, cipher: Cipher) -> None:
    changes: list[str] = []
    answers = await asyncio.gather(*(call(database, cipher, changes=changes) for _ in range(8)))
    assert answers == [ANSWER] * 8
    assert changes == ["k"]


async def test_another_call_with_the_key_is_refused(database: Database, cipher: Cipher) -> None:
    await call(database, cipher, changes=[])
    for method, path, body in (("POST", "/a", "{1}"), ("POST", "/b", "{}"), ("PUT", "/a", "{}")):
        with pytest.raises(KeyUsedOtherwise):
            await call(database, cipher, Key("CL1", "k", fingerprint(method, path, body)), changes=[])


async def test_a_call_that_failed_left_no_key(database: Database, cipher: Cipher) -> None:
    async def fails() -> None:
        async with database.unit_of_work() as session:
            assert await idempotency.begun(session, KEY, utcnow(), cipher=cipher) is None
            idempotency.answered(session, KEY, ANSWER, utcnow(), cipher=cipher)
            await session.flush()
            raise PermissionError

    with pytest.raises(PermissionError):
        await fails()
    changes: list[str] = []
    await call(database, cipher, changes=changes)
    assert changes == ["k"]


async def test_a_key_is_forgotten_after_a_day(database: Database, cipher: Cipher) -> None:
    now = utcnow()
    async with database.unit_of_work() as session:
        idempotency.answered(session, KEY, ANSWER, now, cipher=cipher)
    for later, expected in ((KEPT - timedelta(seconds=1), ANSWER), (KEPT, None)):
        async with database.unit_of_work() as session:
            assert await idempotency.begun(session, KEY, now + later, cipher=cipher) == expected
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(IdempotencyKeyRow)) == 0


async def test_answers_are_not_readable_in_the_database(database: Database, cipher: Cipher) -> None:
    await call(database, cipher, changes=[])
    async with database.reading() as session:
        (row,) = await session.scalars(select(IdempotencyKeyRow))
    assert "名".encode() not in row.answer
