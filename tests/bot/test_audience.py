"""What is known of all companies is read at the first question and follows what is committed."""

from typing import Any

from sqlalchemy import delete

from bot.audience import Audiences
from domain.companies import CompanyRow
from domain.database import Database
from domain.importing import import_rows
from domain.policies import Policy
from domain.secrets import Cipher, decode_key, new_key
from tests.matching.items import SUBSIDY, policy

CIPHER = Cipher(decode_key(new_key()))
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ITEM: Policy = policy(SUBSIDY, regions=(), industries=(), conditions={"revenue_min": 100})


async def put(database: Database, *rows: dict[str, Any]) -> None:
    named = [{"name": "苏州恒达"} | row for row in rows]
    report = await import_rows(database, "companies", named, cipher=CIPHER)
    assert report.rejected == ()


def uscc(number: int) -> str:
    return f"91320583MA1M{number:06}"


async def admitted(asked: Audiences) -> list[str]:
    return (await asked.of(ITEM)).page("", 100)[0]


async def test_each_answer_knows_what_was_written_before(database: Database) -> None:
    here, elsewhere = Audiences(database), Audiences(database)
    assert await admitted(here) == []
    await put(database, {"uscc": uscc(1), "revenue": 100}, {"uscc": uscc(2), "revenue": 99})
    assert await admitted(here) == await admitted(elsewhere) == [uscc(1)]
    await put(database, {"uscc": uscc(2), "revenue": 100}, {"uscc": uscc(3)})
    assert await admitted(elsewhere) == [uscc(1), uscc(2), uscc(3)]
    async with database.unit_of_work() as session:
        await session.execute(delete(CompanyRow).where(CompanyRow.uscc == uscc(1)))
    assert await admitted(here) == await admitted(elsewhere) == [uscc(2), uscc(3)]
    found = await here.of(ITEM)
    assert (found.count, found.certain) == (2, 1)


async def test_many_portions(database: Database) -> None:
    await put(database, *({"uscc": uscc(number), "revenue": number} for number in range(130)))
    asked = Audiences(database, portion=7)
    assert await admitted(asked) == [uscc(number) for number in range(100, 130)]
    await put(database, *({"uscc": uscc(number), "revenue": max(0, number - 1)} for number in range(130)))
    assert await admitted(asked) == [uscc(number) for number in range(101, 130)]


async def test_nothing_new_nothing_done(database: Database) -> None:
    await put(database, {"uscc": uscc(1)})
    asked = Audiences(database)
    await asked.of(ITEM)
    before = asked._companies
    await asked.of(ITEM)
    assert asked._companies is before
