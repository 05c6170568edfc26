"""Scoring all companies that agreed to it, in portions: killed at any point, it goes on where it was.

who is due ──▶ the gate: read and score ──▶ the gate: who lets matching use it ──▶ one commit a portion
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations import verdicts
from domain.authorizations.gate import Access, Clock, Reader, authorized_all
from domain.authorizations.labels import Category, DataPurpose
from domain.authorizations.readers import Query
from domain.authorizations.tables import AuthorizationRow
from domain.base import today_in_china, utcnow
from domain.credit import marks
from domain.credit.marks import ScoreMarkRow
from domain.database import Database
from domain.exclusive import alone
from domain.scores import keeping, reading
from domain.scores.keeping import Outcome
from domain.scores.scorer import Scorer

READER = Reader.platform("scoring")
_PORTION = 1000


@dataclass(slots=True)
class Tally:
    """What a run did: companies scored, those without a score for want of data, those unchanged."""

    scored: int = 0
    without: int = 0
    unchanged: int = 0


class Due(NamedTuple):
    """A company to be scored, the part of its data that may be used, and its mark."""

    uscc: str
    scope: frozenset[Category]
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Scoring:
    """A scorer at work on a database. `portion` companies are read and written at a time."""

    database: Database
    scorer: Scorer
    portion: int = _PORTION
    clock: Clock = utcnow

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until no other process scores, on PostgreSQL, where there may be many.

        Two at the same companies would double what stands in the owners' logs, and who read first might
        write last.
        """
        async with self.database.reading() as session:
            await alone(session, "scores", however_long=True)
            yield

    async def all(self, told: Callable[[int], object] = lambda _: None) -> Tally:
        """Score every company that is due; `told` hears how many were done, portion by portion."""
        tally, last = Tally(), ""
        while page := await self.next(last, tally):
            last = page[-1].uscc
            told(len(page))
        return tally

    async def next(self, after: str, tally: Tally, since: date | None = None) -> list[Due]:
        """Score the next portion; who was in it."""
        async with self.turn():
            page = await self.due(after, since)
            await self.score(page, tally)
        return page

    async def these(self, usccs: Collection[str]) -> Tally:
        """Score these companies, were they scored today or not; who did not agree is passed over."""
        tally, left = Tally(), sorted(set(usccs))
        while left:
            async with self.turn():
                await self.score(await self._agreed(left[: self.portion]), tally)
            left = left[self.portion :]
        return tally

    async def marked(self, tally: Tally) -> bool:
        """Score those whose data changed, a portion of them; whether there were any.

        Who did not agree need not wait: he loses his mark too.
        """
        if not await self._waiting():
            return False
        async with self.turn():
            waiting = await self._waiting()
            await self.score(await self._agreed(list(waiting)), tally)
            async with self.database.unit_of_work() as session:
                await marks.looked_at(session, waiting)
        return True

    async def _waiting(self) -> dict[str, datetime]:
        async with self.database.reading() as session:
            return await marks.waiting(session, self.portion)

    async def score(self, page: Sequence[Due], tally: Tally) -> None:
        """Score companies that are due, those with the same scope together."""
        groups: defaultdict[frozenset[Category], dict[str, datetime | None]] = defaultdict(dict)
        for item in page:
            groups[item.scope][item.uscc] = item.changed_at
        for scope, before in groups.items():
            outcomes = authorized_all(
                self.database,
                READER,
                scope,
                DataPurpose.SCORING,
                self._read,
                among=before,
                portion=self.portion,
                clock=self.clock,
            )
            async for found in outcomes:
                for_matching = await self._for_matching(scope, found)
                async with self.database.unit_of_work() as session:
                    # Who revokes meanwhile waits for the commit, and takes along what it wrote; or was first.
                    held = await self._held(session, scope, DataPurpose.SCORING, found)
                    for_matching = await self._held(session, scope, DataPurpose.MATCHING, for_matching)
                    await keeping.keep(session, held.values(), for_matching)
                    done = {uscc: before[uscc] for uscc in held}
                    await marks.scored(session, done, self._today(), self.scorer.scorecard.checksum)
                _count(tally, held.values())

    async def due(self, after: str, since: date | None = None) -> list[Due]:
        """The next that agreed and were not scored since then (today) with scorecard and data as they are."""
        return await self._find(
            AuthorizationRow.uscc > after,
            marks.due(since or self._today(), self.scorer.scorecard.checksum),
        )

    async def count_due(self) -> int:
        """How many companies a run of all would look at."""
        async with self.database.reading() as session:
            due = self._query(marks.due(self._today(), self.scorer.scorecard.checksum)).subquery()
            return await session.scalar(select(func.count()).select_from(due)) or 0

    async def _agreed(self, usccs: Sequence[str]) -> list[Due]:
        return await self._find(AuthorizationRow.uscc.in_(usccs))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Due]:
        query = self._query(*conditions).order_by(AuthorizationRow.uscc).limit(self.portion)
        async with self.database.reading() as session:
            rows = (await session.execute(query)).all()
        return [Due(uscc, scope & self.scorer.scope, changed_at) for uscc, scope, changed_at in rows if uscc]

    def _query(
        self, *conditions: ColumnElement[bool]
    ) -> Select[str | None, frozenset[Category], datetime | None]:
        """Who lets the platform score him by some of the data at least, with the mark."""
        scoring = frozenset({DataPurpose.SCORING})
        return (
            select(AuthorizationRow.uscc, AuthorizationRow.scope, ScoreMarkRow.changed_at)
            .join(ScoreMarkRow, ScoreMarkRow.uscc == AuthorizationRow.uscc, isouter=True)
            .where(
                *verdicts.given_to(READER),
                *verdicts.stands(self.clock()),
                AuthorizationRow.purposes.bitwise_and(scoring) == scoring,
                AuthorizationRow.scope.bitwise_and(self.scorer.scope) != frozenset(),
                *conditions,
            )
        )

    async def _read(self, access: Access) -> dict[str, Outcome]:
        now = self.clock()
        kept = await reading.kept(access)
        scores = await self.scorer.read(access, today_in_china(now), now)
        return {score.uscc: Outcome.of(score, kept.get(score.uscc)) for score in scores}

    async def _for_matching(
        self, scope: frozenset[Category], found: Mapping[str, Outcome]
    ) -> dict[str, Outcome]:
        """Those of whom matching knows another score, and which let it use this one."""
        async with self.database.reading() as session:
            differing = await keeping.differing(session, found)
        allowed: set[str] = set()
        if differing:
            portions = authorized_all(
                self.database,
                READER,
                scope,
                DataPurpose.MATCHING,
                _names,
                among=differing,
                portion=self.portion,
                clock=self.clock,
            )
            async for portion in portions:
                allowed.update(portion)
        return {uscc: found[uscc] for uscc in allowed}

    async def _held(
        self,
        session: AsyncSession,
        scope: frozenset[Category],
        purpose: DataPurpose,
        outcomes: Mapping[str, Outcome],
    ) -> dict[str, Outcome]:
        """Those of companies that allow it still, and cannot end it before the session's transaction ends."""
        query = Query.of(READER, scope, purpose)
        still = await verdicts.still_allowed(session, query, list(outcomes), self.clock(), hold=True)
        return {uscc: outcome for uscc, outcome in outcomes.items() if uscc in still}

    def _today(self) -> date:
        return today_in_china(self.clock())


async def _names(access: Access) -> dict[str, None]:
    return dict.fromkeys(access.usccs)


def _count(tally: Tally, outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        tally.scored += 1
        tally.without += outcome.score.score is None
        tally.unchanged += outcome.unchanged
