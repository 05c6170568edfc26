from typing import Any

import numpy as np
import pytest

from domain.companies import CompanyFacts
from domain.needs import Need
from matching.eligibility import EligibilityTable
from matching.ranking import ProductFigures, Told, best_first
from matching.records import Record, Records
from matching.rules import PRODUCT_RULES
from matching.situation import situation
from tests.matching.items import TURNOVER, product
from tests.matching.strategies import TODAY


def _scores(
    variants: list[dict[str, Any]],
    need: dict[str, Any],
    company: dict[str, Any] | None = None,
    records: Records | None = None,
    support: list[float] | None = None,
) -> list[float]:
    items = [product(TURNOVER, **variant) for variant in variants]
    at = situation(CompanyFacts.model_validate(company or {}), Need.model_validate(need), TODAY)
    told = Told(
        EligibilityTable(items, PRODUCT_RULES).judge(at),
        np.full(len(items), 0.5),
        np.asarray(support or [0.0] * len(items)),
        records or {},
        need.get("purpose_text", ""),
    )
    scores: list[float] = ProductFigures(items).score(np.arange(len(items)), at, told).tolist()
    return scores


@pytest.mark.parametrize(
    ("better", "worse", "need"),
    [
        ({"rate_min": "3.5"}, {"rate_min": "4.5"}, {}),
        ({"rate_min": "3.5"}, {"rate_min": None}, {}),
        ({"amount_max": 900}, {"amount_max": 600}, {"amount_min": 500, "amount_max": 900}),
        ({"amount_min": 400}, {"amount_min": 900}, {"amount_min": 500, "amount_max": 500}),
        ({"term_max_months": 24}, {"term_max_months": 12}, {"term_months": 24}),
        ({"guarantees": ["credit"]}, {"guarantees": ["mortgage"]}, {}),
        (
            {"guarantees": ["guarantor"]},
            {"guarantees": ["credit", "mortgage"]},
            {"guarantee": ["guarantor", "mortgage"]},
        ),
        ({"purposes": ["equipment"]}, {"purposes": []}, {"purpose": "equipment"}),
        ({"conditions": {}}, {"conditions": {"no_overdue": True}}, {}),
        (
            {"conditions": {"no_overdue": True}},
            {"conditions": {"no_overdue": True, "first_loan": True}},
            {},
        ),
    ],
)
def test_what_is_better_ranks_higher(
    better: dict[str, Any], worse: dict[str, Any], need: dict[str, Any]
) -> None:
    high, low = _scores([better, worse], need)
    assert 0 <= low < high <= 1


def test_an_open_point_does_not_push_behind_all_others() -> None:
    cheap_but_open, dear = _scores(
        [{"rate_min": "3", "conditions": {"no_overdue": True}}, {"rate_min": "11", "conditions": {}}], {}
    )
    assert cheap_but_open > dear


def test_a_gap_that_the_owner_can_close_comes_before_one_that_he_cannot() -> None:
    young, elsewhere = _scores(
        [{"conditions": {"founded_months_min": 24}}, {"conditions": {}, "regions": ["340100"]}],
        {},
        {"region": "320583", "founded": "2026-01-01"},
    )
    assert young > elsewhere


def test_who_answers_soon_and_approves_ranks_higher() -> None:
    swift = Record(asked=100, in_time=0.98, hours=12, decided=80, approved=0.7, ratings=40, stars=4.8)
    slow = Record(asked=100, in_time=0.5, hours=110, decided=80, approved=0.3, ratings=40, stars=2.5)
    first, unknown, last = _scores(
        [{"institution": name} for name in "甲乙丙"], {}, records={"甲": swift, "丙": slow}
    )
    assert first > unknown > last


def test_a_policy_that_lowers_the_cost_raises_the_product() -> None:
    helped, not_helped = _scores([{}, {}], {}, support=[1.0, 0.0])
    assert helped > not_helped


@pytest.mark.parametrize(
    ("narrow", "wide", "need"),
    [
        ({"purposes": ["equipment"]}, {"purposes": ["equipment", "plant", "rnd"]}, {"purpose": "equipment"}),
        ({"industries": ["C"]}, {"industries": ["C", "F", "G"]}, {"industry": "C"}),
        ({"regions": ["320583"]}, {"regions": ["320500"]}, {"region": "320583"}),
        ({"regions": ["320500"]}, {"regions": ["320000"]}, {"region": "320583"}),
    ],
)
def test_what_is_made_for_him_comes_before_what_is_made_for_many(
    narrow: dict[str, Any], wide: dict[str, Any], need: dict[str, Any]
) -> None:
    first, second = _scores([narrow, wide], need)
    assert first > second


def test_a_loan_comes_first_unless_another_form_is_asked_for() -> None:
    variants = [{"kind": "loan"}, {"kind": "equity"}, {"kind": "lease"}, {"kind": "guarantee"}]
    loan, *others = _scores(variants, {"purpose_text": "日常周转，不用担保，要交房租"})
    assert all(loan > other for other in others)
    asked = {"equity": "找投资人入股", "lease": "设备想租不想买", "guarantee": "要开履约保函"}
    for place, words in enumerate(asked.values()):
        loan, *others = _scores(variants, {"purpose_text": words})
        assert others[place] > loan


def test_for_everyday_money_an_offer_for_any_use_is_as_good() -> None:
    any_use, listed = _scores(
        [{"purposes": []}, {"purposes": ["working_capital", "rnd", "export"]}], {"purpose": "working_capital"}
    )
    assert any_use >= listed


def test_equal_scores_keep_their_order_and_limits_are_prefixes() -> None:
    scores = np.asarray([0.2, 0.9, 0.2, 0.9])
    assert best_first(scores, 0).tolist() == [1, 3, 0, 2]
    for limit in range(1, 6):
        assert best_first(scores, limit).tolist() == [1, 3, 0, 2][:limit]
