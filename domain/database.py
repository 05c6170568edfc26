"""The database and its unit of work: one transaction, committed once, at the edge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_TIMEOUT_MS = 30_000


class Database:
    """Opens units of work; a unit commits when its block ends and rolls back when it raises."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reader = self.engine.execution_options(read_only=True)
        # SQLite has one writer at a time: waiting here is fair and free of polling, waiting inside
        # SQLite is neither.
        self._writer: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        guard: AbstractAsyncContextManager[object] = self._writer or nullcontext()
        async with guard, AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for queries alone; whatever it changed is rolled back."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    async def ready(self) -> bool:
        async with self.reading() as session:
            return bool((await session.execute(text("SELECT 1"))).scalar_one())

    async def aclose(self) -> None:
        await self.engine.dispose()


def _engine(url: str) -> AsyncEngine:
    # Errors end up in logs, and parameters hold what people wrote.
    engine = create_async_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    # SQLAlchemy's recipe: the driver must not open transactions on its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        # FULL: an answered message must survive a power cut, not only a killed process.
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    # IMMEDIATE: a deferred transaction that turns writer late fails instead of waiting.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
