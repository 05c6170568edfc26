"""Parked messages: what WeChat was told «success» for before its answer was committed.

WeChat will not send such a message again, so it must outlive the process that works on it. A row goes away
with the commit of the answer; one that stays belonged to a process that is gone, and is taken up by another.
"""

from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime

# Longer than any turn takes.
_PATIENCE = timedelta(seconds=60)


class ParkedRow(Row):
    """`content` is the message, encrypted; from `due_at` on whoever looks may take it up."""

    __tablename__ = "parked_messages"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


async def park(session: AsyncSession, key: str, content: bytes, now: datetime) -> None:
    await session.merge(ParkedRow(key=key, content=content, due_at=now + _PATIENCE))


async def remove(session: AsyncSession, key: str) -> None:
    await session.execute(delete(ParkedRow).where(ParkedRow.key == key))


async def take_up(session: AsyncSession, now: datetime, limit: int) -> list[tuple[str, bytes]]:
    """Keys and contents of messages that nobody works on any more; others leave them alone for a while."""
    query = (
        select(ParkedRow)
        .where(ParkedRow.due_at <= now)
        .order_by(ParkedRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.scalars(query))
    for row in rows:
        row.due_at = now + _PATIENCE
    return [(row.key, row.content) for row in rows]


async def leave(session: AsyncSession, key: str, now: datetime) -> None:
    """Look again tomorrow: perhaps the right key is back by then."""
    later = update(ParkedRow).where(ParkedRow.key == key)
    await session.execute(later.values(due_at=now + timedelta(days=1)))
