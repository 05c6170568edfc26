"""From the records to the report, and what stays of it once the year is closed."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from domain import institutions, loans, products
from domain.authorizations.labels import PLATFORM
from domain.authorizations.tables import AccessRow, AuthorizationRow
from domain.companies import CompanyRow
from domain.database import Database
from domain.equity.tables import EquityFollowRow, EquityRequestRow
from domain.errors import NotAllowedNow, NotFound
from domain.incentives.facts import LoanFact
from domain.incentives.gathering import gathered
from domain.incentives.lines import Gap
from domain.incentives.reporting import Report, close, report
from domain.incentives.tables import IncentiveYearRow
from domain.institutions import Institution
from domain.loans import Loan
from domain.market.tables import FollowRow
from domain.products import Product
from domain.requests import RequestRow
from domain.scores.tables import ScoreRow
from tests.domain.credit.stage import OTHER, USCC, Stage, uscc
from tests.domain.incentives.facts import BANK, GUARANTOR, RULES
from tests.domain.risk_sharing.test_standing import score
from tests.domain.statistics.town import Town

NOW = datetime(2025, 1, 20, 4, tzinfo=UTC)
TODAY = date(2025, 1, 20)
DAY = date(2024, 5, 6)


def loan(number: int, amount: int = 1_000_000, **more: Any) -> Loan:
    stated = {
        "loan_id": f"JK{number}",
        "uscc": USCC,
        "institution": BANK,
        "product": "征信贷",
        "amount": amount,
        "balance": amount,
        "granted_on": DAY,
        "due_on": "2025-05-05",
    }
    return Loan.model_validate(stated | more)


async def lend(database: Database, *given: Loan) -> None:
    async with database.unit_of_work() as session:
        await loans.save_all(session, given, NOW)


@pytest.fixture
async def stage(database: Database) -> Stage:
    stage = Stage(database)
    await stage.set_up()
    await stage.authorize([USCC], recipient=PLATFORM)
    async with database.unit_of_work() as session:
        await session.execute(update(CompanyRow).values(updated_at=datetime(2024, 1, 1, tzinfo=UTC)))
        await institutions.save_all(
            session,
            [
                Institution.model_validate(
                    {"name": BANK, "branches": [{"name": "科技支行", "centre": True}]}
                ),
                Institution.model_validate({"name": GUARANTOR, "kind": "guarantor"}),
            ],
            NOW,
        )
        catalogue = [
            {"code": "ZXD", "name": "征信贷", "institution": BANK, "guarantees": ["credit"]},
            {"code": "DYD", "name": "抵押贷", "institution": BANK, "guarantees": ["mortgage"]},
            {"code": "HHD", "name": "混合贷", "institution": BANK, "guarantees": ["credit", "mortgage"]},
            {"code": "BH", "name": "保函", "institution": GUARANTOR, "guarantees": ["guarantor"]},
        ]
        await products.save_all(session, [Product.model_validate(item) for item in catalogue], NOW)
        await session.execute(insert(ScoreRow), [score(USCC, 590, DAY), score(OTHER, 700, DAY)])
    return stage


async def facts_of(database: Database) -> dict[str, LoanFact]:
    found = await gathered(database, RULES, 2024)
    return {fact.loan_id: fact for fact in found.loans}


async def test_what_secures_a_loan(stage: Stage) -> None:
    await lend(
        stage.database,
        loan(1),
        loan(2, product="ZXD"),
        loan(3, product="抵押贷"),
        loan(4, product="混合贷"),
        loan(5, product="没有这个产品"),
        loan(6, product=None),
        loan(7, institution=GUARANTOR, product="保函"),
        loan(8, institution="别的银行"),
    )
    found = await facts_of(stage.database)
    plain = {name: fact.plain for name, fact in found.items()}
    assert plain == dict(zip(found, [True, True, False, None, None, None, True, None], strict=True))
    assert found["JK2"].product == "征信贷"
    assert (found["JK8"].kind, found["JK7"].of_guarantor) == (None, True)


async def test_what_was_agreed_on_the_market_goes_before_the_product(stage: Stage) -> None:
    town = Town()
    town.asked(1, 100, by=1)
    await town.build(stage.database)
    async with stage.database.unit_of_work() as session:
        request = await session.get_one(RequestRow, "RQ1")
        session.add(
            FollowRow(
                request_id=request.id,
                institution=BANK,
                decision_days=5,
                state="granted",
                version=4,
                turn=1,
                followed_by="client:1",
                guarantee="mortgage",
                loan_id="JK1",
                note="",
                updated_at=NOW,
            )
        )
    await lend(stage.database, loan(1), loan(2))
    assert {name: fact.plain for name, fact in (await facts_of(stage.database)).items()} == {
        "JK1": False,
        "JK2": True,
    }


@pytest.mark.parametrize(
    ("told", "expected"), [(True, [True, False]), (False, [False, False]), (None, [None, False])]
)
async def test_a_first_loan(stage: Stage, *, told: bool | None, expected: list[bool | None]) -> None:
    facts = {} if told is None else {"first_loan": told}
    async with stage.database.unit_of_work() as session:
        await session.execute(update(CompanyRow).values(facts=facts))
    await lend(stage.database, loan(1), loan(2, granted_on="2024-05-07"))
    assert [fact.first for fact in (await facts_of(stage.database)).values()] == expected


async def test_that_a_company_has_borrowed_is_no_news_after_the_loan(stage: Stage) -> None:
    async with stage.database.unit_of_work() as session:
        await session.execute(update(CompanyRow).values(facts={"first_loan": False}, updated_at=NOW))
    await lend(stage.database, loan(1), loan(2, institution=GUARANTOR, product="保函"))
    assert [fact.first for fact in (await facts_of(stage.database)).values()] == [None, None]


async def test_a_score_is_that_of_the_day_and_read_with_consent(stage: Stage) -> None:
    await lend(
        stage.database,
        loan(1),
        loan(2, uscc=OTHER),
        loan(3, granted_on=date(2024, 6, 6)),
        loan(4, granted_on=date(2024, 6, 7)),
        loan(5, granted_on=date(2024, 5, 5)),
        loan(6, product="抵押贷"),
    )
    scores = {name: fact.score for name, fact in (await facts_of(stage.database)).items()}
    assert scores == {"JK1": 590, "JK2": None, "JK3": 590, "JK4": None, "JK5": None, "JK6": None}
    async with stage.database.reading() as session:
        reads = (await session.scalars(select(AccessRow))).all()
    assert {(read.uscc, read.actor, read.purpose) for read in reads} == {(USCC, "incentives", "scoring")}


async def test_investments_are_those_that_were_made(stage: Stage) -> None:
    request = {
        "openid": "o",
        "status": "closed",
        "words": "",
        "created_at": NOW,
        "updated_at": NOW,
    }
    follow = {"institution": "元禾", "followed_by": "c", "followed_at": NOW, "updated_at": NOW, "note": ""}
    async with stage.database.unit_of_work() as session:
        rows = [{"id": f"EQ{number}", "uscc": uscc(number), **request} for number in (1, 2)]
        await session.execute(insert(EquityRequestRow), rows)
        made = {"status": "invested", "happened_on": DAY, "amount": 10_000_000}
        await session.execute(insert(EquityFollowRow), [{"request_id": "EQ1", **follow, **made}])
        await session.execute(insert(EquityFollowRow), [{"request_id": "EQ2", **follow, "status": "met"}])
    found = await report(stage.database, RULES, 2024, TODAY)
    assert result(found, "equity", "元禾") == 30_000


def result(found: Report, rule: str, institution: str = BANK) -> int:
    (line,) = (line for line in found.lines[institution] if line["rule"] == rule)
    return int(line["result"])


async def test_a_closed_year_stays_whatever_becomes_of_its_records(stage: Stage) -> None:
    database = stage.database
    await lend(database, loan(1, state="overdue", balance=10_000), loan(2), loan(3, granted_on="2023-05-06"))
    open_report = await report(database, RULES, 2024, TODAY)
    assert open_report == await report(database, RULES, 2024, TODAY)
    assert (result(open_report, "loss_hedge"), open_report.closed_at) == (10_000, None)
    closed = await close(database, RULES, 2024, by="test", now=NOW, today=TODAY)
    assert (closed.lines, closed.inputs) == (open_report.lines, open_report.inputs)
    await lend(database, loan(1, state="overdue", balance=900_000), loan(4, granted_on="2025-01-06"))
    async with database.unit_of_work() as session:
        await session.execute(delete(AuthorizationRow))
    again = await report(database, RULES, 2024, TODAY)
    assert (again.lines, again.inputs, again.closed_at) == (closed.lines, closed.inputs, NOW)
    # Of the 60000元 that two loans of 2024 earned 50000元 are left, and pay for what is new.
    assert result(await report(database, RULES, 2025, TODAY), "loss_hedge") == 50_000


async def test_years_are_closed_in_their_order_once_and_when_they_are_over(stage: Stage) -> None:
    database = stage.database

    async def tried(year: int) -> Report:
        return await close(database, RULES, year, by="test", now=NOW, today=TODAY)

    with pytest.raises(NotAllowedNow, match="还没有结束"):
        await tried(2025)
    await tried(2022)
    for year, words in ((2022, "已经结账到2022年"), (2021, "已经结账到2022年"), (2024, "请先结2023年的账")):
        with pytest.raises(NotAllowedNow, match=words):
            await tried(year)
    await tried(2023)
    async with database.reading() as session:
        rows = (await session.scalars(select(IncentiveYearRow).order_by(IncentiveYearRow.year))).all()
    assert [(row.year, row.closed_by, row.rules) for row in rows] == [
        (2022, "test", RULES.checksum),
        (2023, "test", RULES.checksum),
    ]


@pytest.mark.parametrize("year", [2017, 2026, 0, 9999])
async def test_only_years_of_the_rules_have_a_report(database: Database, year: int) -> None:
    with pytest.raises(NotFound):
        await report(database, RULES, year, TODAY)


async def test_a_company_that_nobody_knows_leaves_open_lines(database: Database) -> None:
    async with database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=BANK)], NOW)
    await lend(database, loan(1))
    found = await report(database, RULES, 2024, TODAY)
    gaps = {line["rule"]: [item["gap"] for item in line["open"]] for line in found.lines[BANK]}
    assert gaps["first_loans"] == [Gap.FIRST]
    assert gaps["deposits"] == [Gap.SECURITY]
    assert gaps["manufacturing_loans"] == [Gap.INDUSTRY]
