"""Loans that institutions report: for warnings while they run and for renewal when they end."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from sqlalchemy import BigInteger, Index, Numeric, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime, Value, table_of
from domain.bulk import Fields, upsert
from domain.companies import Uscc
from domain.conditions import Rate, Yuan
from domain.labels import Label

LoanId = Annotated[str, StringConstraints(pattern=r"^\S{1,64}$")]


class LoanState(Label):
    """Where a loan stands."""

    RUNNING = "running", "正常"
    OVERDUE = "overdue", "逾期"
    REPAID = "repaid", "已结清"
    WRITTEN_OFF = "written_off", "已核销"


_NOT_PAID_BACK = frozenset({LoanState.RUNNING, LoanState.OVERDUE})


class Loan(Value):
    """A loan as its institution reports it: yuan, per cent a year, the balance of the principal."""

    loan_id: LoanId
    uscc: Uscc
    institution: Annotated[str, Field(min_length=1, max_length=60)]
    product: Annotated[str, Field(max_length=60)] | None = None
    amount: Yuan
    balance: Yuan
    rate: Rate | None = None
    granted_on: date
    due_on: date
    state: LoanState = LoanState.RUNNING

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.granted_on > self.due_on:
            raise ValueError("granted_on 晚于 due_on")
        if self.balance > self.amount:
            raise ValueError("balance 大于 amount")
        return self


class LoanRow(Row):
    """A loan. Its company need not be known: it may register later, and is then found by its `uscc`."""

    __tablename__ = "loans"
    __table_args__ = (Index("ix_loans_state_due", "state", "due_on"),)

    loan_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), index=True)
    institution: Mapped[str] = mapped_column(String(60), index=True)
    product: Mapped[str | None] = mapped_column(String(60))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    granted_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


_COLUMNS = [table_of(LoanRow).c[name] for name in Loan.model_fields]


async def known(session: AsyncSession, loan_ids: Sequence[str]) -> dict[str, Fields]:
    """The fields of those that are stored, by loan_id."""
    found = await session.execute(select(*_COLUMNS).where(LoanRow.loan_id.in_(loan_ids)))
    return {row["loan_id"]: fields(Loan.model_construct(None, **row)) for row in found.mappings()}


def fields(loan: Loan, before: Fields | None = None) -> Fields:
    """The record by field; nothing of what was there `before` stays."""
    del before
    stated = {name: getattr(loan, name) for name in Loan.model_fields}
    return {name: value for name, value in stated.items() if value is not None}


async def under_way(session: AsyncSession, usccs: Sequence[str]) -> Sequence[LoanRow]:
    """Loans of these companies that are not paid back, the one due next first."""
    query = select(LoanRow).where(LoanRow.uscc.in_(usccs), LoanRow.state.in_(_NOT_PAID_BACK))
    return (await session.scalars(query.order_by(LoanRow.due_on, LoanRow.loan_id))).all()


async def save_all(session: AsyncSession, loans: Sequence[Loan], now: datetime) -> None:
    """Insert, or replace by `loan_id`."""
    await upsert(session, LoanRow, [loan.model_dump() | {"updated_at": now} for loan in loans])
