"""The inbox: every message once, with the answer that it got."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime


class InboxRow(Row):
    """A message that was answered; of its content nothing is kept but the answer.

    `late` says that the answer left as a customer message since the five seconds were over.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_received", "received_at"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reply: Mapped[dict[str, Any] | None] = mapped_column(Json)
    late: Mapped[bool]


async def answered(session: AsyncSession, key: str) -> InboxRow | None:
    return await session.get(InboxRow, key)
