"""Follows, their steps and the owners' ratings as stored."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, Serial, UtcDateTime
from domain.market.rules import IN_PLACE, FollowState

_TIMED, _REMINDED = text("until IS NOT NULL"), text("remind_at IS NOT NULL")
_LENT = text("loan_id IS NOT NULL")

ACTOR_CHARS = 80
NOTE_CHARS = 200
WORDS_CHARS = 500


class FollowRow(Row):
    """An institution's place, or turn, with a request.

    `until` is the decision's deadline while it follows, and while it waits the end of the time for which a
    free place is kept for it. `turn` is its number in the order in which institutions came; `place_at` is
    when it got its place. `amount`, `term_months`, `rate` and `guarantee` are what it approved; what it
    granted is the loan. `cause` says why it lapsed or ended. `version` counts the steps.
    """

    __tablename__ = "request_follows"
    __table_args__ = (
        Index("ix_follows_institution", "institution", "state", "updated_at"),
        # Small however long the history: what the clock ends, and what it tells of.
        Index("ix_follows_until", "until", postgresql_where=_TIMED, sqlite_where=_TIMED),
        Index("ix_follows_remind", "remind_at", postgresql_where=_REMINDED, sqlite_where=_REMINDED),
        # A loan is paid out once.
        Index("ix_follows_loan", "loan_id", unique=True, postgresql_where=_LENT, sqlite_where=_LENT),
    )

    request_id: Mapped[str] = mapped_column(
        ForeignKey("financing_requests.id", ondelete="CASCADE"), primary_key=True
    )
    institution: Mapped[str] = mapped_column(String(60), primary_key=True)
    branch: Mapped[str | None] = mapped_column(String(60))
    product: Mapped[str | None] = mapped_column(String(64))
    decision_days: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    turn: Mapped[int]
    followed_by: Mapped[str] = mapped_column(String(ACTOR_CHARS))
    place_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    term_months: Mapped[int | None]
    rate: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    guarantee: Mapped[str | None] = mapped_column(String(32))
    reject_reason: Mapped[str | None] = mapped_column(String(32))
    cause: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(String(NOTE_CHARS))
    granted_on: Mapped[date | None]
    loan_id: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def standing(self) -> FollowState:
        return FollowState(self.state)

    @property
    def has_offer(self) -> bool:
        """Whether a free place is kept for it."""
        return self.standing is FollowState.WAITING and self.until is not None

    @property
    def holds_place(self) -> bool:
        return self.standing in IN_PLACE or self.has_offer


class FollowStepRow(Row):
    """One step of a follow: when, by whom, from what to what, and why.

    `since` is when the state before had begun. A free place that is kept for who waits is a step from
    `waiting` to `waiting`. `reason` is a `RejectReason` or a `Cause`, `actor` an openid, a client of the API
    or the clock.
    """

    __tablename__ = "follow_steps"
    __table_args__ = (Index("ix_follow_steps_follow", "request_id", "institution"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    request_id: Mapped[str] = mapped_column(String(32))
    institution: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(ACTOR_CHARS))
    before: Mapped[str | None] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(String(NOTE_CHARS))


class RatingRow(Row):
    """What the owner thinks of an institution that decided on his request."""

    __tablename__ = "institution_ratings"

    request_id: Mapped[str] = mapped_column(
        ForeignKey("financing_requests.id", ondelete="CASCADE"), primary_key=True
    )
    institution: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    stars: Mapped[int]
    words: Mapped[str] = mapped_column(String(WORDS_CHARS))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
