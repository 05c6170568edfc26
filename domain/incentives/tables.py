"""Years that are closed: their report as it stood then, and what it hands on."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime


class IncentiveYearRow(Row):
    """A year that was closed; nothing of it changes.

    `rules` is the checksum of the rules, `inputs` the hash of everything that the lines were made from.
    `lines` are those of the report by institution, `carry` what the next year begins with.
    """

    __tablename__ = "incentive_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(32))
    rules: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[str] = mapped_column(String(64))
    lines: Mapped[dict[str, Any]] = mapped_column(Json)
    carry: Mapped[dict[str, Any]] = mapped_column(Json)
