"""The tables of credit data. Those that hold values are marked: they are read through the gate alone."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, Serial, UtcDateTime
from domain.gated import GATED

_CURRENT = text("superseded_at IS NULL")
_SUPERSEDED = text("superseded_at IS NOT NULL")
_BAD = text("bad_until IS NOT NULL")
_OPEN = text("closed_at IS NULL")


class CreditValueRow(Row):
    """A value as a source stated it; the history of corrections.

    One current row a company, indicator and `as_of` (the last day of the period, or the day itself); a later
    statement of the same sets `superseded_at`. `bad_until` is the last day of bad behaviour that a bad record
    speaks of: from then on the law's five years count. `digest` is of all that a source stated: equal ones
    are recognised without being read.
    """

    __tablename__ = "credit_values"
    __table_args__ = (
        Index(
            "uq_credit_values_current",
            "uscc",
            "indicator",
            "as_of",
            unique=True,
            postgresql_where=_CURRENT,
            sqlite_where=_CURRENT,
        ),
        Index("ix_credit_values_bad_until", "bad_until", postgresql_where=_BAD, sqlite_where=_BAD),
        Index(
            "ix_credit_values_superseded_at",
            "superseded_at",
            postgresql_where=_SUPERSEDED,
            sqlite_where=_SUPERSEDED,
        ),
        GATED,
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    uscc: Mapped[str] = mapped_column(String(18))
    category: Mapped[str] = mapped_column(String(16))
    indicator: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    value: Mapped[Any] = mapped_column(Json)
    source: Mapped[str] = mapped_column(String(60))
    batch_id: Mapped[str] = mapped_column(String(64))
    ended_on: Mapped[date | None]
    bad_until: Mapped[date | None]
    digest: Mapped[str] = mapped_column(String(32))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CreditDocumentRow(Row):
    """The latest values of a company in one category, written in the transaction of the history.

    `figures` is a JSON object from indicator to value, as text: read by the thousand. `disputed` names those
    under objection. `stale` is true within a transaction alone: what it wrote is then put together anew.
    """

    __tablename__ = "credit_documents"
    __table_args__ = (
        Index(
            "ix_credit_documents_stale",
            "stale",
            postgresql_where=text("stale"),
            sqlite_where=text("stale = 1"),
        ),
        GATED,
    )

    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    category: Mapped[str] = mapped_column(String(16), primary_key=True)
    figures: Mapped[str] = mapped_column(Text)
    disputed: Mapped[list[str]] = mapped_column(Json)
    stale: Mapped[bool]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CreditBatchRow(Row):
    """A batch that was taken, with the answer it got: sent again, it gets the same."""

    __tablename__ = "credit_batches"

    sender: Mapped[str] = mapped_column(String(64), primary_key=True)
    batch_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CreditObjectionRow(Row):
    """An owner's objection (异议) to one value; at most one is open for a value."""

    __tablename__ = "credit_objections"
    __table_args__ = (
        Index(
            "uq_credit_objections_open",
            "value_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index("ix_credit_objections_created", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    value_id: Mapped[int] = mapped_column(BigInteger)
    uscc: Mapped[str] = mapped_column(String(18), index=True)
    category: Mapped[str] = mapped_column(String(16))
    indicator: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    source: Mapped[str] = mapped_column(String(60))
    openid: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class CreditServiceReportRow(Row):
    """What a credit-service institution delivered about a company; `report_id` is its own number."""

    __tablename__ = "credit_service_reports"
    __table_args__ = (GATED,)

    service: Mapped[str] = mapped_column(String(60), primary_key=True)
    report_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    score: Mapped[float | None]
    scale: Mapped[str | None] = mapped_column(String(40))
    grade: Mapped[str | None] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(500))
    as_of: Mapped[date]
    content_hash: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CreditServiceRatingRow(Row):
    """What an institution thinks of one report: 1 to 5, one for each rater, which he may change."""

    __tablename__ = "credit_service_ratings"

    service: Mapped[str] = mapped_column(String(60), primary_key=True)
    report_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    rater: Mapped[str] = mapped_column(String(60), primary_key=True)
    stars: Mapped[int]
    words: Mapped[str] = mapped_column(String(300))
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)
