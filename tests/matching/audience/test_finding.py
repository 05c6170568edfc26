"""An audience against judging each company by itself, with the rules and with the second implementation."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import companies as stored_form
from domain.companies import CompanyFacts
from domain.company_feed import Stored
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.audience.columns import LARGEST, Columns, Dictionaries
from matching.audience.finding import RULES, find
from matching.rules import POLICY_RULES, PRODUCT_RULES, WISH, Outcome
from matching.situation import situation
from tests.matching import reference
from tests.matching.items import SUBSIDY, policy, product
from tests.matching.strategies import TODAY, companies, policies, products

VALIDITY = {"valid_from", "valid_to", "published", "deadline"}
WISHES = {rule.name for rule in WISH}


def columns(facts: list[CompanyFacts], dictionaries: Dictionaries | None = None) -> Columns:
    stored = [Stored(f"{n:018}", json.dumps(stored_form.facts(known))) for n, known in enumerate(facts)]
    return Columns.of(dictionaries or Dictionaries(), stored)


def by_rules(item: Product | Policy, company: CompanyFacts, today: date) -> Outcome:
    at = situation(company, Need(), today)
    asked = ((rule, rule.requirement(item)) for rule in RULES)
    return max(
        (rule.judge(needs, at) for rule, needs in asked if needs is not None), default=Outcome.NOT_ASKED
    )


@given(st.lists(companies, max_size=12), products() | policies(), st.integers(-400, 400))
def test_an_audience_is_whom_the_rules_admit(
    facts: list[CompanyFacts], item: Product | Policy, days: int
) -> None:
    today = TODAY + timedelta(days)
    item = item.model_copy(update=dict.fromkeys(VALIDITY & item.model_fields_set))
    audience = find(columns(facts), item, today)
    expected = [by_rules(item, company, today) for company in facts]
    assert audience.worst.tolist() == expected
    assert audience.count == sum(outcome < Outcome.FAILED for outcome in expected)
    assert audience.certain == sum(outcome < Outcome.OPEN for outcome in expected)
    usccs, more = audience.page("", 500)
    assert (usccs, more) == (
        [f"{n:018}" for n, outcome in enumerate(expected) if outcome is not Outcome.FAILED],
        False,
    )


@given(st.lists(companies, min_size=1, max_size=8), products() | policies())
def test_and_whom_the_second_implementation_admits(facts: list[CompanyFacts], item: Product | Policy) -> None:
    audience = find(columns(facts), item, TODAY)
    if not item.on_offer(TODAY):
        assert (audience.count, audience.certain, audience.page("", 9)) == (0, 0, ([], False))
        return
    verdicts = [
        {how for name, how in reference.read(item, company, Need(), TODAY).items() if name not in WISHES}
        for company in facts
    ]
    assert audience.count == sum("failed" not in verdict for verdict in verdicts)
    assert audience.certain == sum(not {"failed", "open"} & verdict for verdict in verdicts)


def test_every_rule_has_its_column() -> None:
    assert {rule.name for rule in RULES} == {rule.name for rule in POLICY_RULES}
    assert {rule.name for rule in RULES} | WISHES == {rule.name for rule in PRODUCT_RULES}


@pytest.mark.parametrize("bound", ["0.7", "0.70000000000000000001", "0.69999999999999999999"])
def test_a_debt_ratio_is_exact_to_the_last_digit(bound: str) -> None:
    facts = [
        CompanyFacts(assets=10**13, liabilities=7 * 10**12),
        CompanyFacts(assets=10**13, liabilities=7 * 10**12 + 1),
        CompanyFacts(assets=0, liabilities=1),
        CompanyFacts(assets=1),
    ]
    item = policy(SUBSIDY, regions=(), industries=(), conditions={"debt_ratio_max": bound})
    found = find(columns(facts), item, TODAY).worst.tolist()
    within = Outcome.MET if Decimal(bound) >= Decimal("0.7") else Outcome.FAILED
    assert found == [within, Outcome.FAILED, Outcome.OPEN, Outcome.OPEN]


@pytest.mark.parametrize("heads", [LARGEST, 10**30])
def test_figures_beyond_all_measure_break_nothing(heads: int) -> None:
    item = policy(SUBSIDY, regions=(), industries=(), conditions={"employees_min": 10**40})
    assert find(columns([CompanyFacts(employees=heads), CompanyFacts(employees=1)]), item, TODAY).count == 1


def test_pages_follow_one_another_and_leave_nobody_out() -> None:
    facts = [CompanyFacts(revenue=number % 3) for number in range(50)]
    item = product({"code": "A", "name": "甲", "institution": "乙"}, conditions={"revenue_min": 1})
    audience = find(columns(facts), item, TODAY)
    found: list[str] = []
    after, more = "", True
    while more:
        page, more = audience.page(after, 7)
        after = page[-1]
        found += page
    assert found == [f"{number:018}" for number in range(50) if number % 3]


def test_ages_are_of_the_day() -> None:
    companies_ = columns([CompanyFacts(founded=date(2026, 1, 31))])
    item: Any = policy(SUBSIDY, regions=(), industries=(), conditions={"founded_months_min": 1})
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 2, 28))
    assert [find(companies_, item, day).count for day in days] == [0, 1, 0]
