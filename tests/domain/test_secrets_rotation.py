"""A change of key: everything is sealed anew, whoever is interrupted or writes meanwhile."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from bot.schema import METADATA
from domain.base import utcnow
from domain.companies import Company, CompanyRow, save_all
from domain.database import Database
from domain.secrets import Algorithm, Cipher, decode_key, key_id_of, new_key
from domain.secrets_columns import SEALED
from domain.secrets_rotation import Standing, rotate, survey
from tests.domain.headless import headless

OLD, NEW, FOREIGN = (decode_key(new_key()) for _ in range(3))
BEFORE, AFTER = Cipher(OLD), Cipher(NEW, previous=[OLD])
PHONE = next(column for column in SEALED if column.name == "companies.phone")
ROWS = 25


def test_every_column_of_bytes_is_declared() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert found == {column.name for column in SEALED}
    assert all(column.found_by is None or column.index_purpose for column in SEALED)


def uscc(number: int) -> str:
    return f"91320500MA1{number:07d}"


async def fill(database: Database, cipher: Cipher, first: int = 0, count: int = ROWS) -> None:
    companies = [
        Company(uscc=uscc(n), name=f"公司{n}", phone=f"138{n:08d}", contact="张三")
        for n in range(first, first + count)
    ]
    async with database.unit_of_work() as session:
        await save_all(session, companies, utcnow(), cipher=cipher)


async def phones(database: Database) -> dict[str, bytes | None]:
    async with database.reading() as session:
        rows = await session.execute(select(CompanyRow.uscc, CompanyRow.phone))
        return {row.uscc: row.phone for row in rows}


async def standing(database: Database, cipher: Cipher) -> Standing:
    async with database.reading() as session:
        (found,) = await survey(session, cipher, [PHONE])
    return found


async def go_through(database: Database, cipher: Cipher, limit: int = 7) -> int:
    last: tuple[Any, ...] | None = None
    renewed = 0
    while True:
        async with database.unit_of_work() as session:
            portion = await rotate(session, cipher, PHONE, last, limit=limit)
        renewed, last = renewed + portion.renewed, portion.last
        if last is None:
            return renewed


@pytest.mark.parametrize("limit", [1, 7, ROWS, 100])
async def test_everything_is_sealed_anew_and_reads_as_before(database: Database, limit: int) -> None:
    await fill(database, BEFORE)
    assert (await standing(database, AFTER)).left == ROWS
    assert await go_through(database, AFTER, limit) == ROWS
    alone = Cipher(NEW)
    for number in range(ROWS):
        blob = (await phones(database))[uscc(number)]
        assert alone.decrypt(blob or b"", "phone") == f"138{number:08d}"
    after = await standing(database, AFTER)
    assert (after.left, after.current) == (0, ROWS)
    assert await go_through(database, AFTER) == 0, "nothing is written twice"


async def test_what_was_sealed_before_there_were_ids_is_reached_too(database: Database) -> None:
    await fill(database, BEFORE)
    async with database.unit_of_work() as session:
        for row in await session.scalars(select(CompanyRow)):
            row.phone = headless(OLD, "13812345678", "phone")
    before = await standing(database, AFTER)
    assert (before.headless, before.lost, before.left) == (ROWS, False, ROWS)
    assert await go_through(database, AFTER) == ROWS
    assert {Cipher(NEW).decrypt(blob or b"", "phone") for blob in (await phones(database)).values()} == {
        "13812345678"
    }


async def test_another_algorithm_is_a_change_too(database: Database) -> None:
    await fill(database, BEFORE)
    sm4 = Cipher(OLD, algorithm=Algorithm.SM4_GCM)
    assert (await standing(database, sm4)).previous == ROWS
    assert await go_through(database, sm4) == ROWS
    assert all((blob or b"").startswith(sm4.head) for blob in (await phones(database)).values())


async def test_a_row_of_an_unknown_key_stays_and_is_counted(database: Database) -> None:
    await fill(database, BEFORE)
    await fill(database, Cipher(FOREIGN), first=10, count=3)
    untouched = (await phones(database))[uscc(11)]
    found = await standing(database, AFTER)
    assert (found.unknown, found.unknown_keys) == (3, {Cipher(FOREIGN).key_id})
    assert await go_through(database, AFTER, limit=2) == ROWS - 3
    assert (await phones(database))[uscc(11)] == untouched
    assert (await standing(database, AFTER)).left == 3


async def test_headless_rows_of_a_lost_key_are_noticed(database: Database) -> None:
    await fill(database, AFTER, count=3)
    async with database.unit_of_work() as session:
        row = await session.get_one(CompanyRow, uscc(1))
        row.phone = headless(FOREIGN, "13812345678", "phone")
    assert (await standing(database, AFTER)).lost
    assert await go_through(database, AFTER) == 0


async def test_killed_half_way_it_goes_on_with_what_is_left(database: Database) -> None:
    await fill(database, BEFORE)
    async with database.unit_of_work() as session:
        portion = await rotate(session, AFTER, PHONE, None, limit=10)
    assert portion.renewed == 10

    async def killed_before_its_portion_was_committed() -> None:
        async with database.unit_of_work() as session:
            await rotate(session, AFTER, PHONE, portion.last, limit=10)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await killed_before_its_portion_was_committed()
    assert (await standing(database, AFTER)).left == ROWS - 10
    assert await go_through(database, AFTER) == ROWS - 10


async def test_two_at_once_do_not_trip_over_each_other(database: Database) -> None:
    await fill(database, BEFORE)
    both = await asyncio.gather(*(go_through(database, AFTER, limit=4) for _ in range(2)))
    assert sum(both) == ROWS, "each row was sealed by one of them, once"
    assert (await standing(database, AFTER)).left == 0


async def test_what_is_written_meanwhile_is_not_overwritten(database: Database) -> None:
    await fill(database, BEFORE)
    started, written = asyncio.Event(), asyncio.Event()

    async def importing() -> None:
        await started.wait()
        async with database.unit_of_work() as session:
            changed = Company(uscc=uscc(20), name="公司20", phone="13900000000")
            await save_all(session, [changed], utcnow(), cipher=AFTER)
        written.set()

    async def rotating() -> None:
        async with database.unit_of_work() as session:
            portion = await rotate(session, AFTER, PHONE, None, limit=10)
        started.set()
        await written.wait()
        async with database.unit_of_work() as session:
            await rotate(session, AFTER, PHONE, portion.last, limit=100)

    await asyncio.gather(importing(), rotating())
    blob = (await phones(database))[uscc(20)]
    assert Cipher(NEW).decrypt(blob or b"", "phone") == "13900000000"
    assert (await standing(database, AFTER)).left == 0


def test_the_head_names_the_key_and_nothing_else_does() -> None:
    assert key_id_of(BEFORE.encrypt("x", "phone")) == BEFORE.key_id
    assert key_id_of(headless(OLD, "x", "phone")) is None
