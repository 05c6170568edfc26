"""Reviews, recommended products, institutions that were told, and every step, as stored."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, Serial, UtcDateTime
from domain.recommending.rules import ReviewState

NOTE_CHARS = 200
REASON_CHARS = 200
ACTOR_CHARS = 80

_DUE = text("due_at IS NOT NULL")


class ReviewRow(Row):
    """A published request in the advisers' queue.

    `region` is the firm's, as the match knew it. `claimed_until`: a matcher is at work on it. `due_at`: when
    it goes out without a review, empty where it waits for one or is out; `sent_at`: when institutions were
    told first. `taken_by` has it until `taken_until`. `note` is the adviser's word to the owner. `version`
    counts what changes the list.
    """

    __tablename__ = "request_reviews"
    __table_args__ = (
        # Small however long the history: what the clock sends.
        Index("ix_reviews_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_reviews_state", "state", "created_at", "request_id"),
    )

    request_id: Mapped[str] = mapped_column(
        ForeignKey("financing_requests.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    region: Mapped[str | None] = mapped_column(String(6))
    note: Mapped[str] = mapped_column(String(NOTE_CHARS))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[str | None] = mapped_column(String(ACTOR_CHARS))
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by: Mapped[str | None] = mapped_column(String(ACTOR_CHARS))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def standing(self) -> ReviewState:
        return ReviewState(self.state)

    def holder(self, now: datetime) -> str | None:
        """Who has it taken; nobody once he has been silent for too long."""
        return self.taken_by if self.taken_until and self.taken_until > now else None


class RecommendationRow(Row):
    """A product on the list of a request, or struck off it (`struck_reason`); those have no `rank`.

    `found_rank` is its place as the matcher had it, empty for what an adviser added. `reasons` are sentences,
    `open` the names of conditions to be checked.
    """

    __tablename__ = "recommendations"

    request_id: Mapped[str] = mapped_column(
        ForeignKey("request_reviews.request_id", ondelete="CASCADE"), primary_key=True
    )
    product: Mapped[str] = mapped_column(String(64), primary_key=True)
    institution: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int | None]
    found_rank: Mapped[int | None]
    score: Mapped[float | None]
    reasons: Mapped[list[str]] = mapped_column(Json)
    open: Mapped[list[str]] = mapped_column(Json)
    source: Mapped[str] = mapped_column(String(10))
    struck_reason: Mapped[str | None] = mapped_column(String(REASON_CHARS))
    changed_by: Mapped[str | None] = mapped_column(String(ACTOR_CHARS))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationRow(Row):
    """An institution was told of a request, for its own product or because the owner named it; it is once."""

    __tablename__ = "request_invitations"

    request_id: Mapped[str] = mapped_column(
        ForeignKey("request_reviews.request_id", ondelete="CASCADE"), primary_key=True
    )
    institution: Mapped[str] = mapped_column(String(60), primary_key=True)
    product: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReviewStepRow(Row):
    """Something that was done with a review: when, by whom, and what it changed."""

    __tablename__ = "review_steps"

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    request_id: Mapped[str] = mapped_column(
        ForeignKey("request_reviews.request_id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(ACTOR_CHARS))
    act: Mapped[str] = mapped_column(String(10))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
