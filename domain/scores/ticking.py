"""Scoring by itself: companies whose data changed at once; by night who is new, and everybody once a month.

Scores move without new data only as values grow too old, which they do by whole months. Scoring everybody
every night would fill the owners' logs with accesses that change nothing.
"""

from datetime import date, time

from domain.base import SHANGHAI, today_in_china
from domain.scores.run import Scoring, Tally

# The sources have delivered by then, and few people write to us.
_NOT_BEFORE = time(2, 0)


class Ticks:
    """A loop of the worker; several processes may run it, and take turns."""

    def __init__(self, scoring: Scoring) -> None:
        self._scoring = scoring
        self._done: date | None = None
        self._last = ""

    async def run_once(self) -> bool:
        """Score one portion, if anything waits; whether there may be more to do."""
        return await self._scoring.marked(Tally()) or await self._nightly()

    async def _nightly(self) -> bool:
        """The next of those that were not scored this month; a new day begins at two o'clock."""
        now = self._scoring.clock()
        today = today_in_china(now)
        if self._done == today or now.astimezone(SHANGHAI).time() < _NOT_BEFORE:
            return False
        page = await self._scoring.next(self._last, Tally(), since=today.replace(day=1))
        if not page:
            self._done, self._last = today, ""
            return False
        self._last = page[-1].uscc
        return True
