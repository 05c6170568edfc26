"""The tables: equity requests, who follows them, and every step of either."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, Serial, UtcDateTime
from domain.equity.labels import EquityFollow, EquityStatus

MOST_WORDS = 500
MOST_NOTE = 200
_OPEN = text("status IN ('published', 'followed', 'met', 'term_sheet')")


class EquityRequestRow(Row):
    """What a company raises. `amount` in yuan, `share` in per cent; a draft may lack anything.

    `words` are the owner's own; `uscc` and `company` stand from the publication on.
    """

    __tablename__ = "equity_requests"
    __table_args__ = (
        Index("ix_equity_requests_openid", "openid", "created_at"),
        Index("ix_equity_requests_created", "created_at", "id"),
        Index("ix_equity_requests_status", "status", "updated_at"),
        Index("ix_equity_requests_uscc", "uscc"),
        # A company raises one round at a time.
        Index("uq_equity_requests_open", "uscc", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str | None] = mapped_column(String(18))
    company: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(16))
    round: Mapped[str | None] = mapped_column(String(8))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    share: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    industry: Mapped[str | None] = mapped_column(String(1))
    region: Mapped[str | None] = mapped_column(String(6))
    words: Mapped[str] = mapped_column(String(MOST_WORDS))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def state(self) -> EquityStatus:
        return EquityStatus(self.status)


class EquityFollowRow(Row):
    """Where an institution stands with a request.

    `happened_on` is the day of its last event as it told it; `amount` what it invested, in yuan; `reason` why
    it did not.
    """

    __tablename__ = "equity_follows"

    request_id: Mapped[str] = mapped_column(
        ForeignKey("equity_requests.id", ondelete="CASCADE"), primary_key=True
    )
    institution: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
    status: Mapped[str] = mapped_column(String(16))
    followed_by: Mapped[str] = mapped_column(String(80))
    followed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    happened_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(MOST_NOTE))

    @property
    def state(self) -> EquityFollow:
        return EquityFollow(self.status)


class EquityStepRow(Row):
    """One change, of an institution's follow or, without one, of the request: when, by whom, to what."""

    __tablename__ = "equity_steps"

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("equity_requests.id", ondelete="CASCADE"), index=True)
    institution: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(MOST_NOTE))
