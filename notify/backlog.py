"""What waits between an event and the person: asked of the database when the figures are read."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.base import utcnow
from domain.database import Database
from domain.events import OutboxRow
from notify import metrics
from notify.deliveries import DeliveryRow, DeliveryState


async def observe(database: Database) -> None:
    """Sets the gauges; every process sees the same numbers, since they stand on one database."""
    now = utcnow()
    due = (DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.not_before <= now)
    async with database.reading() as session:
        events = (await session.execute(_counted(OutboxRow.created_at, OutboxRow.handled_at.is_(None)))).one()
        letters = (await session.execute(_counted(DeliveryRow.not_before, *due))).one()
    metrics.OUTBOX_WAITING.set(events.number)
    metrics.OUTBOX_OLDEST_SECONDS.set(_age(events.oldest, now))
    metrics.DELIVERIES_DUE.set(letters.number)
    metrics.DELIVERIES_OLDEST_SECONDS.set(_age(letters.oldest, now))


def _counted(since: InstrumentedAttribute[datetime], *waiting: ColumnElement[bool]) -> Select[int, datetime]:
    """How many, and the earliest; NULL without any."""
    return select(func.count().label("number"), func.min(since).label("oldest")).where(*waiting)


def _age(oldest: datetime | None, now: datetime) -> float:
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
