"""Keeps the matcher on the catalogue as it is in the database, and fills an empty one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot.sections import PROJECT
from domain import catalogue, importing, institutions
from domain.database import Database
from domain.exclusive import alone
from domain.importing import Kind
from domain.intake.files import open_file
from domain.intake.kinds import FORMATS
from domain.policies import Policy, PolicyRow
from domain.products import Product, ProductRow
from domain.secrets import Cipher
from matching.goods import Goods
from matching.matcher import Matcher

_log = structlog.get_logger(__name__)

_SEED: tuple[Kind, ...] = ("institutions", "products", "policies")


class CatalogueFeed:
    """Compares versions and hands the matcher the newer catalogue."""

    def __init__(self, database: Database, matcher: Matcher) -> None:
        self._database = database
        self._matcher = matcher
        self._following = asyncio.Lock()

    async def follow(self) -> None:
        """Bring the matcher up to date; cheap when it is. Answers go on from the old state meanwhile."""
        async with self._following:
            state = await self._newer()
            if state:
                await self._matcher.refresh(*state)

    async def _newer(self) -> tuple[int, Goods[Product], Goods[Policy]] | None:
        """The catalogue, if it is another one: all of it as it was at one moment, and read by nobody yet."""
        async with self._database.reading() as session:
            if not self._database.is_sqlite:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            current = await catalogue.version(session)
            if self._matcher.version == current:
                return None
            left = await institutions.exited(session)
            offers = await catalogue.lines(session, ProductRow, ProductRow.institution.not_in(left))
            support = await catalogue.lines(session, PolicyRow)
        return current, Goods(Product, offers), Goods(Policy, support)


async def seed(database: Database, cipher: Cipher) -> None:
    """Load the seed catalogue where there has never been one; of processes that start together, one does."""
    async with _seeding_alone(database):
        async with database.reading() as session:
            if await catalogue.version(session):
                return
        for kind in _SEED:
            source = open_file(PROJECT / "catalogue" / f"{kind}.jsonl", FORMATS[kind])
            report = await importing.take_over(database, kind, source, cipher=cipher, all_or_nothing=True)
            _log.info("seeded", kind=kind, accepted=report.accepted, rejected=len(report.rejected))


@asynccontextmanager
async def _seeding_alone(database: Database) -> AsyncIterator[None]:
    """A transaction that only holds the lock: the import commits in transactions of its own."""
    if database.is_sqlite:
        # Its one writer would wait for itself. Loaded twice, the seed is the same: rows go by their keys.
        yield
        return
    async with database.engine.begin() as connection:
        await alone(connection, "seed", however_long=True)
        yield
