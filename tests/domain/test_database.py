"""The unit of work: all of it or nothing, one writer at a time, readers never in the way."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from domain import events
from domain.base import new_id, today_in_china, utcnow
from domain.catalogue import CatalogueStateRow
from domain.database import Database
from domain.events import OutboxRow
from domain.people import PersonRow, seen
from domain.sqlite import TransactionLost
from tests.domain.databases import SqliteFiles, on_sqlite, opened


async def count(database: Database) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(OutboxRow)) or 0)


@on_sqlite
async def test_fifty_writers_at_once_lose_nothing(database: Database) -> None:
    async with database.unit_of_work() as session:
        session.add(CatalogueStateRow(id=1, version=0))

    async def add_one() -> None:
        async with database.unit_of_work() as session:
            row = await session.get_one(CatalogueStateRow, 1)
            seen_version = row.version
            await asyncio.sleep(0)
            row.version = seen_version + 1

    await asyncio.gather(*(add_one() for _ in range(50)))
    async with database.reading() as session:
        assert (await session.get_one(CatalogueStateRow, 1)).version == 50


async def test_two_services_on_one_file_wait_for_each_other(database: Database) -> None:
    other = Database(str(database.engine.url))
    try:

        async def write(through: Database) -> None:
            async with through.unit_of_work() as session:
                await events.claim(session, 1)
                await asyncio.sleep(0.01)
                events.record(session, "something", {}, utcnow())

        await asyncio.gather(*(write(through) for through in (database, other) for _ in range(10)))
        assert await count(database) == 20
    finally:
        await other.aclose()


async def test_an_error_takes_everything_back(database: Database) -> None:
    async def half() -> None:
        async with database.unit_of_work() as session:
            events.record(session, "something", {}, utcnow())
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await half()
    assert await count(database) == 0
    async with database.unit_of_work() as session:
        events.record(session, "something", {}, utcnow())
    assert await count(database) == 1


async def test_a_cancelled_writer_leaves_the_way_free(database: Database) -> None:
    entered = asyncio.Event()

    async def hang() -> None:
        async with database.unit_of_work() as session:
            events.record(session, "something", {}, utcnow())
            await session.flush()
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), database.unit_of_work() as session:
        events.record(session, "something", {}, utcnow())
    assert await count(database) == 1


async def test_readers_see_the_last_commit_while_somebody_writes(database: Database) -> None:
    async with database.unit_of_work() as session:
        events.record(session, "something", {}, utcnow())
        await session.flush()
        async with asyncio.timeout(5):
            assert await count(database) == 0
    assert await count(database) == 1


async def test_who_writes_at_the_same_moment_is_told_of_a_commit_that_failed(database: Database) -> None:
    """Nobody may believe that something is kept which is not."""
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE parents (id INTEGER PRIMARY KEY)"))
        await connection.execute(
            text(
                "CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)"
            )
        )

    async def orphan() -> None:
        async with database.unit_of_work() as session:
            await session.execute(text("INSERT INTO children (parent) VALUES (1)"))

    async def event() -> None:
        async with database.unit_of_work() as session:
            events.record(session, "something", {}, utcnow())

    outcomes = await asyncio.gather(orphan(), event(), event(), return_exceptions=True)
    kept = sum(outcome is None for outcome in outcomes)
    assert isinstance(outcomes[0], IntegrityError)
    assert await count(database) == kept
    await event()
    assert await count(database) == kept + 1


async def test_a_full_disk_is_told_to_all_whose_writes_it_took(tmp_path: Path) -> None:
    """SQLite then takes back the whole transaction, not the savepoint of who met it."""
    async with opened(await SqliteFiles(tmp_path).migrated(tmp_path / "full.db")) as database:
        async with database.unit_of_work() as session:
            pages = (await session.execute(text("PRAGMA page_count"))).scalar_one()
            await session.execute(text(f"PRAGMA max_page_count = {pages + 5}"))

        async def write(letters: int) -> None:
            async with database.unit_of_work() as session:
                events.record(session, "something", {"text": "x" * letters}, utcnow())

        outcomes = await asyncio.gather(write(1), write(100_000), write(1), return_exceptions=True)
        kept = sum(outcome is None for outcome in outcomes)
        assert [type(outcome) for outcome in outcomes[:2]] == [TransactionLost, TransactionLost]
        assert await count(database) == kept
        await write(1)
        assert await count(database) == kept + 1


async def test_who_is_cancelled_while_another_process_writes_leaves_no_lock_behind(tmp_path: Path) -> None:
    address = await SqliteFiles(tmp_path).migrated(tmp_path / "two.db")
    async with opened(address) as other, opened(address) as database:
        async with other.unit_of_work() as session:
            events.record(session, "something", {}, utcnow())
            await session.flush()
            waiting = asyncio.create_task(_write_one(database))
            await asyncio.sleep(0.2)
            waiting.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(5):
            await _write_one(other)
            await _write_one(database)
        assert await count(database) == 3


async def _write_one(database: Database) -> None:
    async with database.unit_of_work() as session:
        events.record(session, "something", {}, utcnow())


async def test_of_several_who_write_together_one_that_fails_takes_only_its_own_back(
    database: Database,
) -> None:
    async def write(*, fail: bool) -> None:
        async with database.unit_of_work() as session:
            events.record(session, "something", {}, utcnow())
            await session.flush()
            if fail:
                raise LookupError

    outcomes = await asyncio.gather(*(write(fail=n % 3 == 0) for n in range(9)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError, type(None), type(None)] * 3
    assert await count(database) == 6


async def test_what_a_reader_changes_is_not_kept(database: Database) -> None:
    async with database.reading() as session:
        events.record(session, "something", {}, utcnow())
        await session.flush()
    assert await count(database) == 0


@on_sqlite
async def test_a_commit_survives_the_loss_of_power(database: Database) -> None:
    async with database.reading() as session:
        assert (await session.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await session.execute(text("PRAGMA synchronous"))).scalar_one() == 2
        assert (await session.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
    assert await database.ready()


async def test_errors_do_not_quote_what_people_wrote(database: Database) -> None:
    async def twice() -> None:
        async with database.unit_of_work() as session:
            await seen(session, "oSecretPerson", utcnow(), before=None)
            await session.flush()
            session.expunge_all()
            session.add(
                PersonRow(
                    openid="oSecretPerson",
                    follows=True,
                    scene=None,
                    first_seen_at=utcnow(),
                    last_seen_at=utcnow(),
                    unfollowed_at=None,
                )
            )

    with pytest.raises(IntegrityError) as error:
        await twice()
    assert "oSecretPerson" not in str(error.value)


async def test_a_time_without_zone_is_refused(database: Database) -> None:
    async def write() -> None:
        async with database.unit_of_work() as session:
            events.record(session, "something", {}, utcnow().replace(tzinfo=None))

    with pytest.raises(StatementError, match="without zone"):
        await write()


def test_ids_are_readable_and_never_repeat() -> None:
    ids = {new_id("RQ") for _ in range(1000)}
    assert len(ids) == 1000
    day = today_in_china().strftime("%y%m%d")
    assert all(one.startswith(f"RQ{day}-") and len(one) == 17 for one in ids)
    assert not any(set(one.partition("-")[2]) & set("ILOU") for one in ids)
