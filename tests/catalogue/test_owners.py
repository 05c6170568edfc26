"""Typical owners find something in every place: products to choose from and policies that fit."""

from dataclasses import dataclass
from typing import Any

import pytest

from domain.companies import CompanyFacts
from domain.needs import Need
from matching.eligibility import judge
from matching.situation import Situation, situation
from tests.catalogue.seed import LAUNCH, OFFERS, POLICIES, PRODUCTS
from tests.catalogue.test_variety import HEFEI, SUZHOU

ELSEWHERE = (
    "110105",
    "220100",
    "320400",
    "330110",
    "340200",
    "350100",
    "370600",
    "410800",
    "420100",
    "440300",
    "450100",
    "460100",
    "500000",
    "510100",
    "620100",
)
# An ordinary firm of five years: everything is known of it, so that nothing fits by being left open.
FIRM: dict[str, Any] = {
    "founded": "2021-05-10",
    "registered_capital": 5_000_000,
    "revenue": 12_000_000,
    "employees": 30,
    "assets": 9_000_000,
    "liabilities": 4_500_000,
    "tax_grade": "B",
    "credit_score": 620,
    "qualifications": [],
    "first_loan": False,
    "overdue": False,
    "collaterals": [],
}


@dataclass(frozen=True)
class Owner:
    """What differs from the ordinary firm, and what is asked for."""

    company: dict[str, Any]
    need: dict[str, Any]

    def at(self, region: str) -> Situation:
        company = CompanyFacts.model_validate(FIRM | self.company | {"region": region})
        return situation(company, Need.model_validate(self.need), LAUNCH)


OWNERS = {
    "manufacturer": Owner(
        {"industry": "C", "collaterals": ["real_estate", "equipment"]},
        {"amount_min": 1_500_000, "amount_max": 1_500_000, "term_months": 24, "purpose": "equipment"},
    ),
    "restaurant": Owner(
        {"industry": "H", "revenue": 3_000_000, "employees": 12, "assets": 1_500_000, "liabilities": 500_000},
        {
            "amount_min": 200_000,
            "amount_max": 300_000,
            "term_months": 12,
            "purpose": "working_capital",
            "guarantee": ["credit", "insurance"],
        },
    ),
    "farmer": Owner(
        {"industry": "A", "revenue": 4_000_000, "employees": 10, "qualifications": ["agri"]},
        {
            "amount_min": 300_000,
            "amount_max": 500_000,
            "term_months": 12,
            "purpose": "working_capital",
            "guarantee": ["credit", "guarantor", "insurance"],
        },
    ),
    "developer": Owner(
        {"industry": "I", "qualifications": ["tech_sme", "high_tech"], "collaterals": ["patent"]},
        {"amount_min": 1_000_000, "amount_max": 2_000_000, "term_months": 12, "purpose": "working_capital"},
    ),
    "exporter": Owner(
        {"industry": "F", "collaterals": ["receivables", "order"]},
        {"amount_min": 800_000, "amount_max": 1_000_000, "term_months": 6, "purpose": "working_capital"},
    ),
    "builder": Owner(
        {"industry": "E", "collaterals": ["receivables"]},
        {"amount_min": 1_000_000, "amount_max": 2_000_000, "term_months": 12, "purpose": "order_prefinance"},
    ),
}


def _products(at: Situation) -> list[str]:
    return [item.code for item in PRODUCTS if item.on_offer(LAUNCH) and not judge(item, at).failed]


def _policies(at: Situation) -> list[str]:
    return [item.code for item in POLICIES if item.on_offer(LAUNCH) and not judge(item, at).failed]


@pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS.keys())
@pytest.mark.parametrize("region", [*SUZHOU, *HEFEI, *ELSEWHERE])
def test_at_least_three_of_each(owner: Owner, region: str) -> None:
    at = owner.at(region)
    assert len(_products(at)) >= 3
    assert len(_policies(at)) >= 3


@pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS.keys())
@pytest.mark.parametrize("region", [*SUZHOU, *HEFEI])
def test_both_cities_offer_something_of_their_own(owner: Owner, region: str) -> None:
    local = {item.code for item in OFFERS if item.regions}
    at = owner.at(region)
    assert len(local & {*_products(at)}) >= 1
    assert len(local & {*_policies(at)}) >= 2


@pytest.mark.parametrize(
    ("purpose", "industry"),
    [
        ("rnd", "I"),
        ("plant", "C"),
        ("inventory", "F"),
        ("rent_decoration", "H"),
        ("export", "C"),
        ("payroll_tax", "C"),
        ("refinance", "C"),
    ],
)
@pytest.mark.parametrize("region", ["320583", "340111"])
def test_every_purpose_is_served(purpose: str, industry: str, region: str) -> None:
    owner = Owner(
        {
            "industry": industry,
            "qualifications": ["tech_sme"],
            "collaterals": ["real_estate", "equipment", "receivables"],
        },
        {"amount_min": 500_000, "amount_max": 500_000, "term_months": 12, "purpose": purpose},
    )
    assert len(_products(owner.at(region))) >= 3


def test_the_fast_loan_of_hefei_has_its_fund() -> None:
    need = {"amount_min": 800_000, "amount_max": 800_000, "term_months": 12, "guarantee": ["guarantee_fund"]}
    at = Owner({"industry": "C"}, need).at("340111")
    assert {"HF-XBKD-HSB", "HF-XBKD-ICBC"} <= set(_products(at))
    assert "HF-P-XBJJ" in _policies(at)
