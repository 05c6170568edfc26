"""The record of deletions: that somebody's data went, when and why, without saying whose."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime
from domain.labels import Label
from domain.personal_data.subject import Subject

_UNDER_WAY = text("completed_at IS NULL")


class DeletionReason(Label):
    """Why data were deleted."""

    OWN_WISH = "own_wish", "本人要求"
    UNFOLLOWED = "unfollowed", "取消关注后到期"


class DeletionRow(Row):
    """One deletion. `person` is a fingerprint: who names his openid can be told when it was done.

    `openid` stands there only while something that was under way keeps the deletion from being complete; at
    `look_at` it is looked whether that is over.
    `removed` and `kept` count rows by table.
    """

    __tablename__ = "deletions"
    __table_args__ = (
        Index(
            "uq_deletions_under_way",
            "openid",
            unique=True,
            postgresql_where=_UNDER_WAY,
            sqlite_where=_UNDER_WAY,
        ),
        Index("ix_deletions_look", "look_at", postgresql_where=_UNDER_WAY, sqlite_where=_UNDER_WAY),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    openid: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed: Mapped[dict[str, int]] = mapped_column(Json)
    kept: Mapped[dict[str, int]] = mapped_column(Json)


def by_fingerprint(table: Table, subject: Subject) -> ColumnElement[bool]:
    return table.c.person == fingerprint(subject.openid)


def fingerprint(openid: str) -> str:
    """Needs no key: an openid is 28 characters of chance, and cannot be found by trying."""
    return sha256(f"rongqiao deletion {openid}".encode()).hexdigest()
