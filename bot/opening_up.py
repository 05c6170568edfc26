"""Tells what a change opened up for a company, whoever changed it: event `company.opened_up`."""

from domain import company_feed, events
from domain.base import today_in_china, utcnow
from domain.companies import CompanyFacts
from domain.company_feed import Changed
from domain.database import Database
from matching.matcher import Matcher
from matching.opening import Opened

# Of a large catalogue a company takes a few milliseconds of a thread.
_PORTION = 50
# Nobody is told of more at once, however much opened up.
_NAMED = 20


class OpeningUp:
    """A loop of the worker. Any number may run it: of those who look at one change, one tells."""

    def __init__(self, database: Database, matcher: Matcher) -> None:
        self._database = database
        self._matcher = matcher

    async def run_once(self) -> int:
        """Look at a portion of what changed; the number looked at."""
        async with self._database.reading() as session:
            portion = await company_feed.waiting(session, _PORTION)
        if portion:
            found = [(changed, await self._opened(changed)) for changed in portion]
            await self._tell(found)
        return len(portion)

    async def _opened(self, changed: Changed) -> Opened:
        before, now = (CompanyFacts.model_validate(facts) for facts in (changed.before, changed.now))
        return await self._matcher.newly_open(before, now, today=today_in_china())

    async def _tell(self, found: list[tuple[Changed, Opened]]) -> None:
        async with self._database.unit_of_work() as session:
            for changed, opened in found:
                if await company_feed.looked_at(session, changed) and opened:
                    payload = {
                        "uscc": changed.uscc,
                        "products": opened.products[:_NAMED],
                        "policies": opened.policies[:_NAMED],
                    }
                    events.record(session, events.COMPANY_OPENED_UP, payload, utcnow())
