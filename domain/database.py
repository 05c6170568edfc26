"""The database and its unit of work: one transaction, committed once, at the edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from domain import gated, sqlite

# A turn that gets no connection in three seconds cannot answer in five; a statement that hangs must not hold
# one for ever. Behind pgbouncer in transaction mode see docs/operations.md.
_POSTGRESQL: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": 3,
    "pool_recycle": 1800,
    "pool_pre_ping": True,
    "connect_args": {
        "timeout": 5,
        "server_settings": {
            "application_name": "rongqiao",
            "statement_timeout": "30000",
            "idle_in_transaction_session_timeout": "60000",
            # Compiling a plan takes longer than any statement here runs.
            "jit": "off",
        },
    },
}


class Database:
    """Opens units of work; a unit commits when its block ends and rolls back when it raises."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reader = self.engine.execution_options(read_only=True)
        self._group = sqlite.GroupCommit(self.engine) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        if self._group:
            async with self._group.unit_of_work() as session:
                yield session
        else:
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
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
    address = make_url(url)
    embedded = address.get_backend_name() == "sqlite"
    # Errors end up in logs, and parameters hold what people wrote.
    if not embedded:
        engine = create_async_engine(address, hide_parameters=True, **_POSTGRESQL)
        gated.guard(engine.sync_engine)
        return engine
    engine = create_async_engine(address.set(drivername=sqlite.DRIVER), hide_parameters=True)
    gated.guard(engine.sync_engine)
    event.listen(engine.sync_engine, "connect", sqlite.prepare)
    event.listen(engine.sync_engine, "begin", sqlite.begin)
    return engine
