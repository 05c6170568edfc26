"""People: whoever follows or writes to the service account."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime, table_of

# Twice what WeChat lets a QR code carry.
_SCENE_CHARS = 128


class PersonRow(Row):
    """A person as WeChat shows him to us: an openid and whether he follows the account."""

    __tablename__ = "people"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    follows: Mapped[bool]
    scene: Mapped[str | None] = mapped_column(String(_SCENE_CHARS))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unfollowed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_PEOPLE = table_of(PersonRow)
_FIRST = insert(_PEOPLE)
_CHANGE = update(_PEOPLE).where(_PEOPLE.c.openid == bindparam("of"))


async def seen(session: AsyncSession, openid: str, now: datetime, *, known: bool) -> None:
    """The person just wrote, which only followers can; `known`: not for the first time."""
    await _note(session, openid, now, known=known)


async def followed(
    session: AsyncSession, openid: str, scene: str | None, now: datetime, *, known: bool
) -> None:
    """The person follows the account, or follows it again; `scene` is what the QR code carried."""
    came_by = {"scene": scene[:_SCENE_CHARS]} if scene else {}
    await _note(session, openid, now, known=known, follows=True, unfollowed_at=None, **came_by)


async def unfollowed(session: AsyncSession, openid: str, now: datetime, *, known: bool) -> None:
    await _note(session, openid, now, known=known, follows=False, unfollowed_at=now)


async def left(session: AsyncSession, openid: str) -> bool:
    """Whether the person is known to have unsubscribed; who never wrote, like a bank's officer, has not."""
    return await session.scalar(select(PersonRow.follows).where(PersonRow.openid == openid)) is False


async def _note(session: AsyncSession, openid: str, now: datetime, *, known: bool, **news: Any) -> None:
    """Write down what is new of a person.

    Raises:
        sqlalchemy.exc.IntegrityError: two first messages of a person race.
    """
    if known:
        await session.execute(_CHANGE, {"of": openid, "last_seen_at": now, **news})
        return
    first = {"openid": openid, "follows": True, "first_seen_at": now, "last_seen_at": now}
    await session.execute(_FIRST, first | news)
