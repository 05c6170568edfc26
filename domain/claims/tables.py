"""The tables: one claim a company and policy, and every step of it."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, Serial, UtcDateTime
from domain.claims.labels import ClaimState

MOST_REASON = 200
_PREPARING = text("state = 'preparing'")


class ClaimRow(Row):
    """A company's claim of a policy, begun by `openid`.

    `ticked` are the keys of the materials that lie ready. `told_deadline` and `told_days` are the deadline
    that was last reminded of, and how many days before it: another deadline is reminded of anew.
    `title` is the policy's when the claim was begun.
    """

    __tablename__ = "policy_claims"
    __table_args__ = (
        Index("uq_policy_claims_company_policy", "uscc", "policy", unique=True),
        Index("ix_policy_claims_openid", "openid"),
        Index("ix_policy_claims_state", "state", "updated_at"),
        Index("ix_policy_claims_created", "created_at", "id"),
        # Small however long the history: what is looked through for deadlines.
        Index("ix_policy_claims_preparing", "id", postgresql_where=_PREPARING, sqlite_where=_PREPARING),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18))
    policy: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(120))
    openid: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    ticked: Mapped[list[str]] = mapped_column(Json)
    submitted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(MOST_REASON))
    told_deadline: Mapped[date | None]
    told_days: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def standing(self) -> ClaimState:
        return ClaimState(self.state)


class ClaimStepRow(Row):
    """One change of a claim's state: when, by whom, and in which words."""

    __tablename__ = "policy_claim_steps"

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("policy_claims.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(String(12))
    after: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(MOST_REASON))
