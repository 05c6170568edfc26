"""The guard over tables with credit data: what counts as reading, and who may."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, exists, insert, select, text, update

from domain import gated
from domain.database import Database
from domain.gated import GATED, Unguarded

OF_TESTS = MetaData()
SECRET = Table(
    "secrets_of_guard_tests",
    OF_TESTS,
    Column("id", Integer, primary_key=True),
    Column("value", String(20)),
    **GATED,
)
OPEN = Table(
    "open_of_guard_tests", OF_TESTS, Column("id", Integer, primary_key=True), Column("value", String(20))
)


@pytest.fixture
async def tables(database: Database) -> Database:
    async with database.engine.begin() as connection:
        await connection.run_sync(OF_TESTS.create_all)
    async with database.unit_of_work() as session:
        await session.execute(insert(SECRET), [{"id": 1, "value": "secret"}])
        await session.execute(insert(OPEN), [{"id": 1, "value": "open"}])
    return database


READING = {
    "a select": select(SECRET),
    "a column": select(SECRET.c.value).where(SECRET.c.id == 1),
    "a join": select(OPEN.c.id).join(SECRET, SECRET.c.id == OPEN.c.id),
    "a condition": select(OPEN).where(exists().where(SECRET.c.id == OPEN.c.id)),
    "a subquery": select(select(SECRET.c.value).subquery()),
    "a table expression": select(select(SECRET).cte("harmless")),
    "an alias": select(SECRET.alias("harmless")),
    "plain SQL": text("SELECT * FROM secrets_of_guard_tests"),
    "plain SQL in quotes": text('/* nothing */ SELECT * FROM "secrets_of_guard_tests"'),
    "plain SQL in capitals": text("SELECT * FROM SECRETS_OF_GUARD_TESTS"),
    "a table made of it": text("CREATE TABLE harmless AS SELECT * FROM secrets_of_guard_tests"),
    "a view of it": text("create view harmless as\nselect * from secrets_of_guard_tests"),
    "a copy": insert(OPEN).from_select(["id", "value"], select(SECRET.c.id + 1, SECRET.c.value)),
    "an update from it": update(OPEN).values(value=select(SECRET.c.value).scalar_subquery()),
    "a deletion by it": delete(OPEN).where(OPEN.c.id.in_(select(SECRET.c.id))),
    "what a write returns": update(SECRET).values(value="x").returning(SECRET.c.value),
    "what a deletion returns": delete(SECRET).returning(SECRET.c.value),
}
WRITING = {
    "an insertion": insert(SECRET).values(id=2, value="x"),
    "an update": update(SECRET).where(SECRET.c.value == "secret").values(value="x"),
    "a deletion": delete(SECRET),
    "a deletion in portions": delete(SECRET).where(SECRET.c.id.in_(select(SECRET.c.id).limit(1))),
    "another table": select(OPEN),
    "plain SQL": text("DELETE FROM secrets_of_guard_tests"),
    "a name that only begins so": text("SELECT 1 AS secrets_of_guard_tests_x"),
}


@pytest.mark.parametrize("what", READING)
async def test_reading_needs_the_gate(tables: Database, what: str) -> None:
    with pytest.raises(Unguarded, match="secrets_of_guard_tests"):
        async with tables.unit_of_work() as session:
            await session.execute(READING[what])
    with pytest.raises(Unguarded):
        async with tables.engine.begin() as connection:
            await connection.execute(READING[what])


@pytest.mark.parametrize("what", WRITING)
async def test_writing_does_not(tables: Database, what: str) -> None:
    async with tables.unit_of_work() as session:
        await session.execute(WRITING[what])


async def test_with_the_gate_open_it_is_read_and_afterwards_not(tables: Database) -> None:
    async with tables.reading() as session:
        connection = await session.run_sync(lambda sync: sync.connection())
        with gated.opened(connection):
            with gated.opened(connection):
                pass
            assert (await session.scalars(select(SECRET.c.value))).all() == ["secret"]
            async with tables.reading() as another:
                with pytest.raises(Unguarded):
                    await another.execute(select(SECRET))
        with pytest.raises(Unguarded):
            await session.execute(select(SECRET))


async def test_a_new_transaction_has_no_leave(tables: Database) -> None:
    async with tables.reading() as session:
        with gated.opened(await session.run_sync(lambda sync: sync.connection())):
            await session.rollback()
            with pytest.raises(Unguarded):
                await session.execute(select(SECRET))


async def test_a_statement_cannot_give_itself_leave(tables: Database) -> None:
    async with tables.reading() as session:
        with pytest.raises(Unguarded):
            await session.execute(select(SECRET).execution_options(gate_open=True))


def test_what_is_marked_is_known_by_name() -> None:
    assert "secrets_of_guard_tests" in gated.marked()
    assert "open_of_guard_tests" not in gated.marked()
