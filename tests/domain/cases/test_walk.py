"""A case from the owner's first word to the adviser's last."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.cases import handling, opening, reading
from domain.cases.errors import Changed
from domain.cases.rules import CaseKind, CaseOutcome, CasePriority, CaseState
from domain.cases.tables import CaseRow
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.events import CASE_MOVED, OutboxRow
from domain.retention import Rule
from tests.domain.cases.cases import (
    BANK,
    COLLEAGUE,
    KUNSHAN,
    NOW,
    OPERATOR,
    OTHER_USCC,
    USCC,
    WUJIANG,
    loan,
    opened,
    owner,
    stored,
)


async def taken(database: Database, row: CaseRow) -> CaseRow:
    async with database.unit_of_work() as session:
        return await handling.take(session, row.id, KUNSHAN, seen=row.version, now=NOW)


async def steps(database: Database, case_id: str) -> list[tuple[str | None, str, str]]:
    async with database.reading() as session:
        return [(step.before, step.after, step.note) for step in await reading.steps_of(session, case_id)]


async def test_from_the_first_word_to_the_last(database: Database) -> None:
    await owner(database)
    await loan(database)
    row = await opened(database, loan_id="L1", amount=800_000, term_months=12, words="想续一年")
    assert (row.company, row.region, row.institution, row.uscc) == ("昆山8K3F五金厂", "320583", BANK, USCC)
    assert row.standing is CaseState.OPEN
    row = await taken(database, row)
    assert (row.adviser, row.answered_at) == ("王顾问", None)
    async with database.unit_of_work() as session:
        row = await handling.note(session, row.id, KUNSHAN, "已联系银行，\n请准备近半年流水", seen=2, now=NOW)
    assert row.answered_at == NOW
    async with database.unit_of_work() as session:
        row = await handling.close(
            session, row.id, KUNSHAN, CaseOutcome.SOLVED, "银行同意续贷", seen=3, now=NOW + timedelta(days=2)
        )
    assert (row.result, row.answered_at) == (CaseOutcome.SOLVED, NOW)
    assert await steps(database, row.id) == [
        (None, "open", ""),
        ("open", "taken", ""),
        ("taken", "taken", "已联系银行，\n请准备近半年流水"),
        ("taken", "closed", "银行同意续贷"),
    ]
    async with database.reading() as session:
        moved = select(OutboxRow).where(OutboxRow.name == CASE_MOVED).order_by(OutboxRow.id)
        told = [event.payload for event in await session.scalars(moved)]
    assert told == [{"case_id": row.id, "step": number} for number in (1, 2, 3, 4)]


async def test_one_case_a_loan_and_kind(database: Database) -> None:
    await owner(database)
    await loan(database)
    await loan(database, "L2")
    first = await opened(database, loan_id="L1", words="想续一年")
    again = await opened(database, loan_id="L1", words="最好不还本金")
    assert again.id == first.id
    assert (await steps(database, first.id))[-1] == ("open", "open", "最好不还本金")
    others = {
        (await opened(database, loan_id="L2")).id,
        (await opened(database, loan_id="L1", kind=CaseKind.DIFFICULTY)).id,
        (await opened(database)).id,
    }
    assert len(others | {first.id}) == 4
    assert (await opened(database)).id in others, "without a loan one a person"
    async with database.unit_of_work() as session:
        await opening.withdraw(session, "oZhang", first.id, now=NOW)
    assert (await opened(database, loan_id="L1")).id != first.id


async def test_who_asks_twice_at_once_has_one_case(database: Database) -> None:
    await owner(database)
    await loan(database)
    rows = await asyncio.gather(*(opened(database, loan_id="L1", words=f"第{n}次") for n in range(5)))
    assert len({row.id for row in rows}) == 1
    assert len(await steps(database, rows[0].id)) == 5


async def test_a_colleague_hears_that_it_is_under_way_and_not_more(database: Database) -> None:
    await owner(database)
    await owner(database, "oSister")
    await loan(database)
    row = await opened(database, loan_id="L1", kind=CaseKind.DIFFICULTY, words="货款收不回来")
    with pytest.raises(NotAllowedNow, match="已经有同事") as refused:
        await opened(database, "oSister", CaseKind.DIFFICULTY, loan_id="L1")
    assert "货款" not in refused.value.sentence
    async with database.unit_of_work() as session:
        assert await reading.own(session, "oSister", row.id) is None
        for act in (
            opening.withdraw(session, "oSister", row.id, now=NOW),
            opening.add(session, "oSister", row.id, "x", now=NOW),
        ):
            with pytest.raises(NotFound):
                await act


async def test_nobody_opens_a_case_about_another_company_s_loan(database: Database) -> None:
    await owner(database)
    await loan(database, uscc=OTHER_USCC)
    for unknown in ("L1", "L0"):
        with pytest.raises(NotFound, match="没有查到"):
            await opened(database, loan_id=unknown)


@pytest.mark.parametrize(
    ("kind", "due_in", "priority", "days"),
    [
        (CaseKind.RENEWAL, 60, CasePriority.NORMAL, 3),
        (CaseKind.RENEWAL, 14, CasePriority.HIGH, 1),
        (CaseKind.RENEWAL, -3, CasePriority.HIGH, 1),
        (CaseKind.DIFFICULTY, 300, CasePriority.HIGH, 1),
    ],
)
async def test_what_presses_is_answered_first(
    database: Database, kind: CaseKind, due_in: int, priority: CasePriority, days: int
) -> None:
    await owner(database)
    await loan(database, due_in=due_in)
    row = await opened(database, kind=kind, loan_id="L1")
    # A Monday: the days behind it are working days.
    assert (row.urgency, row.answer_by) == (priority, NOW + timedelta(days=days))


async def test_days_off_do_not_count(database: Database) -> None:
    friday = NOW + timedelta(days=4)
    row = await opened(database, kind=CaseKind.DIFFICULTY, now=friday)
    assert row.answer_by == friday + timedelta(days=3)


async def test_a_closed_case_goes_with_its_steps_when_its_time_is_up(database: Database) -> None:
    kept, still_open = await opened(database), await opened(database, "oLi")
    over = await opened(database, "oWang")
    async with database.unit_of_work() as session:
        await opening.withdraw(session, "oWang", over.id, now=NOW - timedelta(days=31))
        await opening.withdraw(session, "oZhang", kept.id, now=NOW - timedelta(days=29))
    rule = Rule(CaseRow, CaseRow.closed_at, timedelta(days=30))
    async with database.unit_of_work() as session:
        assert await rule.portion(session, NOW, 10) == 1
    async with database.reading() as session:
        assert set(await session.scalars(select(CaseRow.id))) == {kept.id, still_open.id}
        assert await reading.steps_of(session, over.id) == []


async def test_advisers_of_other_regions_know_nothing_of_it(database: Database) -> None:
    await owner(database)
    row = await opened(database)
    async with database.unit_of_work() as session:
        with pytest.raises(NotFound):
            await handling.take(session, row.id, WUJIANG, seen=1, now=NOW)
        assert await reading.queue(session, within=["320509"], size=9) == []
        assert [one.id for one in await reading.queue(session, within=["320500"], size=9)] == [row.id]


async def test_a_case_of_which_nobody_knows_where_is_everybody_s(database: Database) -> None:
    row = await opened(database, "oStranger", words="在农行有一笔")
    assert (row.company, row.region) == (None, None)
    async with database.unit_of_work() as session:
        assert [one.id for one in await reading.queue(session, within=["320509"], size=9)] == [row.id]
        assert (await handling.take(session, row.id, WUJIANG, seen=1, now=NOW)).taken_by == WUJIANG.actor


async def test_of_two_advisers_one_is_faster(database: Database) -> None:
    await owner(database)
    row = await opened(database)

    async def take(by: handling.Adviser) -> str:
        try:
            async with database.unit_of_work() as session:
                await handling.take(session, row.id, by, seen=1, now=NOW)
        except Changed:
            return "late"
        return "first"

    assert sorted(await asyncio.gather(take(KUNSHAN), take(COLLEAGUE))) == ["first", "late"]


async def test_only_who_took_it_writes_and_closes_and_an_operator_may_take_over(database: Database) -> None:
    await owner(database)
    row = await opened(database)
    async with database.unit_of_work() as session:
        with pytest.raises(NotAllowedNow, match="请先接手"):
            await handling.note(session, row.id, KUNSHAN, "您好", seen=1, now=NOW)
    row = await taken(database, row)
    async with database.unit_of_work() as session:
        assert (await handling.take(session, row.id, KUNSHAN, seen=2, now=NOW)).version == 2, "his already"
        with pytest.raises(NotAllowedNow, match="另一位顾问"):
            await handling.take(session, row.id, COLLEAGUE, seen=2, now=NOW)
        with pytest.raises(NotAllowedNow, match="请先接手"):
            await handling.close(session, row.id, OPERATOR, CaseOutcome.SOLVED, "好", seen=2, now=NOW)
    async with database.unit_of_work() as session:
        over = await handling.take(session, row.id, OPERATOR, seen=2, now=NOW)
    assert (over.taken_by, over.version) == (OPERATOR.actor, 3)


async def test_what_is_closed_stays_closed(database: Database) -> None:
    await owner(database)
    row = await taken(database, await opened(database))
    async with database.unit_of_work() as session:
        with pytest.raises(NotAllowedNow, match="只有企业自己"):
            await handling.close(session, row.id, KUNSHAN, CaseOutcome.WITHDRAWN, "好", seen=2, now=NOW)
        await handling.close(session, row.id, KUNSHAN, CaseOutcome.NOT_POSSIBLE, "好", seen=2, now=NOW)
    for refused in (
        lambda session: opening.withdraw(session, "oZhang", row.id, now=NOW),
        lambda session: opening.add(session, "oZhang", row.id, "还有", now=NOW),
        lambda session: handling.take(session, row.id, KUNSHAN, seen=3, now=NOW),
        lambda session: handling.note(session, row.id, KUNSHAN, "还有", seen=3, now=NOW),
    ):
        with pytest.raises(NotAllowedNow, match="办结"):
            async with database.unit_of_work() as session:
                await refused(session)


async def test_the_owner_tells_more_and_takes_it_back(database: Database) -> None:
    await owner(database)
    row = await taken(database, await opened(database, kind=CaseKind.DIFFICULTY))
    async with database.unit_of_work() as session:
        await opening.add(session, "oZhang", row.id, " 客户  答应月底付 \n\n 一半 ", now=NOW)
        with pytest.raises(ValueOutOfRange):
            await opening.add(session, "oZhang", row.id, " \n ", now=NOW)
        with pytest.raises(ValueOutOfRange):
            await opening.add(session, "oZhang", row.id, "长" * 501, now=NOW)
    for _ in range(2):
        async with database.unit_of_work() as session:
            row = await opening.withdraw(session, "oZhang", row.id, now=NOW)
    assert (row.result, row.closed_at) == (CaseOutcome.WITHDRAWN, NOW)
    assert (await steps(database, row.id))[2:] == [
        ("taken", "taken", "客户 答应月底付\n一半"),
        ("taken", "closed", ""),
    ]


async def test_a_case_cannot_grow_without_end(database: Database) -> None:
    await owner(database)
    row = await opened(database)
    for _ in range(99):
        await opened(database, words="再说一次")
    with pytest.raises(NotAllowedNow, match="补充已经很多"):
        await opened(database, words="再说一次")
    assert (await stored(database, row.id)).version == 100


async def test_the_queue_goes_by_when_an_answer_is_due(database: Database) -> None:
    await owner(database)
    for number, due in enumerate((60, 5, 60)):
        await loan(database, f"L{number}", due)
        await opened(database, loan_id=f"L{number}", now=NOW + timedelta(hours=number))
    async with database.reading() as session:
        rows = await reading.queue(session, within=None, size=9)
        assert [row.loan_id for row in rows] == ["L1", "L0", "L2"]
        first = await reading.queue(session, within=None, size=2)
        rest = await reading.queue(session, within=None, after=(first[-1].answer_by, first[-1].id), size=2)
        assert [row.loan_id for row in rest] == ["L2"]
        high = await reading.queue(session, within=None, priority=CasePriority.HIGH, size=9)
        assert [row.loan_id for row in high] == ["L1"]
        assert await reading.queue(session, within=None, state=CaseState.CLOSED, size=9) == []
        assert await reading.queue(session, within=None, kind=CaseKind.DIFFICULTY, size=9) == []
