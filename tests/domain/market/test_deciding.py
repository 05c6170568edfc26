"""From yes or no to the money: each step that exists, and none that does not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import events as names
from domain import loans
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.labels import Guarantee
from domain.loans import Loan, LoanRow
from domain.market import deciding, following, reading
from domain.market.deciding import Grant, RejectReason, months_later
from domain.market.rules import Cause
from domain.requests import RequestRow
from tests.domain.market.fair import (
    DAY,
    GRANT,
    HOUR,
    NOW,
    OWNER,
    RULES,
    TERMS,
    USCC,
    A,
    B,
    C,
    D,
    E,
    events,
    follow_of,
    opened_market,
    states,
    status,
)

Act = Callable[..., Awaitable[Any]]


async def act(database: Database, step: Act, *arguments: object, **more: object) -> Any:
    async with database.unit_of_work() as session:
        return await step(session, *arguments, **{"now": NOW, "rules": RULES} | more)


class Fair:
    """A published request with short ways to take steps on it."""

    def __init__(self, database: Database, request_id: str) -> None:
        self.id = request_id
        run = partial(act, database)
        self.follow = lambda bank, **more: run(following.follow, self.id, bank, by="client", **more)
        self.leave = lambda bank, **more: run(following.leave, self.id, bank, by="client", **more)
        self.approve = lambda bank, **more: run(deciding.approve, self.id, bank, TERMS, by="client", **more)
        self.reject = lambda bank, reason, **more: run(
            deciding.reject, self.id, bank, reason, by="client", **more
        )
        self.accept = lambda bank, openid=OWNER, **more: run(deciding.accept, openid, self.id, bank, **more)
        self.decline = lambda bank, openid=OWNER, **more: run(deciding.decline, openid, self.id, bank, **more)
        self.grant = lambda bank, given=GRANT, **more: run(
            deciding.grant, self.id, bank, given, by="client", **more
        )


@pytest.fixture
async def fair(database: Database) -> Fair:
    """Three follow, two wait."""
    built = Fair(database, await opened_market(database))
    for bank in (A, B, C, D, E):
        await built.follow(bank)
    return built


async def test_several_approve_and_the_owner_takes_one(database: Database, fair: Fair) -> None:
    await fair.approve(A)
    await fair.approve(B, now=NOW + HOUR)
    row = await follow_of(database, fair.id, A)
    assert (row.amount, row.term_months, row.rate, row.guarantee) == (800_000, 12, Decimal("4.35"), "credit")
    assert (row.decided_at, row.until) == (NOW, None)
    assert await status(database, fair.id) == "approved"
    assert (await fair.accept(B)).state == "accepted"
    ended = {A: "ended", B: "accepted", C: "ended", D: "ended", E: "ended"}
    assert await states(database, fair.id) == ended
    assert await status(database, fair.id) == "accepted"
    async with database.reading() as session:
        steps = await reading.steps_of(session, fair.id, B)
        assert [(step.actor, step.after) for step in steps][-1] == (OWNER, "accepted")
    with pytest.raises(NotAllowedNow, match="已接受"):
        await fair.follow("招商银行")


async def test_a_no_gives_its_reason_and_its_place(database: Database, fair: Fair) -> None:
    await fair.reject(A, RejectReason.DEBT, note="资产负债率超过70%")
    row = await follow_of(database, fair.id, A)
    assert (row.state, row.reject_reason, row.note) == ("rejected", "debt", "资产负债率超过70%")
    assert (await follow_of(database, fair.id, D)).has_offer
    told = (await events(database, names.FOLLOW_MOVED))[-1]
    assert (told["institution"], told["after"], told["reason"]) == (A, "rejected", "debt")
    with pytest.raises(NotAllowedNow, match="不能再次跟进"):
        await fair.follow(A)
    for note in ("长" * 201, "\x00"):
        with pytest.raises(ValueOutOfRange):
            await fair.reject(B, RejectReason.OTHER, note=note)


async def test_only_who_follows_decides(fair: Fair) -> None:
    with pytest.raises(NotAllowedNow, match="排队中"):
        await fair.approve(D)
    with pytest.raises(NotFound):
        await fair.approve("招商银行")
    await fair.approve(A)
    for again in (fair.approve(A), fair.reject(A, RejectReason.OTHER)):
        with pytest.raises(NotAllowedNow, match="已批准"):
            await again


async def test_too_late_is_too_late_however_slow_the_worker(fair: Fair) -> None:
    assert (await fair.approve(A, now=NOW + 5 * DAY - HOUR)).state == "approved"
    with pytest.raises(NotAllowedNow, match="已失效"):
        await fair.approve(B, now=NOW + 5 * DAY)


async def test_the_status_goes_back_with_the_furthest(database: Database, fair: Fair) -> None:
    await fair.approve(A)
    await fair.decline(A)
    assert await status(database, fair.id) == "followed"
    assert (await follow_of(database, fair.id, A)).cause == "declined"
    assert (await follow_of(database, fair.id, D)).has_offer
    await fair.approve(B)
    await fair.accept(B)
    await fair.leave(B)
    assert await status(database, fair.id) == "published"
    # Who was turned away for the other one's sake may come back; whom the owner refused may not.
    assert (await fair.follow(C)).state == "following"
    with pytest.raises(NotAllowedNow, match="不能再次跟进"):
        await fair.follow(A)


async def test_an_owner_may_step_back_from_what_he_accepted(database: Database, fair: Fair) -> None:
    await fair.approve(A)
    await fair.accept(A)
    await fair.decline(A)
    assert await status(database, fair.id) == "published"


async def test_only_the_owner_answers_and_only_an_approval(fair: Fair) -> None:
    await fair.approve(A)
    for step in (fair.accept, fair.decline):
        with pytest.raises(NotFound):
            await step(A, "oLi")
        with pytest.raises(NotFound):
            await step("招商银行")
        with pytest.raises(NotAllowedNow, match="跟进中"):
            await step(B)


async def test_the_grant_is_a_loan(database: Database, fair: Fair) -> None:
    await fair.approve(A)
    await fair.accept(A)
    given = GRANT.model_copy(update={"guarantee": Guarantee.GUARANTEE_FUND})
    loan = await fair.grant(A, given)
    assert (loan.loan_id, loan.uscc, loan.institution) == (fair.id, USCC, A)
    assert (loan.amount, loan.balance, loan.rate) == (750_000, 750_000, Decimal("4.2"))
    assert (loan.granted_on, loan.due_on, loan.state) == (date(2026, 11, 23), date(2027, 11, 23), "running")
    row = await follow_of(database, fair.id, A)
    assert (row.state, row.granted_on, row.loan_id) == ("granted", date(2026, 11, 23), fair.id)
    # What was approved stays beside what was lent.
    assert (row.amount, row.guarantee) == (800_000, "guarantee_fund")
    assert await status(database, fair.id) == "granted"
    with pytest.raises(NotAllowedNow, match="已放款"):
        await fair.grant(A, given)


async def test_who_is_alone_grants_without_a_choice(database: Database) -> None:
    fair, rules = Fair(database, await opened_market(database)), replace(RULES, grab=True)
    for bank in (A, B):
        await fair.follow(bank, rules=rules)
    with pytest.raises(NotAllowedNow, match="跟进中"):
        await fair.grant(A, rules=rules)
    await fair.approve(A, rules=rules)
    await fair.grant(A, rules=rules)
    assert await states(database, fair.id) == {A: "granted", B: "ended"}
    # The owner chose nobody.
    row = await follow_of(database, fair.id, B)
    assert row.cause == Cause.GRANTED_ELSEWHERE
    assert (await events(database, names.FOLLOW_MOVED))[-1]["reason"] == "granted_elsewhere"


async def test_among_several_approvals_the_owner_chooses(database: Database, fair: Fair) -> None:
    await fair.approve(A)
    await fair.approve(B)
    with pytest.raises(NotAllowedNow, match="等企业选定"):
        await fair.grant(A)
    await fair.decline(B)
    await fair.grant(A)
    assert await status(database, fair.id) == "granted"


async def chosen(fair: Fair, bank: str = A) -> None:
    await fair.approve(bank)
    await fair.accept(bank)


async def test_no_grant_before_its_day_nor_in_the_future(database: Database, fair: Fair) -> None:
    rules = replace(RULES, grant_after_days=7)
    await chosen(fair)
    with pytest.raises(NotAllowedNow, match="2026-11-30 起"):
        await fair.grant(A, rules=rules)
    later = {"now": NOW + 8 * DAY, "rules": rules}
    for day, message in ((date(2026, 11, 29), "不能早于"), (date(2026, 12, 2), "不能晚于今天")):
        with pytest.raises(ValueOutOfRange, match=message):
            await fair.grant(A, GRANT.model_copy(update={"granted_on": day}), **later)
    await fair.grant(A, GRANT.model_copy(update={"granted_on": date(2026, 11, 30)}), **later)
    async with database.reading() as session:
        request = await session.get_one(RequestRow, fair.id)
        assert deciding.earliest_grant(request, rules) == date(2026, 11, 30)


async def test_the_day_is_the_one_in_china(fair: Fair) -> None:
    """At half past four in the afternoon in London it is tomorrow in Suzhou."""
    await chosen(fair)
    evening = datetime(2026, 11, 23, 16, 30, tzinfo=NOW.tzinfo)
    tomorrow = GRANT.model_copy(update={"granted_on": date(2026, 11, 24)})
    with pytest.raises(ValueOutOfRange):
        await fair.grant(A, tomorrow, now=evening - HOUR)
    await fair.grant(A, tomorrow, now=evening)


async def test_a_loan_to_nobody_is_not_recorded(database: Database) -> None:
    fair = Fair(database, await opened_market(database, uscc=None))
    await fair.follow(A)
    await fair.approve(A)
    with pytest.raises(NotAllowedNow, match="已注册的企业"):
        await fair.grant(A)


async def test_what_the_institution_reported_of_the_loan_stays(database: Database, fair: Fair) -> None:
    given = GRANT.model_copy(update={"loan_id": "JJ-1", "due_on": date(2027, 5, 23)})
    reported = Loan(
        loan_id="JJ-1",
        uscc=USCC,
        institution=A,
        amount=750_000,
        balance=600_000,
        granted_on=date(2026, 11, 23),
        due_on=date(2027, 5, 23),
    )
    await chosen(fair)
    async with database.unit_of_work() as session:
        await loans.save_all(session, [reported.model_copy(update={"institution": B})], NOW)
    with pytest.raises(ValueOutOfRange, match="另一笔贷款"):
        await fair.grant(A, given)
    async with database.unit_of_work() as session:
        await loans.save_all(session, [reported], NOW)
    assert (await fair.grant(A, given)).balance == 600_000
    async with database.reading() as session:
        assert await session.get(LoanRow, fair.id) is None


async def test_a_loan_that_was_reported_is_granted_with_its_own_figures(
    database: Database, fair: Fair
) -> None:
    reported = Loan(
        loan_id="JJ-1",
        uscc=USCC,
        institution=A,
        amount=GRANT.amount,
        balance=GRANT.amount,
        rate=GRANT.rate,
        granted_on=GRANT.granted_on,
        due_on=date(2027, 11, 23),
    )
    async with database.unit_of_work() as session:
        await loans.save_all(session, [reported], NOW)
    await chosen(fair)
    given = GRANT.model_copy(update={"loan_id": "JJ-1"})
    other: dict[str, object] = {"amount": 1, "rate": Decimal("4.3"), "granted_on": date(2026, 11, 22)}
    for field, value in other.items():
        with pytest.raises(ValueOutOfRange) as refused:
            await fair.grant(A, given.model_copy(update={field: value}))
        assert refused.value.field == field
    assert (await fair.grant(A, given)).rate == GRANT.rate


async def test_one_loan_is_paid_out_for_one_request(database: Database, fair: Fair) -> None:
    second = Fair(database, await opened_market(database))
    given = GRANT.model_copy(update={"loan_id": "JJ-1"})
    for request in (fair, second):
        await (request.follow(A) if request is second else request.approve(B))
        await chosen(request)
    await fair.grant(A, given)
    with pytest.raises(ValueOutOfRange, match="另一笔贷款"):
        await second.grant(A, given)
    assert (await follow_of(database, second.id, A)).state == "accepted"
    await second.grant(A, given.model_copy(update={"loan_id": "JJ-2"}))


async def test_of_two_grants_at_once_with_one_id_one_counts(database: Database, fair: Fair) -> None:
    second = Fair(database, await opened_market(database))
    await second.follow(B)
    await chosen(fair)
    await chosen(second, B)
    given = GRANT.model_copy(update={"loan_id": "JJ-1"})
    outcomes = await asyncio.gather(fair.grant(A, given), second.grant(B, given), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LoanRow", "ValueOutOfRange"]
    after = {await status(database, fair.id), await status(database, second.id)}
    assert after == {"granted", "accepted"}


async def test_due_before_it_began(fair: Fair) -> None:
    await chosen(fair)
    with pytest.raises(ValueOutOfRange, match="到期日期"):
        await fair.grant(A, GRANT.model_copy(update={"due_on": date(2026, 11, 22)}))


def test_terms_that_are_none_are_refused() -> None:
    for field in ("amount", "term_months"):
        with pytest.raises(ValueError, match=field):
            deciding.Terms.model_validate(TERMS.model_dump() | {field: 0})
    with pytest.raises(ValueError, match="amount"):
        Grant.model_validate(GRANT.model_dump() | {"amount": 0})
    # What could not be kept as it was said.
    for model, good in ((deciding.Terms, TERMS), (Grant, GRANT)):
        for rate in (4.123456789, 1e-9, "1e-300", 100.1):
            with pytest.raises(ValueError, match="rate"):
                model.model_validate(good.model_dump() | {"rate": rate})


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 1200))
def test_months_later_is_that_month_and_never_a_later_day(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day
    assert later.day == day.day or later.day >= 28
