"""Telling owners that an authorization ends soon, and that it has ended: each once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.authorizations.rules import Rules
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.database import Database

_BATCH = 100

Ended = Callable[[AsyncSession, AuthorizationRow], Awaitable[None]]


class Reminders:
    """The loop's step; of several processes each takes other rows.

    `ended` is called for each authorization whose term is over, in the transaction that tells of it.
    """

    def __init__(self, database: Database, rules: Rules, ended: Ended) -> None:
        self._database = database
        self._rules = rules
        self._ended = ended

    async def run_once(self, now: datetime | None = None) -> int:
        """The number of authorizations told of; their events commit with what says that they were."""
        at = now or utcnow()
        # Once a second, and mostly for nothing: the one writer is asked for only when there is something.
        async with self._database.reading() as session:
            waiting = await session.scalar(_due(at).with_only_columns(AuthorizationRow.id).limit(1))
        if waiting is None:
            return 0
        async with self._database.unit_of_work() as session:
            return await self._tell(session, at)

    async def _tell(self, session: AsyncSession, now: datetime) -> int:
        """Write the events that are due. After an outage one reminder stands for those that were missed."""
        rows = (await session.scalars(_due(now).limit(_BATCH).with_for_update(skip_locked=True))).all()
        for row in rows:
            over = row.until <= now
            name = events.AUTHORIZATION_EXPIRED if over else events.AUTHORIZATION_EXPIRING
            row.next_notice_at = self._rules.next_notice(row.given_at, row.until, now)
            left = 0 if over else ceil((row.until - now) / timedelta(days=1))
            payload = {"authorization_id": row.id, "days": left}
            events.record(session, name, payload, now)
            if over:
                await self._ended(session, row)
        return len(rows)


def _due(now: datetime) -> Select[AuthorizationRow]:
    return (
        select(AuthorizationRow)
        .where(AuthorizationRow.next_notice_at <= now)
        .order_by(AuthorizationRow.next_notice_at)
    )
