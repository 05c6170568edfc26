"""People: whoever follows or writes to the service account."""

from datetime import datetime

from sqlalchemy import Index, String, bindparam, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime, table_of
from domain.prepared import Prepared

_LEFT = text("unfollowed_at IS NOT NULL")
# Twice what WeChat lets a QR code carry.
_SCENE_CHARS = 128


class PersonRow(Row):
    """A person as WeChat shows him to us: an openid and whether he follows the account."""

    __tablename__ = "people"
    __table_args__ = (
        # Small however many follow: by it those are found whose data are to be deleted.
        Index("ix_people_unfollowed", "unfollowed_at", postgresql_where=_LEFT, sqlite_where=_LEFT),
    )

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    follows: Mapped[bool]
    scene: Mapped[str | None] = mapped_column(String(_SCENE_CHARS))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unfollowed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_PEOPLE = table_of(PersonRow)
_FIRST = Prepared(insert(_PEOPLE))
# The code that led here first stays known; who follows again by another one came by that.
_CHANGE = Prepared(
    update(_PEOPLE)
    .where(_PEOPLE.c.openid == bindparam("of"))
    .values(scene=func.coalesce(bindparam("came_by"), _PEOPLE.c.scene)),
    columns=("follows", "last_seen_at", "unfollowed_at"),
)


async def seen(session: AsyncSession, openid: str, at: datetime, *, before: datetime | None) -> None:
    """The person did something at that time, which only followers can; `before` is his latest act known."""
    await _note(session, openid, at, before, follows=True)


async def followed(
    session: AsyncSession, openid: str, scene: str | None, at: datetime, *, before: datetime | None
) -> None:
    """The person follows the account, or follows it again; `scene` is what the QR code carried."""
    came_by = scene[:_SCENE_CHARS] if scene else None
    await _note(session, openid, at, before, follows=True, came_by=came_by)


async def unfollowed(session: AsyncSession, openid: str, at: datetime, *, before: datetime | None) -> bool:
    """Whether the person left: not where he did something since, and the news of his leaving is old."""
    return await _note(session, openid, at, before, follows=False)


async def left(session: AsyncSession, openid: str) -> bool:
    """Whether the person is known to have unsubscribed; who never wrote, like a bank's officer, has not."""
    return await session.scalar(select(PersonRow.follows).where(PersonRow.openid == openid)) is False


async def _note(
    session: AsyncSession,
    openid: str,
    at: datetime,
    before: datetime | None,
    *,
    follows: bool,
    came_by: str | None = None,
) -> bool:
    """Write down what is new of a person; False where something newer is known.

    Raises:
        sqlalchemy.exc.IntegrityError: two first messages of a person race.
    """
    if before is not None and at < before:
        return False
    news = {"follows": follows, "last_seen_at": at, "unfollowed_at": None if follows else at}
    if before is None:
        await _FIRST.write(session, news | {"openid": openid, "scene": came_by, "first_seen_at": at})
    else:
        await _CHANGE.write(session, news | {"of": openid, "came_by": came_by})
    return True
