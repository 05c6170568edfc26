"""The matcher: holds the current snapshot of the catalogue and answers from it, off the event loop."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import structlog

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching import aside
from matching.embedding import Embedder, RecentQueries
from matching.goods import Goods
from matching.opening import Opened, newly_open
from matching.ranking import Ranking
from matching.records import Records
from matching.results import MatchResult
from matching.snapshot import Snapshot
from matching.text import need_text

_log = structlog.get_logger(__name__)

# Matching is CPU work that partly lets go of the interpreter's lock: more threads would only queue.
_THREADS = 2
_AS_IT_COMES = Ranking()
# Half a second's work in a thread; a process of its own takes two to begin with.
_COMPILED_HERE = 1500


class CatalogueNotLoadedError(RuntimeError):
    """A match was asked for before the first refresh."""


class NotPrepared(Exception):
    """A match would first have to compute a sentence vector, which takes long: `Matcher.prepare` does it."""

    def __init__(self, company: CompanyFacts, need: Need) -> None:
        super().__init__()
        self.company = company
        self.need = need


class Matcher:
    """Answers come from one immutable snapshot; a refresh builds the next aside and puts it in its place."""

    def __init__(
        self,
        embedder: Embedder,
        ranking: Ranking = _AS_IT_COMES,
        *,
        vectors: Path | None = None,
        compiled_here: int = _COMPILED_HERE,
    ) -> None:
        """Given the folder of the cached `vectors`, another process compiles more than so many items."""
        self._embedder = RecentQueries(embedder)
        self._ranking = ranking
        self._snapshot: Snapshot | None = None
        self._refreshing = asyncio.Lock()
        self._matching = ThreadPoolExecutor(_THREADS, thread_name_prefix="match")
        # One of its own: computing a catalogue's vectors takes minutes and must not hold up requests.
        self._building = ThreadPoolExecutor(1, thread_name_prefix="match-refresh")
        self._vectors = vectors.resolve() if vectors else None
        self._compiled_here = compiled_here

    @property
    def version(self) -> int | None:
        """The catalogue version that answers come from; None before the first refresh."""
        return self._snapshot.version if self._snapshot else None

    async def refresh(self, version: int, products: Sequence[Product], policies: Sequence[Policy]) -> None:
        """Put this state of the catalogue into use; one that is not newer is left aside."""
        async with self._refreshing:
            if self.version is not None and version <= self.version:
                return
            compiled = await self._compiled(version, products, policies)
            old, self._snapshot = [self._snapshot], compiled
            # Its memory is given back in a thread: some hundred megabytes, if it was a large one.
            await asyncio.to_thread(old.clear)
        _log.info("catalogue_in_use", version=version, products=len(products), policies=len(policies))

    async def _compiled(
        self, version: int, products: Sequence[Product], policies: Sequence[Policy]
    ) -> Snapshot:
        small = len(products) + len(policies) <= self._compiled_here
        if self._vectors and not small and isinstance(products, Goods) and isinstance(policies, Goods):
            snapshot = await aside.compiled(aside.Order(version, products, policies, self._vectors))
            snapshot.speak_with(self._embedder)
            return snapshot
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._building, Snapshot, version, products, policies, self._embedder
        )

    def take_records(self, records: Records) -> None:
        """How institutions have answered so far, for the matches to come."""
        self._ranking = replace(self._ranking, records=records)

    async def match(
        self, company: CompanyFacts, need: Need, *, today: date, limit: int | None = None
    ) -> MatchResult:
        """What fits on `today` (the day in Asia/Shanghai).

        `limit` caps each of the three lists; None takes the usual 20 products, 10 near misses and
        10 policies, 0 all.
        """
        if self._snapshot is None:
            raise CatalogueNotLoadedError("no catalogue has been loaded")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._matching, self._snapshot.match, company, need, today, limit, self._ranking
        )

    async def newly_open(self, before: CompanyFacts, after: CompanyFacts, *, today: date) -> Opened:
        """What a change opened up; see `matching.opening`."""
        if self._snapshot is None:
            raise CatalogueNotLoadedError("no catalogue has been loaded")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._matching, newly_open, before, after, self._snapshot, today)

    async def prepare(self, company: CompanyFacts, need: Need) -> None:
        """Compute what `match` needs and what takes long: the vector of the need's words."""
        if text := need_text(company, need):
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._matching, self._embedder.query, text)

    async def match_prepared(
        self, company: CompanyFacts, need: Need, *, today: date, limit: int | None = None
    ) -> MatchResult:
        """As `match`, for where nobody may wait long: within a transaction.

        Raises:
            NotPrepared: the vector of the need's words is not at hand.
        """
        text = need_text(company, need)
        if text and not self._embedder.knows(text):
            raise NotPrepared(company, need)
        return await self.match(company, need, today=today, limit=limit)

    def close(self) -> None:
        """Let go of the threads; a refresh under way is finished and thrown away."""
        self._matching.shutdown(wait=True)
        self._building.shutdown(wait=True, cancel_futures=True)
