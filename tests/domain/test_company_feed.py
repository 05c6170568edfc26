"""Whatever changes a company's facts is found by who looks again, once, and whoever commits when."""

from typing import Any

from sqlalchemy import delete, text, update

from domain import company_feed
from domain.base import utcnow
from domain.companies import Company, CompanyRow, save_all
from domain.database import Database
from domain.scores import keeping
from domain.secrets import Cipher, decode_key, new_key

CIPHER = Cipher(decode_key(new_key()))
A, B, C = (f"91320583MA1MABCD{letter}X" for letter in "ABC")


def company(uscc: str, **facts: Any) -> Company:
    return Company.model_validate({"uscc": uscc, "name": "苏州恒达", **facts})


async def put(database: Database, *companies: Company) -> None:
    async with database.unit_of_work() as session:
        await save_all(session, companies, utcnow(), cipher=CIPHER)


async def here(database: Database) -> str:
    async with database.reading() as session:
        return await company_feed.position(session)


async def since(database: Database, position: str) -> list[str]:
    async with database.reading() as session:
        until = await company_feed.position(session)
        found = await company_feed.changed(session, position, until, after="", limit=10)
    return [item.uscc + ("" if item.facts else " gone") for item in found]


async def test_every_company_page_by_page(database: Database) -> None:
    await put(database, company(B, revenue=1), company(A), company(C))
    async with database.reading() as session:
        first = await company_feed.everything(session, "", 2)
        second = await company_feed.everything(session, first[-1].uscc, 2)
    assert [item.uscc for item in (*first, *second)] == [A, B, C]
    assert first[1].facts is not None
    assert '"revenue"' in first[1].facts


async def test_new_changed_and_deleted_ones_are_found_once(database: Database) -> None:
    await put(database, company(A), company(B))
    begin = await here(database)
    assert await since(database, begin) == []
    await put(database, company(B, revenue=2), company(C))
    assert await since(database, begin) == [B, C]
    middle = await here(database)
    async with database.unit_of_work() as session:
        await session.execute(delete(CompanyRow).where(CompanyRow.uscc == A))
    assert await since(database, middle) == [f"{A} gone"]
    assert await since(database, begin) == [f"{A} gone", B, C]
    assert await since(database, await here(database)) == []


async def test_a_new_score_is_a_change_and_a_new_phone_is_none(database: Database) -> None:
    await put(database, company(A, credit_score=700), company(B))
    begin = await here(database)
    async with database.unit_of_work() as session:
        await keeping.hide(session, A)
        await session.execute(update(CompanyRow).where(CompanyRow.uscc == B).values(phone=b"0", name="新名"))
    assert await since(database, begin) == [A]


async def test_what_was_taken_back_did_not_happen(database: Database) -> None:
    await put(database, company(A))
    begin = await here(database)
    async with database.reading() as session:
        await save_all(session, [company(A, revenue=1)], utcnow(), cipher=CIPHER)
    assert await since(database, begin) == []


async def test_who_commits_late_is_not_missed(migrated_postgres_url: str) -> None:
    """Three transactions that end in another order than they began, and looks in between."""
    database = Database(migrated_postgres_url)
    try:
        begin = await here(database)
        async with database.unit_of_work() as slow:
            await save_all(slow, [company(A)], utcnow(), cipher=CIPHER)
            await slow.flush()
            await put(database, company(B))
            assert await since(database, begin) == [B]
            middle = await here(database)
            await put(database, company(C))
            assert await since(database, middle) == [C]
            later = await here(database)
        assert await since(database, later) == [A]
        assert await since(database, middle) == [A, C]
        assert await since(database, await here(database)) == []
    finally:
        await database.aclose()


async def test_versions_of_another_server_are_no_news(migrated_postgres_url: str) -> None:
    database = Database(migrated_postgres_url)
    try:
        await put(database, company(A))
        async with database.unit_of_work() as session:
            await session.execute(text("UPDATE company_changes SET version = 900000000000"))
        assert await since(database, await here(database)) == []
    finally:
        await database.aclose()
