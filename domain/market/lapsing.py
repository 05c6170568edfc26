"""What the clock does: follows lapse, places are offered and taken back, deadlines are reminded of."""

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import utcnow
from domain.database import Database
from domain.market import moving, places
from domain.market.rules import MarketRules
from domain.market.tables import FollowRow

_BATCH = 100


class Lapses:
    """The worker's loop. Each request is a unit of work of its own: what a process dies over is done anew.

    Several processes may run it: who comes second finds nothing left to do.
    """

    def __init__(self, database: Database, rules: MarketRules) -> None:
        self._database = database
        self._rules = rules

    async def run_once(self, now: datetime | None = None) -> int:
        """How many requests something was due for.

        Raises:
            ExceptionGroup: some could not be brought to this moment; all others were.
        """
        at = now or utcnow()
        async with self._database.reading() as session:
            due = (await session.scalars(_due(at))).all()
        failures: list[Exception] = []
        for request_id in due:
            try:
                async with self._database.unit_of_work() as session:
                    await catch_up(session, request_id, now=at, rules=self._rules)
            except Exception as error:  # noqa: BLE001 - one request holds up no other; the loop logs it
                failures.append(error)
        if failures:
            raise ExceptionGroup("requests that the clock could not move", failures)
        return len(due)


async def catch_up(session: AsyncSession, request_id: str, *, now: datetime, rules: MarketRules) -> None:
    """Bring a request to this moment, and tell of what is due soon."""
    held = await places.hold(session, request_id, now=now, rules=rules)
    for row in held.follows:
        if row.until and row.remind_at and row.remind_at <= now:
            moving.remind(session, row, row.until, now)


def _due(now: datetime) -> Select[str]:
    late = or_(FollowRow.until <= now, FollowRow.remind_at <= now)
    return select(FollowRow.request_id).where(late).distinct().limit(_BATCH)
