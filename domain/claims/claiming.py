"""The owner's steps: a claim prepared, handed in at the official site, and what came of it.

preparing ──submit──▶ submitted ──▶ accepted ──▶ granted
    │                     │  ▲         └──▶ refused ──submit again──▶ submitted
    └──(dropped)          └──┴──▶ granted, refused
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, events
from domain.base import new_id, storable, today_in_china
from domain.claims import checklist
from domain.claims.labels import NEXT, ClaimState
from domain.claims.tables import MOST_REASON, ClaimRow, ClaimStepRow
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.exclusive import alone
from domain.policies import Policy, PolicyRow

# Of one company nobody gives more.
_MOST_YUAN = 10**11
_NO_SUCH = "没有这项申报。"


async def begin(session: AsyncSession, openid: str, uscc: str, code: str, now: datetime) -> ClaimRow:
    """Prepare a claim, or go on with the one that the company has.

    Raises:
        NotFound: no company of the person's, or no such policy.
        NotAllowedNow: the policy's time is over, or has not come.
    """
    if not await companies.acts_for(session, openid, uscc):
        raise NotFound("您不是这家企业的登记人员，不能代它申报。")
    policy = await policy_of(session, code)
    await alone(session, f"claims of {uscc}")
    if row := await of_company(session, uscc, code):
        return row
    if not policy.on_offer(today_in_china(now)):
        raise NotAllowedNow(f"「{policy.title}」现在不在申报期内。")
    row = ClaimRow(
        id=new_id("ZS", now),
        uscc=uscc,
        policy=code,
        title=policy.title,
        openid=openid,
        state=ClaimState.PREPARING,
        ticked=[],
        reason="",
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    session.add(_step(row, None, openid, now))
    return row


async def tick(
    session: AsyncSession, openid: str, claim_id: str, keys: Collection[str], now: datetime
) -> ClaimRow:
    """Which papers lie ready; what the policy does not ask for is left out.

    Raises:
        NotFound: it is no claim of a company of the person's.
    """
    row = await own(session, openid, claim_id)
    policy = await policy_of(session, row.policy)
    row.ticked = [material.key for material in checklist.materials(policy) if material.key in keys]
    row.updated_at = now
    return row


async def submit(session: AsyncSession, openid: str, claim_id: str, on: date, now: datetime) -> ClaimRow:
    """The owner says that he handed it in at the official site, on that day.

    Raises:
        NotFound: it is no claim of a company of the person's.
        NotAllowedNow: it was handed in already.
        ValueOutOfRange: a day that has not come, or before the claim's year.
    """
    row = await own(session, openid, claim_id)
    _check_day("on", on, now)
    _move(session, row, ClaimState.SUBMITTED, openid, now)
    row.submitted_on, row.decided_on, row.amount, row.reason = on, None, None, ""
    return row


async def drop(session: AsyncSession, openid: str, claim_id: str) -> str:
    """Not gone on with: nothing of it is kept. The policy's code.

    Raises:
        NotFound: it is no claim of a company of the person's.
        NotAllowedNow: it was handed in.
    """
    row = await own(session, openid, claim_id)
    if row.standing is not ClaimState.PREPARING:
        raise NotAllowedNow("已经提交的申报要留下记录，不能删除。")
    await session.delete(row)
    return row.policy


@dataclass(frozen=True, slots=True)
class Decision:
    """What the office said: `amount` in yuan with a grant, `reason` with a refusal, today unless `on`."""

    outcome: ClaimState
    amount: int | None = None
    reason: str = ""
    on: date | None = None


async def decide(
    session: AsyncSession, row: ClaimRow, decision: Decision, *, by: str, now: datetime
) -> ClaimStepRow:
    """Write down what the office said, as the owner or an operator tells it.

    Raises:
        NotAllowedNow: from where the claim stands that cannot follow.
        ValueOutOfRange: a grant without amount, a refusal without reason, a day that has not come.
    """
    granted, refused = decision.outcome is ClaimState.GRANTED, decision.outcome is ClaimState.REFUSED
    if granted and not 0 < (decision.amount or 0) <= _MOST_YUAN:
        raise ValueOutOfRange("amount", "请填写兑现的金额。")
    if refused and not 0 < len(decision.reason) <= MOST_REASON:
        raise ValueOutOfRange("reason", f"请填写未通过的原因，{MOST_REASON}字以内。")
    day = decision.on or today_in_china(now)
    _check_day("decided_on", day, now)
    done = _move(session, row, decision.outcome, by, now, decision.reason if refused else "")
    row.decided_on = day
    row.amount = decision.amount if granted else None
    row.reason = decision.reason if refused else ""
    return done


async def decide_for_owner(
    session: AsyncSession, row: ClaimRow, decision: Decision, *, by: str, now: datetime
) -> None:
    """As `decide`, by somebody else than the owner, who is told.

    Raises:
        NotAllowedNow, ValueOutOfRange: see `decide`.
    """
    step = await decide(session, row, decision, by=by, now=now)
    await session.flush()
    payload = {"claim_id": row.id, "step": step.id, "amount": row.amount}
    events.record(session, events.CLAIM_DECIDED, payload, now)


async def own(session: AsyncSession, openid: str, claim_id: str) -> ClaimRow:
    """A claim of a company that the person acts for, held until the transaction ends. Raises NotFound."""
    row = await held(session, claim_id)
    if row is None or not await companies.acts_for(session, openid, row.uscc):
        raise NotFound(_NO_SUCH)
    return row


async def held(session: AsyncSession, claim_id: str) -> ClaimRow | None:
    """The claim as it is now, held until the transaction ends."""
    if not storable(claim_id):
        return None
    return await session.get(ClaimRow, claim_id, with_for_update=True, populate_existing=True)


async def of_company(session: AsyncSession, uscc: str, code: str) -> ClaimRow | None:
    """The company's claim of that policy."""
    query = select(ClaimRow).where(ClaimRow.uscc == uscc, ClaimRow.policy == code)
    found: ClaimRow | None = await session.scalar(query)
    return found


async def policy_of(session: AsyncSession, code: str) -> Policy:
    """Raises NotFound where the catalogue has none of that code."""
    row = await session.get(PolicyRow, code) if storable(code) else None
    if row is None:
        raise NotFound("目录里没有这项政策。")
    return row.policy


def _check_day(field: str, day: date, now: datetime) -> None:
    today = today_in_china(now)
    if day > today:
        raise ValueOutOfRange(field, "日期不能晚于今天。")
    if day.year < today.year - 1:
        raise ValueOutOfRange(field, "日期太早了，请核对年份。")


def _move(
    session: AsyncSession, row: ClaimRow, after: ClaimState, by: str, now: datetime, note: str = ""
) -> ClaimStepRow:
    before = row.standing
    if after not in NEXT[before]:
        raise NotAllowedNow(f"这项申报现在是「{before.label}」，不能记为「{after.label}」。")
    row.state, row.updated_at = after, now
    step = _step(row, before, by, now, note)
    session.add(step)
    return step


def _step(row: ClaimRow, before: str | None, by: str, now: datetime, note: str = "") -> ClaimStepRow:
    return ClaimStepRow(claim_id=row.id, at=now, actor=by, before=before, after=row.state, note=note)
