"""Databases for tests: the real migrations run once on each kind, every test gets a copy of its own."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from bot import schema
from domain.database import Database

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRESQL)

# For tests about one of them, or where the database plays no part.
on_sqlite = pytest.mark.parametrize("backend", [SQLITE], indirect=True)
on_postgresql = pytest.mark.parametrize("backend", [POSTGRESQL], indirect=True)
on_both = pytest.mark.parametrize("backend", BOTH, indirect=True)

# A test's database need not outlive the machine.
_IN_A_HURRY = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off")


class PostgresServer:
    """Makes databases on a running server, empty ones and copies of a migrated one."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._admin = create_async_engine(url, isolation_level="AUTOCOMMIT")
        self._migrated: str | None = None

    async def hurry(self) -> None:
        await self._execute(*(f"ALTER SYSTEM SET {setting}" for setting in _IN_A_HURRY))
        await self._execute("SELECT pg_reload_conf()")

    @asynccontextmanager
    async def empty(self) -> AsyncIterator[str]:
        """The address of a database without tables."""
        async with self._copy_of("template0") as name:
            yield self._address(name)

    @asynccontextmanager
    async def migrated(self) -> AsyncIterator[str]:
        """The address of a database at the present schema."""
        if self._migrated is None:
            self._migrated = await self._create("template0")
            await _migrate(self._address(self._migrated))
        async with self._copy_of(self._migrated) as name:
            yield self._address(name)

    async def aclose(self) -> None:
        await self._admin.dispose()

    @asynccontextmanager
    async def _copy_of(self, template: str) -> AsyncIterator[str]:
        name = await self._create(template)
        try:
            yield name
        finally:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _create(self, template: str) -> str:
        name = f"rongqiao_{secrets.token_hex(4)}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    async def _execute(self, *statements: str) -> None:
        async with self._admin.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))


class SqliteFiles:
    """Makes database files at the present schema; in WAL mode, with everything in the main file."""

    def __init__(self, folder: Path) -> None:
        self._migrated = folder / "migrated.db"

    async def migrated(self, file: Path) -> str:
        """The address of such a file."""
        if not self._migrated.is_file():
            await _migrate(address_of(self._migrated))
        await asyncio.to_thread(shutil.copyfile, self._migrated, file)
        return address_of(file)


def address_of(file: Path) -> str:
    return f"sqlite:///{file}"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.aclose()


async def _migrate(url: str) -> None:
    async with opened(url) as database:
        await schema.migrate(database)
