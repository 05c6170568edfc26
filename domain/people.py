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


async def seen(session: AsyncSession, openid: str, at: datetime, *, before: datetime | None) -> None:
    """The person did something at that time, which only followers can; `before` is his latest act known."""
    await _note(session, openid, at, before, follows=True, unfollowed_at=None)


async def followed(
    session: AsyncSession, openid: str, scene: str | None, at: datetime, *, before: datetime | None
) -> None:
    """The person follows the account, or follows it again; `scene` is what the QR code carried."""
    came_by = {"scene": scene[:_SCENE_CHARS]} if scene else {}
    await _note(session, openid, at, before, follows=True, unfollowed_at=None, **came_by)


async def unfollowed(session: AsyncSession, openid: str, at: datetime, *, before: datetime | None) -> bool:
    """Whether the person left: not where he did something since, and the news of his leaving is old."""
    return await _note(session, openid, at, before, follows=False, unfollowed_at=at)


async def left(session: AsyncSession, openid: str) -> bool:
    """Whether the person is known to have unsubscribed; who never wrote, like a bank's officer, has not."""
    return await session.scalar(select(PersonRow.follows).where(PersonRow.openid == openid)) is False


async def _note(
    session: AsyncSession, openid: str, at: datetime, before: datetime | None, **news: Any
) -> bool:
    """Write down what is new of a person; False where something newer is known.

    Raises:
        sqlalchemy.exc.IntegrityError: two first messages of a person race.
    """
    if before is None:
        await session.execute(_FIRST, {"openid": openid, "first_seen_at": at, "last_seen_at": at, **news})
        return True
    if at < before:
        return False
    await session.execute(_CHANGE, {"of": openid, "last_seen_at": at, **news})
    return True
