"""Tells the matcher from time to time how institutions have answered: their records count in the ranking."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.database import Database
from domain.market.rating import AnswerRecord, answer_records
from matching.matcher import Matcher
from matching.records import Record


class RecordFeed:
    """A record moves slowly, and reading it counts a year's answers: one look in a while is enough."""

    def __init__(
        self, database: Database, matcher: Matcher, every: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._matcher = matcher
        self._every = every
        self._clock = clock
        self._due: datetime | None = None

    async def follow(self) -> None:
        """Look again once the time is over; at once the first time."""
        now = self._clock()
        if self._due is not None and now < self._due:
            return
        async with self._database.reading() as session:
            found = await answer_records(session, now)
        self._matcher.take_records({name: _record(record) for name, record in found.items()})
        self._due = now + self._every


def _record(found: AnswerRecord) -> Record:
    return Record(
        asked=found.decided + found.missed,
        in_time=found.in_time_share,
        hours=found.median_hours,
        decided=found.decided,
        approved=found.approval_share,
        ratings=found.ratings,
        stars=found.stars,
    )
