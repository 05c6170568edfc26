"""Conversations: where each person stands, versioned so that no turn overwrites another."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, String, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime
from domain.errors import StaleConversation


class ConversationRow(Row):
    """The dialogue state of one person; `state` is the handlers' own record as JSON."""

    __tablename__ = "conversations"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def load(session: AsyncSession, openid: str) -> tuple[int, dict[str, Any]]:
    """Version and state of a person's conversation; version 0 and an empty state before the first."""
    row = await session.get(ConversationRow, openid)
    return (row.version, row.state) if row else (0, {})


async def save(
    session: AsyncSession, openid: str, seen_version: int, state: dict[str, Any], now: datetime
) -> None:
    """Compare and set.

    Raises:
        StaleConversation: the version is no longer the one that was loaded.
        sqlalchemy.exc.IntegrityError: at flush, when two first messages of a person race.
    """
    if seen_version == 0:
        session.add(ConversationRow(openid=openid, version=1, state=state, updated_at=now))
        return
    statement = (
        update(ConversationRow)
        .where(ConversationRow.openid == openid, ConversationRow.version == seen_version)
        .values(version=seen_version + 1, state=state, updated_at=now)
    )
    result = cast("CursorResult[Any]", await session.execute(statement))
    if result.rowcount != 1:
        raise StaleConversation
