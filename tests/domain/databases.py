"""Databases for tests: real SQLite files, brought up by the real migrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import schema
from domain.database import Database


@asynccontextmanager
async def migrated(file: Path) -> AsyncIterator[Database]:
    """The database in that file, at the present schema."""
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        await schema.migrate(database)
        yield database
    finally:
        await database.aclose()
