"""From the institution's yes or no to the money: approve, reject, accept, decline, grant."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import loans
from domain.base import Value, storable, today_in_china
from domain.conditions import ExactRate
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.exclusive import alone
from domain.labels import Guarantee
from domain.loans import Loan, LoanId, LoanRow
from domain.market import moving
from domain.market.places import Held, hold, settle
from domain.market.rules import UNDER_WAY, Cause, FollowState, MarketRules, RejectReason
from domain.market.tables import NOTE_CHARS, FollowRow
from domain.requests import RequestRow

__all__ = [
    "Grant",
    "RejectReason",
    "Terms",
    "accept",
    "approve",
    "decline",
    "earliest_grant",
    "grant",
    "reject",
]

Amount = Annotated[int, Field(gt=0, le=10**13)]
Term = Annotated[int, Field(gt=0, le=1200)]
_MONTHS_A_YEAR = 12


class Terms(Value):
    """What an institution is ready to give: yuan, months, per cent a year."""

    amount: Amount
    term_months: Term
    rate: ExactRate
    guarantee: Guarantee


class Grant(Value):
    """What was lent. `due_on` is by default the approved term later, `loan_id` the request's own."""

    amount: Amount
    rate: ExactRate
    granted_on: date
    guarantee: Guarantee | None = None
    due_on: date | None = None
    loan_id: LoanId | None = None


async def approve(
    session: AsyncSession,
    request_id: str,
    institution: str,
    terms: Terms,
    *,
    by: str,
    now: datetime,
    rules: MarketRules,
) -> FollowRow:
    """Say yes with terms; the owner chooses among those who did.

    Raises:
        NotFound: no such request, or the institution never followed it.
        NotAllowedNow: it does not follow, or no longer.
    """
    held, row = await _to_decide(session, request_id, institution, now, rules)
    row.decided_at = now
    row.amount, row.term_months = terms.amount, terms.term_months
    row.rate, row.guarantee = terms.rate, terms.guarantee
    await moving.move(session, row, FollowState.APPROVED, by=by, now=now)
    await settle(session, held, by=by, now=now, rules=rules)
    return row


async def reject(
    session: AsyncSession,
    request_id: str,
    institution: str,
    reason: RejectReason,
    *,
    note: str = "",
    by: str,
    now: datetime,
    rules: MarketRules,
) -> FollowRow:
    """Say no, with a reason that the owner reads; the place is free again.

    Raises:
        NotFound, NotAllowedNow: as for `approve`.
        ValueOutOfRange: the note cannot be stored.
    """
    if len(note) > NOTE_CHARS or not storable(note):
        raise ValueOutOfRange("note", f"说明最多 {NOTE_CHARS} 个字。")
    held, row = await _to_decide(session, request_id, institution, now, rules)
    row.decided_at, row.reject_reason, row.note = now, reason, note
    await moving.move(session, row, FollowState.REJECTED, by=by, now=now, reason=reason, note=note)
    await settle(session, held, by=by, now=now, rules=rules)
    return row


async def accept(
    session: AsyncSession,
    openid: str,
    request_id: str,
    institution: str,
    *,
    now: datetime,
    rules: MarketRules,
) -> FollowRow:
    """The owner takes what this institution offers; the others' follows end.

    Raises:
        NotFound: not a request of his, or one that the institution never followed.
        NotAllowedNow: there is no approval of this institution to accept.
    """
    held, row = await _of_owner(session, openid, request_id, institution, now, rules)
    if row.standing is not FollowState.APPROVED:
        raise NotAllowedNow(f"{institution}现在是「{row.standing.label}」，没有可以接受的方案。")
    await moving.move(session, row, FollowState.ACCEPTED, by=openid, now=now)
    await _end_others(session, held, row, Cause.ANOTHER_CHOSEN, by=openid, now=now)
    await settle(session, held, by=openid, now=now, rules=rules)
    return row


async def decline(
    session: AsyncSession,
    openid: str,
    request_id: str,
    institution: str,
    *,
    now: datetime,
    rules: MarketRules,
) -> FollowRow:
    """The owner says no to what an institution offers, even if he had accepted it; the place is free again.

    Raises:
        NotFound: as for `accept`.
        NotAllowedNow: there is nothing of this institution's to say no to.
    """
    held, row = await _of_owner(session, openid, request_id, institution, now, rules)
    if row.standing not in {FollowState.APPROVED, FollowState.ACCEPTED}:
        raise NotAllowedNow(f"{institution}现在是「{row.standing.label}」，没有可以谢绝的方案。")
    await moving.end(session, row, Cause.DECLINED, by=openid, now=now)
    await settle(session, held, by=openid, now=now, rules=rules)
    return row


