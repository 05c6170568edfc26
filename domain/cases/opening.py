"""What the owner does: turn to an adviser, add to what he said, and take it back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.base import new_id, today_in_china
from domain.cases import reading
from domain.cases.moving import held, move, written
from domain.cases.rules import WORDS_LONGEST, CaseKind, CaseOutcome, CaseRules, CaseState
from domain.cases.tables import CaseRow
from domain.companies import CompanyRow
from domain.errors import NotAllowedNow, NotFound
from domain.exclusive import alone
from domain.loans import LoanRow

# Steps of a case that only grows are no longer read by anybody.
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class NewCase:
    """What the owner asks for. `amount` (yuan) and `term_months` belong to a renewal."""

    kind: CaseKind
    loan_id: str | None = None
    institution: str | None = None
    amount: int | None = None
    term_months: int | None = None
    words: str = ""


async def open_case(
    session: AsyncSession, openid: str, new: NewCase, *, rules: CaseRules, now: datetime
) -> CaseRow:
    """Write the case down; where one of that kind is under way for the loan, what was said is added to it.

    Raises:
        NotFound: the loan is not one of the person's companies.
        NotAllowedNow: somebody else of the company turned to an adviser with it.
        ValueOutOfRange: what he said is too long.
    """
    await alone(session, f"case {new.kind} {new.loan_id or openid}")
    loan = await _loan(session, openid, new.loan_id) if new.loan_id else None
    under_way = await reading.under_way(session, openid, new.kind, new.loan_id)
    if under_way is not None:
        return _added(session, under_way, openid, new.words, now)
    company = await _company(session, openid, loan)
    priority = rules.priority(new.kind, loan.due_on if loan else None, today_in_china(now))
    row = CaseRow(
        id=new_id("GW", now),
        kind=new.kind,
        state=CaseState.OPEN,
        priority=priority,
        version=0,
        openid=openid,
        uscc=company.uscc if company else None,
        company=company.name if company else None,
        region=company.facts.get("region") if company else None,
        loan_id=new.loan_id,
        institution=loan.institution if loan else new.institution,
        amount=new.amount,
        term_months=new.term_months,
        words=written("words", new.words),
        opened_at=now,
        answer_by=rules.answer_by(priority, now),
        answered_at=None,
        taken_by=None,
        adviser=None,
        closed_at=None,
        outcome=None,
    )
    session.add(row)
    # The case before its first step: the one refers to the other.
    await session.flush()
    move(session, row, CaseState.OPEN, openid, now)
    return row


async def add(session: AsyncSession, openid: str, case_id: str, words: str, *, now: datetime) -> CaseRow:
    """The owner tells more.

    Raises:
        NotFound: it is not the person's.
        NotAllowedNow: it is closed.
        ValueOutOfRange: nothing, or too much.
    """
    row = await _own(session, openid, case_id)
    if row.standing is CaseState.CLOSED:
        raise NotAllowedNow("这件事已经办结。还需要帮忙的话，回到公众号再说一次就行。")
    written("words", words, at_least=1)
    return _added(session, row, openid, words, now)


async def withdraw(session: AsyncSession, openid: str, case_id: str, *, now: datetime) -> CaseRow:
    """Take a case back; done twice, it is done.

    Raises:
        NotFound: it is not the person's.
        NotAllowedNow: an adviser closed it already.
    """
    row = await _own(session, openid, case_id)
    if row.result is CaseOutcome.WITHDRAWN:
        return row
    if row.standing is CaseState.CLOSED:
        raise NotAllowedNow("这件事顾问已经办结，不用再撤回。")
    row.closed_at, row.outcome = now, CaseOutcome.WITHDRAWN
    move(session, row, CaseState.CLOSED, openid, now)
    return row


async def withdraw_all(session: AsyncSession, openid: str, *, now: datetime) -> None:
    """Whoever wants his data deleted wants no more answers."""
    for row in await reading.of_person(session, openid, only_open=True):
        await withdraw(session, openid, row.id, now=now)


async def _own(session: AsyncSession, openid: str, case_id: str) -> CaseRow:
    row = await held(session, case_id)
    if row is None or row.openid != openid:
        raise NotFound("没有这件事，或者它不是您提出的。")
    return row


def _added(session: AsyncSession, row: CaseRow, openid: str, words: str, now: datetime) -> CaseRow:
    if row.openid != openid:
        raise NotAllowedNow("这笔贷款，贵公司已经有同事找过顾问了，正在处理，不用再提一次。")
    if row.version >= _MOST_STEPS:
        raise NotAllowedNow("这件事的补充已经很多了，请等顾问答复后再说。")
    if more := written("words", words[:WORDS_LONGEST]):
        move(session, row, row.standing, openid, now, more)
    return row


async def _loan(session: AsyncSession, openid: str, loan_id: str) -> LoanRow:
    loan = await session.get(LoanRow, loan_id)
    if loan is None or not await companies.acts_for(session, openid, loan.uscc):
        raise NotFound("没有查到这笔贷款。")
    return loan


async def _company(session: AsyncSession, openid: str, loan: LoanRow | None) -> CompanyRow | None:
    """Whose loan it is; without one the company that the person was bound to last."""
    if loan is not None:
        found: CompanyRow | None = await session.scalar(
            select(CompanyRow).where(CompanyRow.uscc == loan.uscc)
        )
        return found
    return next(iter(await companies.registered_by(session, openid)), None)
