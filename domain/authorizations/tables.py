"""The two tables: authorizations, and every access under them."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from domain import trace
from domain.authorizations.labels import Category, DataPurpose, State
from domain.base import Json, Row, Serial, UtcDateTime

_HOLDS = text("ended_at IS NULL")
_PERSONS = text("ended_at IS NULL AND uscc IS NULL")
_TO_TELL = text("next_notice_at IS NOT NULL")
_CORRECTS = text("corrects IS NOT NULL")
IP_CHARS = 45
TICKET_CHARS = 64
USER_AGENT_CHARS = 300


class LabelSet(TypeDecorator[frozenset[Any]]):
    """A set of labels as one integer, a bit a label: both databases can ask whether one covers another."""

    impl = Integer
    cache_ok = True

    def __init__(self, labels: type[StrEnum]) -> None:
        super().__init__()
        self.labels = labels
        self._bits = {label: 1 << place for place, label in enumerate(labels)}

    def process_bind_param(self, value: Collection[Any] | None, dialect: object) -> int | None:
        del dialect
        return None if value is None else sum(self._bits[label] for label in set(value))

    def process_result_value(self, value: int | None, dialect: object) -> frozenset[Any] | None:
        del dialect
        if value is None:
            return None
        return frozenset(label for label, bit in self._bits.items() if value & bit)


class AuthorizationRow(Row):
    """One consent as it was given; nothing of it changes but how it ends and when its giver is told.

    `uscc` is empty where a person agreed for himself. `ticket` is the key of the page or button that it was
    given by: the same one twice is the same consent. `text_values` are what was filled into the text of that
    version, so that exactly what was read can be shown again, and its SHA-256 compared with `text_hash`;
    `evidence` says how the giver was known to be who he is. Rows taken over from another platform have no
    giver and no text.
    """

    __tablename__ = "authorizations"
    __table_args__ = (
        # One that stands, for each kind and recipient: a newer one takes its place.
        Index(
            "uq_authorizations_standing",
            "uscc",
            "kind",
            "recipient",
            unique=True,
            postgresql_where=_HOLDS,
            sqlite_where=_HOLDS,
        ),
        Index(
            "uq_authorizations_standing_personal",
            "openid",
            "kind",
            "recipient",
            unique=True,
            postgresql_where=_PERSONS,
            sqlite_where=_PERSONS,
        ),
        Index("ix_authorizations_recipient_uscc", "recipient", "uscc"),
        Index(
            "ix_authorizations_next_notice",
            "next_notice_at",
            postgresql_where=_TO_TELL,
            sqlite_where=_TO_TELL,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    openid: Mapped[str | None] = mapped_column(String(64), index=True)
    recipient: Mapped[str] = mapped_column(String(60))
    scope: Mapped[frozenset[Category]] = mapped_column(LabelSet(Category))
    purposes: Mapped[frozenset[DataPurpose]] = mapped_column(LabelSet(DataPurpose))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(64))
    replaced_by: Mapped[str | None] = mapped_column(String(32))
    next_notice_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket: Mapped[str] = mapped_column(String(TICKET_CHARS), unique=True)
    evidence: Mapped[str] = mapped_column(String(64))
    text_version: Mapped[int | None]
    text_hash: Mapped[str | None] = mapped_column(String(64))
    text_values: Mapped[dict[str, str] | None] = mapped_column(Json)
    ip: Mapped[str | None] = mapped_column(String(IP_CHARS))
    user_agent: Mapped[str | None] = mapped_column(Text)

    def state(self, now: datetime) -> State:
        """Never stored, so that it cannot be out of date; what ran out before it was ended ran out."""
        if self.ended_at is not None and self.ended_at < self.until:
            return State.REVOKED
        return State.EXPIRED if self.until <= now else State.GIVEN


class AccessRow(Row):
    """Somebody read a company's credit data, or was refused; a trigger forbids to change it.

    A row with `corrects` takes back the one of that number: the authorization ended while it was read.
    `reader` is an institution's name, or the platform's task; an owner has his openid in `actor` alone.
    """

    __tablename__ = "accesses"
    __table_args__ = (
        Index("ix_accesses_uscc_id", "uscc", "id"),
        Index(
            "ix_accesses_corrects",
            "corrects",
            unique=True,
            postgresql_where=_CORRECTS,
            sqlite_where=_CORRECTS,
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reader_kind: Mapped[str] = mapped_column(String(16))
    reader: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str] = mapped_column(String(18))
    scope: Mapped[frozenset[Category]] = mapped_column(LabelSet(Category))
    purpose: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(20))
    authorization_id: Mapped[str | None] = mapped_column(String(32))
    corrects: Mapped[int | None] = mapped_column(BigInteger)
    trace: Mapped[str | None] = mapped_column(String(trace.LENGTH))
