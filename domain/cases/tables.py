"""Cases and their steps as stored."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime
from domain.cases.rules import WORDS_LONGEST, CaseKind, CaseOutcome, CasePriority, CaseState

_OPEN_OF_LOAN = text("state <> 'closed' AND loan_id IS NOT NULL")
_OPEN_WITHOUT = text("state <> 'closed' AND loan_id IS NULL")
_ACTOR = 80
_NAME = 60


class CaseRow(Row):
    """A case of one owner. `loan_id` and `institution` name the loan where it is known.

    `amount` (yuan) and `term_months` are what a renewal is asked for, `words` what the owner said. `version`
    counts the steps: who decides says which he saw. `taken_by` is a client of the API, `adviser` his name.
    """

    __tablename__ = "adviser_cases"
    __table_args__ = (
        Index("ix_adviser_cases_queue", "state", "answer_by", "id"),
        Index("ix_adviser_cases_answer_by", "answer_by", "id"),
        Index("ix_adviser_cases_openid", "openid", "opened_at"),
        Index("ix_adviser_cases_closed_at", "closed_at"),
        Index(
            "uq_adviser_cases_loan",
            "loan_id",
            "kind",
            unique=True,
            postgresql_where=_OPEN_OF_LOAN,
            sqlite_where=_OPEN_OF_LOAN,
        ),
        Index(
            "uq_adviser_cases_person",
            "openid",
            "kind",
            unique=True,
            postgresql_where=_OPEN_WITHOUT,
            sqlite_where=_OPEN_WITHOUT,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8))
    priority: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    openid: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str | None] = mapped_column(String(18))
    company: Mapped[str | None] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(6))
    loan_id: Mapped[str | None] = mapped_column(String(64))
    institution: Mapped[str | None] = mapped_column(String(_NAME))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    term_months: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(WORDS_LONGEST))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[str | None] = mapped_column(String(_ACTOR))
    adviser: Mapped[str | None] = mapped_column(String(_NAME))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16))

    @property
    def what(self) -> CaseKind:
        return CaseKind(self.kind)

    @property
    def standing(self) -> CaseState:
        return CaseState(self.state)

    @property
    def urgency(self) -> CasePriority:
        return CasePriority(self.priority)

    @property
    def result(self) -> CaseOutcome | None:
        return CaseOutcome(self.outcome) if self.outcome else None


class CaseStepRow(Row):
    """What happened to a case: when, by whom, its state before and after, and what was written.

    `number` is the case's version after the step. `actor` is an openid or a client of the API; every note is
    read by the owner.
    """

    __tablename__ = "adviser_case_steps"

    case_id: Mapped[str] = mapped_column(ForeignKey("adviser_cases.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(_ACTOR))
    before: Mapped[str | None] = mapped_column(String(8))
    after: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(WORDS_LONGEST))
