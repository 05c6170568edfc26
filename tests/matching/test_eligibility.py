"""The reading rules: boundary cases one by one, and everything against a second implementation."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.companies import CompanyFacts
from domain.conditions import Conditions
from domain.labels import Industry, Purpose, TaxGrade
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable, Verdict, judge, rules_for
from matching.rules import POLICY_RULES, PRODUCT_RULES, Outcome
from matching.situation import situation, whole_months
from tests.matching import reference
from tests.matching.strategies import TODAY, companies, needs, policies, products


def _product(**fields: Any) -> Product:
    return Product.model_validate({"code": "P1", "name": "征信贷", "institution": "苏州银行", **fields})


def _verdict(
    product: dict[str, Any], company: dict[str, Any] | None = None, need: dict[str, Any] | None = None
) -> Verdict:
    at = situation(
        CompanyFacts.model_validate(company or {}), Need.model_validate(need or {}), date(2026, 11, 23)
    )
    return judge(_product(**product), at)


def _state(verdict: Verdict, condition: str) -> str:
    if condition in verdict.met:
        return "met"
    if condition in verdict.open:
        return "open"
    return "failed" if condition in [gap.condition for gap in verdict.failed] else "not asked"


WISHES = [
    # product, company, need, condition, outcome
    ({"regions": ["320500"]}, {"region": "320583"}, {}, "region", "met"),
    ({"regions": ["320000"]}, {"region": "320500"}, {}, "region", "met"),
    ({"regions": ["320583"]}, {"region": "320500"}, {}, "region", "open"),
    ({"regions": ["320583"]}, {"region": "320000"}, {}, "region", "open"),
    ({"regions": ["320583"]}, {"region": "320506"}, {}, "region", "failed"),
    ({"regions": ["340100", "320500"]}, {"region": "320506"}, {}, "region", "met"),
    ({"regions": ["320583"]}, {}, {}, "region", "open"),
    ({"regions": ["320583"]}, {}, {"region": "320583"}, "region", "met"),
    ({"regions": ["320583"]}, {"region": "340111"}, {"region": "320583"}, "region", "failed"),
    ({"regions": []}, {"region": "340111"}, {}, "region", "not asked"),
    ({"industries": ["C"]}, {"industry": "C"}, {"industry": "F"}, "industry", "met"),
    ({"industries": ["C"]}, {}, {"industry": "F"}, "industry", "failed"),
    ({"industries": ["C"]}, {}, {}, "industry", "open"),
    ({"amount_max": 500}, {}, {"amount_min": 500, "amount_max": 900}, "amount", "met"),
    ({"amount_max": 500}, {}, {"amount_min": 501, "amount_max": 900}, "amount", "failed"),
    ({"amount_max": 500}, {}, {"amount_min": 501}, "amount", "failed"),
    ({"amount_max": 500}, {}, {"amount_max": 900}, "amount", "met"),
    ({"amount_min": 500}, {}, {"amount_max": 500}, "amount", "met"),
    ({"amount_min": 500}, {}, {"amount_max": 499}, "amount", "failed"),
    ({"amount_min": 500}, {}, {"amount_min": 1}, "amount", "met"),
    ({"amount_min": 500, "amount_max": 600}, {}, {}, "amount", "open"),
    ({}, {}, {"amount_min": 500}, "amount", "not asked"),
    ({"term_min_months": 6, "term_max_months": 12}, {}, {"term_months": 12}, "term", "met"),
    ({"term_min_months": 6, "term_max_months": 12}, {}, {"term_months": 13}, "term", "failed"),
    ({"term_min_months": 6, "term_max_months": 12}, {}, {"term_months": 5}, "term", "failed"),
    ({"term_max_months": 12}, {}, {"term_min_months": 12, "term_months": 24}, "term", "met"),
    ({"term_max_months": 12}, {}, {"term_min_months": 13, "term_months": 24}, "term", "failed"),
    ({"term_max_months": 12}, {}, {"term_min_months": 13}, "term", "failed"),
    ({"term_max_months": 12}, {}, {"term_min_months": 12}, "term", "met"),
    ({"term_max_months": 12}, {}, {}, "term", "open"),
    ({"purposes": ["equipment"]}, {}, {"purpose": "equipment"}, "purpose", "met"),
    ({"purposes": ["equipment"]}, {}, {"purpose": "rnd"}, "purpose", "failed"),
    ({"purposes": ["equipment"]}, {}, {}, "purpose", "open"),
    ({"purposes": []}, {}, {"purpose": "rnd"}, "purpose", "not asked"),
    ({"guarantees": ["credit", "pledge"]}, {}, {"guarantee": ["mortgage", "pledge"]}, "guarantee", "met"),
    ({"guarantees": ["credit"]}, {}, {"guarantee": ["mortgage"]}, "guarantee", "failed"),
    ({"guarantees": ["credit"]}, {}, {}, "guarantee", "open"),
    ({"guarantees": []}, {}, {"guarantee": ["mortgage"]}, "guarantee", "not asked"),
    ({"rate_min": "4.35"}, {}, {"rate_max": "4.35"}, "rate", "met"),
    ({"rate_min": "4.35"}, {}, {"rate_max": "4.34"}, "rate", "failed"),
    ({"rate_min": "4.35"}, {}, {}, "rate", "not asked"),
    ({}, {}, {"rate_max": "1"}, "rate", "not asked"),
    ({}, {}, {"institutions": ["苏州银行", "中国银行"]}, "institution", "met"),
    ({}, {}, {"institutions": ["中国银行"]}, "institution", "failed"),
    ({}, {}, {}, "institution", "not asked"),
]


@pytest.mark.parametrize(("product", "company", "need", "condition", "outcome"), WISHES)
def test_wishes(
    product: dict[str, Any], company: dict[str, Any], need: dict[str, Any], condition: str, outcome: str
) -> None:
    assert _state(_verdict(product, company, need), condition) == outcome


CONDITIONS = [
    # key, value, company, request's collateral, outcome
    ("founded_months_min", 24, {"founded": "2024-11-23"}, None, "met"),
    ("founded_months_min", 24, {"founded": "2024-11-24"}, None, "failed"),
    ("founded_months_min", 0, {"founded": "2026-11-23"}, None, "met"),
    ("founded_months_min", 0, {}, None, "open"),
    ("revenue_min", 100, {"revenue": 100}, None, "met"),
    ("revenue_min", 100, {"revenue": 99}, None, "failed"),
    ("revenue_max", 100, {"revenue": 100}, None, "met"),
    ("revenue_max", 100, {"revenue": 101}, None, "failed"),
    ("revenue_max", 0, {"revenue": 0}, None, "met"),
    ("employees_min", 10, {"employees": 10}, None, "met"),
    ("employees_max", 10, {"employees": 11}, None, "failed"),
    ("registered_capital_min", 100, {"registered_capital": 99}, None, "failed"),
    ("assets_max", 100, {"assets": 100}, None, "met"),
    ("debt_ratio_max", "0.7", {"assets": 10, "liabilities": 7}, None, "met"),
    ("debt_ratio_max", "0.7", {"assets": 100_000, "liabilities": 70_001}, None, "failed"),
    ("debt_ratio_max", "0.7", {"liabilities": 7}, None, "open"),
    ("debt_ratio_max", "0.7", {"assets": 10}, None, "open"),
    ("debt_ratio_max", "0.7", {"assets": 0, "liabilities": 7}, None, "open"),
    ("debt_ratio_max", "0", {"assets": 10, "liabilities": 0}, None, "met"),
    ("credit_score_min", 600, {"credit_score": 600}, None, "met"),
    ("credit_score_min", 600, {"credit_score": 599}, None, "failed"),
    ("tax_grades", ["A", "B"], {"tax_grade": "B"}, None, "met"),
    ("tax_grades", ["A", "B"], {"tax_grade": "M"}, None, "failed"),
    ("tax_grades", ["A", "B"], {}, None, "open"),
    ("tax_grades", [], {"tax_grade": "D"}, None, "not asked"),
    ("qualifications_any", ["high_tech", "agri"], {"qualifications": ["agri"]}, None, "met"),
    ("qualifications_any", ["high_tech"], {"qualifications": []}, None, "failed"),
    ("qualifications_any", ["high_tech"], {}, None, "open"),
    ("qualifications_all", ["high_tech", "agri"], {"qualifications": ["agri"]}, None, "failed"),
    ("qualifications_all", ["agri"], {"qualifications": ["talent", "agri"]}, None, "met"),
    ("collaterals_any", ["patent"], {"collaterals": ["patent"]}, None, "met"),
    ("collaterals_any", ["patent"], {}, ["patent"], "met"),
    ("collaterals_any", ["patent"], {"collaterals": []}, ["patent"], "met"),
    ("collaterals_any", ["patent"], {"collaterals": []}, [], "failed"),
    ("collaterals_any", ["patent"], {"collaterals": ["vehicle"]}, ["land"], "failed"),
    ("collaterals_any", ["patent"], {"collaterals": []}, None, "failed"),
    ("collaterals_any", ["patent"], {}, ["land"], "open"),
    ("first_loan", True, {"first_loan": True}, None, "met"),
    ("first_loan", True, {"first_loan": False}, None, "failed"),
    ("first_loan", False, {"first_loan": True}, None, "failed"),
    ("first_loan", False, {"first_loan": False}, None, "met"),
    ("first_loan", False, {}, None, "open"),
    ("no_overdue", True, {"overdue": False}, None, "met"),
    ("no_overdue", True, {"overdue": True}, None, "failed"),
    ("no_overdue", True, {}, None, "open"),
]


@pytest.mark.parametrize(("key", "value", "company", "collateral", "outcome"), CONDITIONS)
def test_conditions(
    key: str, value: Any, company: dict[str, Any], collateral: list[str] | None, outcome: str
) -> None:
    verdict = _verdict({"conditions": {key: value}}, company, {"collateral": collateral})
    assert _state(verdict, key) == outcome


def test_every_condition_of_the_format_has_a_rule() -> None:
    wishes = {"region", "industry", "amount", "term", "purpose", "guarantee", "rate", "institution"}
    assert {rule.name for rule in PRODUCT_RULES} == wishes | set(Conditions.model_fields)
    assert {rule.name for rule in POLICY_RULES} == {"region", "industry"} | set(Conditions.model_fields)


@pytest.mark.parametrize(
    ("founded", "today", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2026, 1, 31), date(2026, 3, 30), 1),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2024, 2, 29), date(2025, 2, 28), 11),
        (date(2024, 2, 29), date(2025, 3, 1), 12),
        (date(2025, 12, 15), date(2026, 1, 14), 0),
        (date(2025, 12, 15), date(2026, 1, 15), 1),
        (date(2026, 1, 15), date(2026, 1, 15), 0),
    ],
)
def test_a_month_is_whole_when_its_day_number_is_reached(founded: date, today: date, months: int) -> None:
    assert whole_months(founded, today) == months


def test_a_failure_says_what_is_needed_and_what_there_is() -> None:
    verdict = _verdict(
        {
            "amount_max": 5_000_000,
            "rate_min": "4.35",
            "regions": ["320500"],
            "guarantees": ["credit"],
            "conditions": {
                "founded_months_min": 24,
                "debt_ratio_max": "0.7",
                "qualifications_any": ["high_tech"],
            },
        },
        {
            "region": "340111",
            "founded": "2025-02-23",
            "assets": 4,
            "liabilities": 3,
            "qualifications": ["talent", "agri"],
        },
        {"amount_min": 8_000_000, "rate_max": "3", "guarantee": ["pledge", "mortgage"]},
    )
    assert {gap.condition: (gap.needs, gap.has) for gap in verdict.failed} == {
        "region": (["320500"], "340111"),
        "amount": ({"min": None, "max": 5_000_000}, {"min": 8_000_000, "max": None}),
        "guarantee": (["credit"], ["mortgage", "pledge"]),
        "rate": (4.35, 3.0),
        "founded_months_min": (24, 21),
        "debt_ratio_max": (0.7, 0.75),
        "qualifications_any": (["high_tech"], ["agri", "talent"]),
    }


def _states(verdict: Verdict) -> dict[str, str]:
    return {
        **dict.fromkeys(verdict.met, "met"),
        **dict.fromkeys(verdict.open, "open"),
        **{gap.condition: "failed" for gap in verdict.failed},
    }


@settings(max_examples=400, deadline=None)
@given(item=products() | policies(), company=companies, need=needs())
def test_agrees_with_the_second_implementation(
    item: Product | Policy, company: CompanyFacts, need: Need
) -> None:
    verdict = judge(item, situation(company, need, TODAY))
    assert _states(verdict) == reference.read(item, company, need, TODAY)


@settings(max_examples=100, deadline=None)
@given(items=st.lists(products(), max_size=8), company=companies, need=needs())
def test_the_table_agrees_with_the_single_verdicts(
    items: list[Product], company: CompanyFacts, need: Need
) -> None:
    at = situation(company, need, TODAY)
    table = EligibilityTable(items, PRODUCT_RULES)
    outcomes = table.judge(at)
    for column, item in enumerate(items):
        spread = {
            rule.name: Outcome(outcomes[row, column]).name.lower()
            for row, rule in enumerate(rules_for(item))
            if outcomes[row, column] != Outcome.NOT_ASKED
        }
        assert spread == _states(judge(item, at))
    assert np.array_equal(table.on_offer(TODAY), [item.on_offer(TODAY) for item in items])


@settings(max_examples=200, deadline=None)
@given(item=products(), company=companies, need=needs(), data=st.data())
def test_what_is_not_known_never_excludes(
    item: Product, company: CompanyFacts, need: Need, data: st.DataObject
) -> None:
    forgotten = data.draw(st.sets(st.sampled_from(sorted(CompanyFacts.model_fields))))
    less = company.model_copy(update=dict.fromkeys(forgotten))
    before = {gap.condition for gap in judge(item, situation(company, Need(), TODAY)).failed}
    after = {gap.condition for gap in judge(item, situation(less, Need(), TODAY)).failed}
    assert after <= before
    nothing_known = judge(item, situation(CompanyFacts(), Need(), TODAY))
    assert nothing_known.failed == ()
    assert set(nothing_known.open) <= set(reference.read(item, company, need, TODAY)) | {
        "rate",
        "institution",
    }


_UPPER = {"revenue_max", "employees_max", "assets_max", "debt_ratio_max"}
_LOWER = {
    "founded_months_min",
    "revenue_min",
    "employees_min",
    "registered_capital_min",
    "credit_score_min",
}


@settings(max_examples=200, deadline=None)
@given(item=products(), company=companies, need=needs(), by=st.integers(1, 100))
def test_widening_a_bound_never_excludes(item: Product, company: CompanyFacts, need: Need, by: int) -> None:
    rules = item.conditions
    wider = {key: value + by for key in _UPPER if (value := getattr(rules, key)) is not None}
    wider |= {key: max(0, value - by) for key in _LOWER if (value := getattr(rules, key)) is not None}
    lax = item.model_copy(
        update={
            "conditions": rules.model_copy(update=wider),
            "amount_max": None,
            "term_min_months": None,
            "rate_min": None if item.rate_min is None else max(Decimal(0), item.rate_min - by),
        }
    )
    at = situation(company, need, TODAY)
    strict = {gap.condition for gap in judge(item, at).failed}
    assert {gap.condition for gap in judge(lax, at).failed} <= strict


def test_labels_are_plain_strings_in_json() -> None:
    verdict = _verdict(
        {"purposes": [Purpose.RND], "industries": [Industry.C], "conditions": {"tax_grades": [TaxGrade.A]}},
        {"industry": Industry.F, "tax_grade": TaxGrade.M},
        {"purpose": Purpose.EXPORT},
    )
    values = [value for gap in verdict.failed for value in (gap.needs, gap.has)]
    assert [type(value) for value in values] == [list, str] * 3
    assert all(type(member) is str for value in values for member in value)
