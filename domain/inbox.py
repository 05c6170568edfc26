"""The inbox: every message once, with the answer that it got."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, bindparam, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime, table_of
from domain.conversations import ConversationRow
from domain.people import PersonRow
from domain.prepared import Prepared


class InboxRow(Row):
    """A message that was answered; of its content nothing is kept but the answer.

    `late` says that the answer left as a customer message since the five seconds were over. `content` is
    kept of pushes of unknown kinds alone, so that nothing that WeChat begins to send is lost.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_received", "received_at"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reply: Mapped[dict[str, Any] | None] = mapped_column(Json)
    late: Mapped[bool]
    content: Mapped[dict[str, Any] | None] = mapped_column(Json)


_INBOX = table_of(InboxRow)
_PEOPLE = table_of(PersonRow)
_CONVERSATIONS = table_of(ConversationRow)

# One row whatever is known, and one question instead of three: this runs for every message.
_ARRIVAL = Prepared(
    select(
        _INBOX.c.key,
        _INBOX.c.reply,
        _INBOX.c.late,
        _PEOPLE.c.last_seen_at,
        _CONVERSATIONS.c.version,
        _CONVERSATIONS.c.state,
    ).select_from(
        select(literal_column("1").label("always"))
        .subquery()
        .outerjoin(_INBOX, _INBOX.c.key == bindparam("key"))
        .outerjoin(_PEOPLE, _PEOPLE.c.openid == bindparam("openid"))
        .outerjoin(_CONVERSATIONS, _CONVERSATIONS.c.openid == bindparam("openid"))
    )
)
_KEEP = Prepared(insert(_INBOX))


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known when a message comes in.

    `answered`: it came before, and got `reply` (None: nothing was to be said), `late` or in time.
    `seen_at`: the person's latest act; None for who is new. `version` and `state` are the conversation's,
    0 and empty before its first message.
    """

    answered: bool
    reply: dict[str, Any] | None
    late: bool
    seen_at: datetime | None
    version: int
    state: dict[str, Any]


async def arrive(session: AsyncSession, key: str, openid: str) -> Arrival:
    row = await _ARRIVAL.row(session, {"key": key, "openid": openid})
    seen_key, reply, late, seen_at, version, state = row
    return Arrival(seen_key is not None, reply, bool(late), seen_at, version or 0, state or {})


async def keep(
    session: AsyncSession,
    key: str,
    openid: str,
    reply: dict[str, Any] | None,
    now: datetime,
    *,
    late: bool,
    content: Mapping[str, Any] | None = None,
) -> None:
    """Write down that the message was answered, and how.

    Raises:
        sqlalchemy.exc.IntegrityError: it was answered meanwhile, by another process.
    """
    values: dict[str, Any] = {"key": key, "openid": openid, "received_at": now, "reply": reply, "late": late}
    values["content"] = dict(content) if content is not None else None
    await _KEEP.write(session, values)


async def answer_leaves_late(session: AsyncSession, key: str) -> None:
    await session.execute(update(_INBOX).where(_INBOX.c.key == key).values(late=True))
