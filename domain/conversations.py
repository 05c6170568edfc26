"""Conversations: where each person stands, versioned so that no turn overwrites another."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime, table_of
from domain.errors import StaleConversation
from domain.prepared import Prepared


class ConversationRow(Row):
    """The dialogue state of one person; `state` is the handlers' own record as JSON."""

    __tablename__ = "conversations"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


_CONVERSATIONS = table_of(ConversationRow)
_BEGIN = Prepared(insert(_CONVERSATIONS))
_GO_ON = Prepared(
    update(_CONVERSATIONS).where(
        _CONVERSATIONS.c.openid == bindparam("seen_openid"),
        _CONVERSATIONS.c.version == bindparam("seen_version"),
    ),
    columns=("version", "state", "updated_at"),
)


async def save(
    session: AsyncSession, openid: str, seen_version: int, state: dict[str, Any], now: datetime
) -> None:
    """Compare and set; `seen_version` is 0 before the first.

    Raises:
        StaleConversation: the version is no longer the one that was loaded.
        sqlalchemy.exc.IntegrityError: two first messages of a person race.
    """
    news = {"version": seen_version + 1, "state": state, "updated_at": now}
    if seen_version == 0:
        await _BEGIN.write(session, news | {"openid": openid})
        return
    seen = {"seen_openid": openid, "seen_version": seen_version}
    if await _GO_ON.write(session, news | seen) != 1:
        raise StaleConversation
