"""What only one process does at a time, and how long it may take."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.database import Database
from domain.exclusive import alone
from tests.domain.databases import on_postgresql

pytestmark = on_postgresql

LIMIT_MS = 100


async def hold(database: Database, *, however_long: bool) -> None:
    """Hold the lock, and do nothing in its transaction for longer than the limits allow."""
    async with database.engine.connect() as connection:
        await connection.execute(text(f"SET idle_in_transaction_session_timeout = {LIMIT_MS}"))
        await connection.execute(text(f"SET statement_timeout = {LIMIT_MS}"))
        await connection.commit()
        await alone(connection, "purpose", however_long=however_long)
        await asyncio.sleep(3 * LIMIT_MS / 1000)
        await connection.execute(text("SELECT pg_sleep(0.3)"))


async def test_however_long_is_neither_cut_short_when_busy_nor_when_idle(database: Database) -> None:
    await hold(database, however_long=True)


async def test_else_the_limits_hold(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await hold(database, however_long=False)


async def test_the_limits_come_back_with_the_next_transaction(database: Database) -> None:
    async with database.engine.connect() as connection:
        await alone(connection, "purpose", however_long=True)
        await connection.commit()
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert (await connection.execute(text(f"SHOW {setting}"))).scalar_one() != "0"
