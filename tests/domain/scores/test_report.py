"""The report: what the owner and an authorized institution see, and what stays out."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest

from domain.authorizations.gate import NotAuthorized, Reader, authorized
from domain.authorizations.labels import ALL_CATEGORIES, Category, DataPurpose, Kind
from domain.credit.objections import raise_objection
from domain.credit.reading import latest
from domain.database import Database
from domain.scores.report import report
from domain.scores.run import Scoring
from domain.scores.values import HistoryPoint, Report
from tests.domain.scores.people import (
    KNOWN,
    NOW,
    SCORER,
    SHAKY,
    STEADY,
    TODAY,
    authorize,
    owner_of,
    settle,
    state,
)

BANK = Reader.institution("苏州银行", "CL-1")


async def read(
    database: Database,
    reader: Reader,
    uscc: str,
    scope: Collection[Category] = ALL_CATEGORIES,
    purpose: DataPurpose = DataPurpose.PRE_LOAN,
) -> Report:
    async with authorized(database, reader, uscc, scope, purpose, clock=lambda: NOW) as access:
        return await report(access, SCORER, now=NOW)


@pytest.fixture
async def scored(database: Database) -> Database:
    for uscc in (STEADY, SHAKY):
        await settle(database, uscc)
        await authorize(database, uscc)
        await authorize(database, uscc, kind=Kind.PASSING_ON, recipient="苏州银行")
        await state(database, uscc, KNOWN[uscc])
    await Scoring(database, SCORER, clock=lambda: NOW).all()
    return database


def figures(found: Report) -> dict[str, str]:
    return {figure.indicator: figure.text for part in found.categories for figure in part.figures}


async def test_the_whole_report(scored: Database) -> None:
    found = await read(scored, BANK, STEADY)
    assert found.company == f"公司{STEADY[-4:]}"
    assert found.score is not None
    assert (found.score.score, found.score.band) == (709, "良好")
    assert (found.lowest, found.line, found.highest) == (300, 600, 850)
    assert found.history == (HistoryPoint(TODAY, 709),)
    assert [part.name for part in found.categories] == [category.label for category in Category]
    said = figures(found)
    assert said.keys() == KNOWN[STEADY].keys()
    assert said["founded_on"] == "2012年3月8日"
    assert said["revenue"] == "3050万元"
    assert said["debt_ratio"] == "38%"
    assert said["current_ratio"] == "1.7"
    assert said["invoiced_months_12m"] == "12个月"
    assert said["overdue_now"] == "否"
    assert said["tax_grade"] == "A"


async def test_losses_are_said_with_their_sign(scored: Database) -> None:
    await state(scored, SHAKY, {"net_profit": -1_200_000}, batch="b2")
    assert figures(await read(scored, BANK, SHAKY))["net_profit"] == "-120万元"


async def test_beyond_the_scope_nothing_is_told(scored: Database) -> None:
    found = await read(scored, BANK, SHAKY, scope=[Category.BASE])
    whole = await read(scored, BANK, SHAKY)
    assert found.score is not None
    assert whole.score is not None
    assert [part.category for part in found.categories] == ["base"]
    told = {item.category for item in (*found.score.reasons, *found.score.advice)}
    assert told <= {"", "base"}
    assert "lending" in {item.category for item in whole.score.reasons}
    assert found.score.score == whole.score.score


async def test_without_authorization_there_is_no_report(scored: Database) -> None:
    with pytest.raises(NotAuthorized):
        await read(scored, Reader.institution("昆山农商行", "CL-2"), STEADY)


async def test_the_owner_sees_his_own_and_no_other(scored: Database) -> None:
    owner = Reader.owner(owner_of(STEADY))
    found = await read(scored, owner, STEADY, purpose=DataPurpose.OWN)
    assert found.score is not None
    with pytest.raises(NotAuthorized):
        await read(scored, owner, SHAKY, purpose=DataPurpose.OWN)


async def test_an_objection_is_shown_and_not_held_against_the_company(scored: Database) -> None:
    owner = owner_of(SHAKY)
    async with authorized(
        scored, Reader.owner(owner), SHAKY, ALL_CATEGORIES, DataPurpose.OWN, clock=lambda: NOW
    ) as access:
        known = {item.indicator.code: item for item in await latest(access, SCORER.registry)}
    async with scored.unit_of_work() as session:
        await raise_objection(
            session, owner, SHAKY, known["overdue_now"].id, "这笔贷款上个月已经还清了", now=NOW
        )
    before = await read(scored, BANK, SHAKY)
    await Scoring(scored, SCORER, clock=lambda: NOW).these([SHAKY])
    after = await read(scored, BANK, SHAKY)
    marked = [item.indicator for part in after.categories for item in part.figures if item.disputed]
    assert marked == ["overdue_now"]
    assert before.score is not None
    assert after.score is not None
    assert "overdue_now" not in {reason.indicator for reason in after.score.reasons}
    assert (after.score.score or 0) > (before.score.score or 0)
    assert after.score.confidence < before.score.confidence


async def test_the_history_goes_on_to_the_last_day_that_is_known(scored: Database) -> None:
    await state(scored, STEADY, {"overdue_now": True}, TODAY, "b2")
    for days in (1, 2, 3):
        later = NOW + timedelta(days=days)
        await Scoring(scored, SCORER, clock=lambda later=later: later).all()  # type: ignore[misc]
    found = await read(scored, BANK, STEADY)
    assert [point.as_of for point in found.history] == [TODAY, date(2026, 11, 24), date(2026, 11, 26)]
    scores = [point.score for point in found.history]
    assert scores[1] == scores[2] != scores[0]


async def test_before_the_first_score_the_report_shows_the_data(database: Database) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY, kind=Kind.PASSING_ON, recipient="苏州银行")
    await state(database, STEADY, KNOWN[STEADY])
    found = await read(database, BANK, STEADY)
    assert (found.score, found.history) == (None, ())
    assert figures(found)["tax_grade"] == "A"
