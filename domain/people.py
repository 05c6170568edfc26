"""People: whoever follows or writes to the service account."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime


class PersonRow(Row):
    """A person as WeChat shows him to us: an openid and whether he follows the account."""

    __tablename__ = "people"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    follows: Mapped[bool]
    scene: Mapped[str | None] = mapped_column(String(128))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unfollowed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def seen(session: AsyncSession, openid: str, now: datetime) -> PersonRow:
    """The person who just wrote, made known if he was not; only followers can write."""
    person = await session.get(PersonRow, openid)
    if person is None:
        person = PersonRow(
            openid=openid, follows=True, scene=None, first_seen_at=now, last_seen_at=now, unfollowed_at=None
        )
        session.add(person)
    person.last_seen_at = now
    return person


async def followed(session: AsyncSession, openid: str, scene: str | None, now: datetime) -> PersonRow:
    person = await seen(session, openid, now)
    person.follows, person.unfollowed_at = True, None
    person.scene = scene or person.scene
    return person


async def unfollowed(session: AsyncSession, openid: str, now: datetime) -> None:
    person = await seen(session, openid, now)
    person.follows, person.unfollowed_at = False, now
