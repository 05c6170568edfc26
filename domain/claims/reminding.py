"""Telling owners that the deadline of a claim in preparation comes near: 7 days before, and 1."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.base import today_in_china, utcnow
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from domain.database import Database
from domain.policies import PolicyRow

REMIND_DAYS = (7, 1)
_PORTION = 200
# Days are what is counted: more often than this nothing changes but by an import.
_EVERY = timedelta(minutes=10)


class ClaimReminders:
    """The loop's step. A deadline is the catalogue's when it looks: one that moved is told of anew."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock
        self._next: datetime | None = None

    async def run_once(self) -> int:
        """The number of claims reminded of; their events commit with what says that they were."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return 0
        due = await self._due(today_in_china(now))
        told = 0
        for start in range(0, len(due), _PORTION):
            async with self._database.unit_of_work() as session:
                told += await tell(session, due[start : start + _PORTION], now)
        self._next = now + _EVERY
        return told

    async def _due(self, today: date) -> list[str]:
        async with self._database.reading() as session:
            return [row.id for row, data in await session.execute(_preparing()) if _mark(row, data, today)]


async def tell(session: AsyncSession, claim_ids: list[str], now: datetime) -> int:
    """Write the events that are due of these; after an outage one stands for those that were missed."""
    today, told = today_in_china(now), 0
    query = _preparing().where(ClaimRow.id.in_(claim_ids)).with_for_update(of=ClaimRow, skip_locked=True)
    for row, data in (await session.execute(query)).all():
        deadline = _mark(row, data, today)
        if deadline is None:
            continue
        left = (deadline - today).days
        row.told_deadline, row.told_days = deadline, left
        payload = {"claim_id": row.id, "deadline": deadline.isoformat(), "days": left}
        events.record(session, events.CLAIM_DUE, payload, now)
        told += 1
    return told


def _preparing() -> Select[ClaimRow, dict[str, Any]]:
    # Written out in the statement: of a parameter the databases cannot tell that the index fits.
    preparing = ClaimRow.state == literal(ClaimState.PREPARING.value, literal_execute=True)
    return (
        select(ClaimRow, PolicyRow.data)
        .join(PolicyRow, PolicyRow.code == ClaimRow.policy)
        .where(preparing)
        .order_by(ClaimRow.id)
    )


def _mark(row: ClaimRow, data: dict[str, Any], today: date) -> date | None:
    """The deadline, where a day of reminding has come that was not told of yet."""
    stated = data.get("deadline")
    if stated is None:
        return None
    deadline = date.fromisoformat(stated)
    left = (deadline - today).days
    reached = min((days for days in REMIND_DAYS if left <= days), default=None)
    if left < 0 or reached is None:
        return None
    told = row.told_days if row.told_deadline == deadline else None
    return deadline if told is None or told > reached else None
