"""Reading much at once beside everything else: no statement of it holds up the event loop or the writer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from domain.database import Database

Result = TypeVar("Result")


async def read_apart(database: Database, read: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """What `read` finds, in one snapshot.

    SQLite answers where it is asked, in the event loop: a question over a hundred thousand rows is asked in
    a thread of its own with a connection of its own, which sees what was committed and waits for nobody.
    """
    if not database.is_sqlite:
        async with database.reading() as session:
            return await read(session)
    address = database.engine.url.render_as_string(hide_password=False)
    return await asyncio.to_thread(asyncio.run, _read_once(address, read))


async def _read_once(address: str, read: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    database = Database(address)
    try:
        async with database.reading() as session:
            return await read(session)
    finally:
        await database.aclose()
