"""Keeps what is known about all companies at hand, for questions about audiences."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from domain import company_feed
from domain.base import today_in_china
from domain.company_feed import Stored
from domain.database import Database
from domain.policies import Policy
from domain.products import Product
from matching.audience.columns import Columns, Dictionaries, joined
from matching.audience.finding import Audience, find

_log = structlog.get_logger(__name__)

# Some ten milliseconds of the event loop, where the rows arrive.
_PORTION = 2000

_NextPage = Callable[[str], Awaitable[Sequence[Stored]]]


class Audiences:
    """Reads the companies at the first question, and before each further one what changed since.

    A process that nobody asks holds nothing, and an answer knows everything that was committed before the
    question, whichever process wrote it. One question at a time: each takes a core for a moment.
    """

    def __init__(self, database: Database, *, portion: int = _PORTION) -> None:
        self._database = database
        self._portion = portion
        self._companies = Columns.none(Dictionaries())
        self._position: str | None = None
        self._asked = asyncio.Lock()

    async def of(self, item: Product | Policy) -> Audience:
        """Whom it admits today."""
        async with self._asked:
            await self._catch_up()
            return await asyncio.to_thread(find, self._companies, item, today_in_china())

    async def _catch_up(self) -> None:
        """Half of what changed is never shown: the next state is made aside."""
        since = self._position
        async with self._database.reading() as session:
            until = await company_feed.position(session)
        if since is None:
            began = time.perf_counter()
            await self._take_over(self._all)
            seconds = round(time.perf_counter() - began, 1)
            _log.info("companies_in_memory", companies=len(self._companies), seconds=seconds)
        elif since != until:
            await self._take_over(lambda after: self._changed(since, until, after))
        self._position = until

    async def _take_over(self, next_page: _NextPage) -> None:
        dictionaries = self._companies.dictionaries
        portions: list[Columns] = []
        gone: list[str] = []
        page = await next_page("")
        while page:
            portions.append(await asyncio.to_thread(Columns.of, dictionaries, page))
            gone += [uscc for uscc, facts in page if facts is None]
            page = await next_page(page[-1].uscc)
        if portions:
            changed = await asyncio.to_thread(joined, portions)
            self._companies = await asyncio.to_thread(self._companies.updated, changed, gone)

    async def _all(self, after: str) -> Sequence[Stored]:
        async with self._database.reading() as session:
            return await company_feed.everything(session, after, self._portion)

    async def _changed(self, since: str, until: str, after: str) -> Sequence[Stored]:
        async with self._database.reading() as session:
            return await company_feed.changed(session, since, until, after=after, limit=self._portion)
