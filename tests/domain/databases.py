"""Databases for tests: real SQLite files, brought up by the real migrations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import schema
from domain.database import Database

# The file as the migrations leave it: they run once, every other database begins as a copy.
_BLANK: list[bytes] = []


@asynccontextmanager
async def migrated(file: Path) -> AsyncIterator[Database]:
    """The database in that file, at the present schema."""
    url = f"sqlite+aiosqlite:///{file}"
    database = Database(url)
    try:
        if _BLANK:
            await asyncio.to_thread(file.write_bytes, _BLANK[0])
        else:
            await schema.migrate(database)
            await database.aclose()
            _BLANK.append(await asyncio.to_thread(file.read_bytes))
        yield database
    finally:
        await database.aclose()
