"""SQLite for asyncio: statements run where they are called, only waiting happens in a thread.

A statement on a local file takes microseconds, less than handing it to another thread and back. What may
take long are the two that wait: for the one writer's lock (BEGIN IMMEDIATE) and for the disk (COMMIT). Both
are shared by all who write at the same moment, see `GroupCommit`. Measured in
docs/decisions/0009-sqlite-in-the-event-loop.md.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, Pool
from sqlalchemy.util import await_only

from domain import metrics

DRIVER = "sqlite+inline"
_DRIVER = "driver"
_PATIENCE_SECONDS = 30
_PATIENCE = f"PRAGMA busy_timeout={_PATIENCE_SECONDS * 1000}"


class _Cursor(sqlite3.Cursor):
    """A cursor with the one method that SQLAlchemy's asyncio results ask for beyond the DBAPI."""

    async def _async_soft_close(self) -> None:
        """Nothing is held for rows that nobody fetched: there is no thread that fetched them."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


async def _nothing() -> None:
    """What SQLAlchemy awaits to see that the driver is meant for asyncio; it refuses one that never waits."""


class InlineSQLiteDialect(SQLiteDialect_pysqlite):
    """Python's own `sqlite3` behind SQLAlchemy's asyncio engine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        del url
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> tuple[Any, Any]:
        arguments, options = super().create_connect_args(url)
        return arguments, {**options, "check_same_thread": False, "factory": _Connection}

    def do_execute(
        self, cursor: DBAPICursor, statement: str, parameters: Any, context: object = None
    ) -> None:
        del context
        cursor.execute(statement, parameters)
        await_only(_nothing())

    def do_executemany(
        self, cursor: DBAPICursor, statement: str, parameters: Any, context: object = None
    ) -> None:
        del context
        cursor.executemany(statement, parameters)
        await_only(_nothing())

    # Savepoints come once a unit of work: past the compiler, which makes each anew.
    def do_savepoint(self, connection: Connection, name: str) -> None:
        _execute(connection, f"SAVEPOINT {name}")

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        _execute(connection, f"ROLLBACK TO SAVEPOINT {name}")

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        _execute(connection, f"RELEASE SAVEPOINT {name}")

    def do_commit(self, dbapi_connection: DBAPIConnection) -> None:
        await_only(asyncio.to_thread(dbapi_connection.commit))


def _execute(connection: Connection, *statements: str) -> None:
    cursor = connection.connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


registry.register("sqlite.inline", __name__, InlineSQLiteDialect.__name__)


def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Settings of each new connection."""
    del entry
    # SQLAlchemy's recipe: the driver must not open transactions on its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(_PATIENCE)
    _write_ahead(cursor)
    # FULL: an answered message must survive a power cut, not only a killed process.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Have the log that lets readers and the writer go on together.

    On a file that was just made the switch is a write, for which SQLite does not wait however patient the
    connection is: of several processes that begin at once on a new file some are told «locked» at once.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def begin(connection: Connection) -> None:
    """Open a transaction: one that reads at once, one that writes when the writer before it is done."""
    if connection.get_execution_options().get("read_only", False):
        _execute(connection, "BEGIN")
        return
    # IMMEDIATE: a deferred transaction that turns writer late fails instead of waiting.
    try:
        # Mostly nobody else writes: then nothing waits, and no thread is asked.
        _execute(connection, "PRAGMA busy_timeout=0", "BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        _execute(connection, _PATIENCE)
        await_only(asyncio.to_thread(_execute, connection, "BEGIN IMMEDIATE"))
    else:
        _execute(connection, _PATIENCE)


@dataclass(frozen=True, slots=True)
class _Group:
    """Units of work in one transaction; `commit` ends when it is on the disk, or says why not.

    `driver` is the connection below SQLAlchemy's.
    """

    connection: AsyncConnection
    driver: sqlite3.Connection
    commit: asyncio.Task[None]


class TransactionLost(Exception):
    """SQLite took back the whole transaction of a group, as it does when the disk is full."""


class GroupCommit:
    """One writer after the other, and one commit for all who were waiting: each in a savepoint of its own.

    SQLite has one writer at a time. Waiting here is fair and free of polling, waiting inside it is neither.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = asyncio.Lock()
        self._group: _Group | None = None

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """Ends when its group is committed; raises what kept it from being committed."""
        began = time.perf_counter()
        async with self._writer:
            metrics.WRITER_WAIT_SECONDS.observe(time.perf_counter() - began)
            group = self._group = self._group or await self._open()
            try:
                with _savepoint(group.driver):
                    async with _session(group) as session:
                        yield session
            except (SQLAlchemyError, sqlite3.Error) as error:
                if group.driver.in_transaction:
                    raise
                # Nobody may join: what came now would be committed statement by statement.
                self._group = None
                raise TransactionLost from error
        await asyncio.shield(group.commit)

    async def _open(self) -> _Group:
        connection = await self._engine.connect()
        begun = asyncio.ensure_future(_begun(connection))
        try:
            driver = await asyncio.shield(begun)
        except BaseException:
            # Its thread may still wait for the lock: the connection is given back when that is over.
            await asyncio.wait({begun})
            await connection.close()
            raise
        # It queues up soon: behind those who wait already, before those who come later.
        return _Group(connection, driver, asyncio.create_task(self._commit(connection, driver)))

    async def _commit(self, connection: AsyncConnection, driver: sqlite3.Connection) -> None:
        # Whoever is about to write at this moment still comes before it.
        await asyncio.sleep(0)
        async with self._writer:
            if self._group and self._group.connection is connection:
                self._group = None
            try:
                await _end(connection, driver)
            except BaseException:
                # SQLite may leave the transaction open; this connection must not be used again.
                await connection.invalidate()
                raise
            finally:
                await connection.close()


async def _begun(connection: AsyncConnection) -> sqlite3.Connection:
    await connection.begin()
    raw = await connection.get_raw_connection()
    return cast("sqlite3.Connection", raw.driver_connection)


async def _end(connection: AsyncConnection, driver: sqlite3.Connection) -> None:
    # SQLAlchemy does not hear of a rollback of SQLite's own.
    if not driver.in_transaction:
        raise TransactionLost
    await connection.commit()


@contextmanager
def _savepoint(driver: sqlite3.Connection) -> Iterator[None]:
    """What is written inside is taken back alone if it raises."""
    driver.execute("SAVEPOINT unit_of_work")
    try:
        yield
    except BaseException:
        # SQLite may have taken back the whole transaction, and the savepoint with it.
        if driver.in_transaction:
            driver.execute("ROLLBACK TO unit_of_work")
            driver.execute("RELEASE unit_of_work")
        raise
    driver.execute("RELEASE unit_of_work")


@asynccontextmanager
async def _session(group: _Group) -> AsyncIterator[AsyncSession]:
    """The unit's session; it asks the database for nothing until it is used itself."""
    session = AsyncSession(
        group.connection,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint",
        info={_DRIVER: group.driver},
    )
    try:
        yield session
        if session.in_transaction():
            await session.commit()
    finally:
        await session.close()


def driver_of(session: AsyncSession) -> sqlite3.Connection | None:
    """What runs a statement past SQLAlchemy, within a unit of work on SQLite; None elsewhere."""
    driver: sqlite3.Connection | None = session.info.get(_DRIVER)
    return driver