async def grant(
    session: AsyncSession,
    request_id: str,
    institution: str,
    grant: Grant,
    *,
    by: str,
    now: datetime,
    rules: MarketRules,
) -> LoanRow:
    """Record the loan that the institution has paid out.

    Whose approval is the only one needs no separate yes of the owner: he signed the contract. Among several
    approvals the choice is the owner's.

    Raises:
        NotFound: as for `approve`.
        NotAllowedNow: nothing is approved, the owner has yet to choose, or whose request it is is not known.
        ValueOutOfRange: a day or number that cannot be, or a loan's id that stands for another loan.
    """
    held = await hold(session, request_id, now=now, rules=rules)
    row = held.follow_of(institution)
    _check_may_grant(held, row)
    _check_day(held.request, grant.granted_on, now, rules)
    loan = await _record(session, _loan(held.request, row, grant), now)
    row.guarantee = grant.guarantee or row.guarantee
    row.granted_on, row.loan_id = grant.granted_on, loan.loan_id
    await moving.move(session, row, FollowState.GRANTED, by=by, now=now)
    await _end_others(session, held, row, Cause.GRANTED_ELSEWHERE, by=by, now=now)
    await settle(session, held, by=by, now=now, rules=rules)
    return loan


def earliest_grant(request: RequestRow, rules: MarketRules) -> date | None:
    """The first day, in Asia/Shanghai, on which money may be lent; None while it is not published."""
    published = request.published_at
    return published and today_in_china(published) + timedelta(days=rules.grant_after_days)


async def _to_decide(
    session: AsyncSession, request_id: str, institution: str, now: datetime, rules: MarketRules
) -> tuple[Held, FollowRow]:
    held = await hold(session, request_id, now=now, rules=rules)
    row = held.follow_of(institution)
    if row.standing is not FollowState.FOLLOWING:
        raise NotAllowedNow(f"贵机构对这笔需求的跟进现在是「{row.standing.label}」，不能审批。")
    return held, row


async def _of_owner(
    session: AsyncSession, openid: str, request_id: str, institution: str, now: datetime, rules: MarketRules
) -> tuple[Held, FollowRow]:
    held = await hold(session, request_id, now=now, rules=rules)
    row = held.of(institution)
    if held.request.openid != openid or row is None:
        raise NotFound("没有这笔融资需求，或者这家机构没有跟进过。")
    return held, row


async def _end_others(
    session: AsyncSession, held: Held, chosen: FollowRow, cause: Cause, *, by: str, now: datetime
) -> None:
    for row in held.follows:
        if row is not chosen and row.standing in UNDER_WAY:
            await moving.end(session, row, cause, by=by, now=now)


def _check_may_grant(held: Held, row: FollowRow) -> None:
    if row.standing is FollowState.ACCEPTED:
        return
    if row.standing is not FollowState.APPROVED:
        raise NotAllowedNow(f"贵机构对这笔需求的跟进现在是「{row.standing.label}」，不能登记放款。")
    if any(other.standing is FollowState.APPROVED for other in held.follows if other is not row):
        raise NotAllowedNow("有多家机构批准了这笔需求，要等企业选定之后才能登记放款。")


def _check_day(request: RequestRow, day: date, now: datetime, rules: MarketRules) -> None:
    earliest = earliest_grant(request, rules)
    if earliest and today_in_china(now) < earliest:
        raise NotAllowedNow(f"按本市规定，这笔需求最早 {earliest:%Y-%m-%d} 起可以放款。")
    if earliest and day < earliest:
        raise ValueOutOfRange("granted_on", f"放款日期不能早于 {earliest:%Y-%m-%d}。")
    if day > today_in_china(now):
        raise ValueOutOfRange("granted_on", "放款日期不能晚于今天。")


def _loan(request: RequestRow, row: FollowRow, grant: Grant) -> Loan:
    if request.uscc is None:
        raise NotAllowedNow("这笔需求还没有对应到已注册的企业，不能登记放款。")
    due_on = grant.due_on or months_later(grant.granted_on, row.term_months or 0)
    if due_on < grant.granted_on:
        raise ValueOutOfRange("due_on", "到期日期不能早于放款日期。")
    return Loan(
        loan_id=grant.loan_id or request.id,
        uscc=request.uscc,
        institution=row.institution,
        product=row.product,
        amount=grant.amount,
        balance=grant.amount,
        rate=grant.rate,
        granted_on=grant.granted_on,
        due_on=due_on,
    )


async def _record(session: AsyncSession, loan: Loan, now: datetime) -> LoanRow:
    """What the institution reported of this loan before knows more of it: it stays."""
    # Of two grants with one id both would find nothing, and the second write over the first.
    await alone(session, f"loan {loan.loan_id}")
    before = await session.get(LoanRow, loan.loan_id, with_for_update=True)
    granted = exists().where(FollowRow.loan_id == loan.loan_id)
    if await session.scalar(select(granted)) or (before is not None and _belongs_to_another(before, loan)):
        raise ValueOutOfRange("loan_id", "这个借据编号已经用于另一笔贷款。")
    if before is None:
        await loans.save_all(session, [loan], now)
    else:
        _check_same(before, loan)
    return await session.get_one(LoanRow, loan.loan_id)


def _belongs_to_another(before: LoanRow, loan: Loan) -> bool:
    return (before.uscc, before.institution) != (loan.uscc, loan.institution)


def _check_same(before: LoanRow, loan: Loan) -> None:
    """A grant tells again what was lent; the rate need not have been reported."""
    for field in ("amount", "rate", "granted_on"):
        reported, said = getattr(before, field), getattr(loan, field)
        if reported is not None and reported != said:
            raise ValueOutOfRange(field, f"这笔借据已经报送过，登记的是 {reported}，与这次的 {said} 不一致。")


def months_later(day: date, months: int) -> date:
    """The same day of that later month, or the month's last."""
    year, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 + months, _MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
