"""The table of scores, marked as credit data: it is read through the gate alone."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Double, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime
from domain.gated import GATED


class ScoreRow(Row):
    """A score that held from `since` to `as_of`, both included; a new row begins where it changed.

    At most one a company and day: what is scored anew on the day it began takes its place. `content` is a
    hash of all that the score says, `explanation` its dimensions, reasons and advice.
    """

    __tablename__ = "credit_scores"
    __table_args__ = GATED

    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    scored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(32))
    checksum: Mapped[str] = mapped_column(String(64))
    score: Mapped[int | None]
    band: Mapped[str | None] = mapped_column(String(60))
    pd: Mapped[float | None] = mapped_column(Double)
    confidence: Mapped[float] = mapped_column(Double)
    why_none: Mapped[str | None] = mapped_column(String(60))
    explanation: Mapped[dict[str, Any]] = mapped_column(Json)
    content: Mapped[str] = mapped_column(String(64))
