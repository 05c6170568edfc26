import dataclasses
from typing import Any

import numpy as np
import pytest

from domain.companies import CompanyFacts
from domain.needs import Need
from matching.eligibility import EligibilityTable
from matching.ranking import WEIGHTS, ProductFigures, best_first
from matching.rules import PRODUCT_RULES
from matching.situation import situation
from tests.matching.items import TURNOVER, product
from tests.matching.strategies import TODAY


def _scores(
    variants: list[dict[str, Any]], need: dict[str, Any], company: dict[str, Any] | None = None
) -> list[float]:
    items = [product(TURNOVER, **variant) for variant in variants]
    at = situation(CompanyFacts.model_validate(company or {}), Need.model_validate(need), TODAY)
    rows = np.arange(len(items))
    outcomes = EligibilityTable(items, PRODUCT_RULES).judge(at)
    scores: list[float] = ProductFigures(items).score(rows, at, np.full(len(items), 0.5), outcomes).tolist()
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


def test_the_shares_make_a_whole() -> None:
    shares = dataclasses.asdict(WEIGHTS)
    names = ("meaning", "target", "price", "amount", "term", "burden")
    assert sum(shares[name] for name in names) == pytest.approx(1)


def test_equal_scores_keep_their_order_and_limits_are_prefixes() -> None:
    scores = np.asarray([0.2, 0.9, 0.2, 0.9])
    assert best_first(scores, 0).tolist() == [1, 3, 0, 2]
    for limit in range(1, 6):
        assert best_first(scores, limit).tolist() == [1, 3, 0, 2][:limit]
