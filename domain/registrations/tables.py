"""Registrations and their steps as stored."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime
from domain.registrations.register import RegisterEntry
from domain.registrations.rules import RegistrationStatus

_OPEN = text("status NOT IN ('registered', 'withdrawn')")


class RegistrationRow(Row):
    """A person's application to act for a company; contact and phone are encrypted.

    `version` counts the steps: who decides says which he saw. `route` holds the steps before `registered`,
    `activated_at` when the owner gave his authorization, be it before its turn. `entry` is what the register
    of companies said, if it was asked.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        Index("ix_registrations_openid", "openid", "submitted_at"),
        Index("ix_registrations_queue", "status", "submitted_at", "id"),
        Index("ix_registrations_submitted", "submitted_at", "id"),
        Index("ix_registrations_uscc", "uscc", "status"),
        Index(
            "uq_registrations_open", "openid", "uscc", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    route: Mapped[list[str]] = mapped_column(Json)
    openid: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str] = mapped_column(String(18))
    uscc_doubtful: Mapped[bool]
    name: Mapped[str] = mapped_column(String(120))
    company_kind: Mapped[str] = mapped_column(String(32))
    region: Mapped[str] = mapped_column(String(6))
    industry: Mapped[str] = mapped_column(String(1))
    role: Mapped[str] = mapped_column(String(20))
    contact: Mapped[bytes]
    phone: Mapped[bytes]
    founded: Mapped[date | None]
    registered_capital: Mapped[int | None] = mapped_column(BigInteger)
    entry: Mapped[dict[str, Any] | None] = mapped_column(Json)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def state(self) -> RegistrationStatus:
        return RegistrationStatus(self.status)

    @property
    def register_entry(self) -> RegisterEntry | None:
        return RegisterEntry.model_validate(self.entry) if self.entry else None


class RegistrationStepRow(Row):
    """One change of a registration's status: when, by whom, from what to what, and why.

    `number` is the registration's version after the step. `actor` is an openid or a client of the API.
    """

    __tablename__ = "registration_steps"

    registration_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(200))
