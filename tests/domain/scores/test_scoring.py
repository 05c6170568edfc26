"""Properties of every score: alone as among many, monotone, bounded, never silent about what is missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credit.registry import Indicator as Registered
from domain.credit.registry import Kind
from domain.credit.values import Stored
from domain.scores.scorecard import Indicator, Transform
from domain.scores.scoring import Figures, Table
from domain.scores.values import Score
from tests.domain.scores.people import (
    KNOWN,
    NOW,
    REGISTRY,
    SCORECARD,
    SCORER,
    SHAKY,
    SILENT,
    STEADY,
    TODAY,
    columns,
)

GOLDEN = Path(__file__).parent / "golden.json"
CODES = list(dict.fromkeys(read.indicator for read in SCORECARD.reads))
SCALE = SCORECARD.scale


def values_of(indicator: Registered) -> st.SearchStrategy[Stored]:
    match indicator.type:
        case Kind.FLAG:
            return st.booleans()
        case Kind.CHOICE:
            return st.sampled_from(indicator.choices)
        case Kind.COUNT:
            return st.integers(0, 300)
        case Kind.DATE:
            return st.dates().map(str)
        case Kind.AMOUNT:
            return st.integers(-(10**13), 10**13)
        case _:
            return st.floats(-1e6, 1e6)


companies = st.fixed_dictionaries({}, optional={code: values_of(REGISTRY[code]) for code in CODES})
objections = st.sets(st.sampled_from(CODES))


def score(known: dict[str, Stored], disputed: set[str] | None = None) -> Score:
    (only,) = SCORER.scores([STEADY], columns(known, disputed=disputed or set()), TODAY, NOW)
    return only


@given(st.lists(companies, min_size=1, max_size=8))
def test_one_company_gets_the_same_alone_as_among_others(several: list[dict[str, Stored]]) -> None:
    names = [f"9132058300000{number:05}" for number in range(len(several))]
    together = SCORER.scores(names, columns(*several), TODAY, NOW)
    alone = [
        SCORER.scores([name], columns(known), TODAY, NOW)[0]
        for name, known in zip(names, several, strict=True)
    ]
    assert together == alone


@given(companies)
def test_whatever_is_known_score_and_shares_stay_within_their_bounds(known: dict[str, Stored]) -> None:
    found = score(known)
    assert 0 <= found.confidence <= 1
    assert len(found.dimensions) == 6
    assert all(0 <= item.points <= 100 and 0 <= item.coverage <= 1 for item in found.dimensions)
    if found.confidence < SCORECARD.minimum_coverage:
        assert (found.score, found.band, found.pd) == (None, None, None)
        assert found.why_none
    else:
        assert found.score is not None
        assert found.pd is not None
        assert SCALE.lowest <= found.score <= SCALE.highest
        assert 0 <= found.pd <= 1
        assert found.why_none is None


@given(companies, st.sampled_from(CODES))
def test_what_is_missing_lowers_the_confidence_and_takes_the_neutral_value(
    known: dict[str, Stored], code: str
) -> None:
    without = {name: value for name, value in known.items() if name != code}
    before, after = score(known), score(without)
    assert after.confidence <= before.confidence
    for dimension in after.dimensions:
        if not dimension.known:
            assert dimension.points == dimension.neutral


@given(companies, objections)
def test_an_objection_never_lowers_the_score(known: dict[str, Stored], disputed: set[str]) -> None:
    before, after = score(known), score(known, disputed)
    assert after.confidence <= before.confidence
    if before.score is not None and after.score is not None:
        assert after.score >= before.score


@given(companies)
def test_reasons_add_up_in_their_direction_and_advice_raises(known: dict[str, Stored]) -> None:
    found = score(known)
    ups = [reason.points for reason in found.reasons if reason.points > 0]
    downs = [reason.points for reason in found.reasons if reason.points < 0]
    assert ups == sorted(ups, reverse=True)
    assert downs == sorted(downs)
    assert [*ups, *downs] == [reason.points for reason in found.reasons]
    assert {reason.indicator for reason in found.reasons} <= known.keys()
    # Advice of nought points asks for data of a dimension of which there are none.
    assert all(advice.points > 0 or not advice.indicator for advice in found.advice)
    if found.score is not None:
        assert all(found.score + advice.points <= SCALE.highest for advice in found.advice)


def rising_or_falling(item: Indicator) -> bool:
    points = [step.points for step in item.bins]
    return item.numeric and points in (sorted(points), sorted(points, reverse=True))


@given(
    st.sampled_from([item for item in SCORECARD.indicators if rising_or_falling(item)]),
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
)
def test_bins_in_order_give_points_in_order(item: Indicator, figures: tuple[float, float]) -> None:
    low, high = sorted(figures)
    place = SCORECARD.indicators.index(item)
    values = np.full((len(SCORECARD.indicators), 2), np.nan)
    values[place] = low, high
    points = Table(SCORECARD).score(Figures(values, np.zeros(values.shape, np.bool_))).points[place]
    rising = item.bins[0].points < item.bins[-1].points
    assert (points[0] <= points[1]) if rising else (points[0] >= points[1])


@pytest.mark.parametrize("item", SCORECARD.indicators, ids=lambda item: item.indicator)
def test_the_best_bin_is_worth_more_than_neutral_and_the_worst_less(item: Indicator) -> None:
    points = [step.points for step in item.bins]
    assert max(points) >= SCORECARD.neutral_of(item) >= min(points)


def test_a_neutral_company_stands_on_the_line() -> None:
    values = np.full((len(SCORECARD.indicators), 1), np.nan)
    found = Table(SCORECARD).score(Figures(values, np.zeros(values.shape, np.bool_)))
    assert found.raw[0] == pytest.approx(60)
    assert found.pd[0] == pytest.approx(1 / (SCALE.odds_at_line + 1), abs=1e-4)


def test_double_odds_are_worth_so_many_points() -> None:
    known = KNOWN[STEADY]
    table = Table(SCORECARD)
    assert table.scorecard.points_per_raw == pytest.approx(6.25, abs=1e-3)
    found = score(known)
    assert found.score is not None
    assert found.pd is not None
    odds = (1 - found.pd) / found.pd
    assert odds == pytest.approx(30 * 2 ** ((found.score - 600) / 50), rel=0.02)


def test_months_are_whole_ones() -> None:
    (item,) = (item for item in SCORECARD.indicators if item.transform is Transform.MONTHS_SINCE)
    assert [step.below for step in item.bins[:-1]] == [12, 36, 72]
    reasons = {}
    for day in ("2025-11-23", "2025-11-24"):
        known = KNOWN[STEADY] | {"founded_on": day}
        reasons[day] = next(d for d in score(known).dimensions if d.code == "environment").points
    assert reasons["2025-11-23"] > reasons["2025-11-24"]


def test_a_ratio_to_nothing_is_not_known() -> None:
    with_sales, without = KNOWN[STEADY], KNOWN[STEADY] | {"invoiced_sales_12m": 0}
    assert score(without).confidence < score(with_sales).confidence


@pytest.mark.parametrize("uscc", [STEADY, SHAKY, SILENT])
def test_three_companies_get_what_was_looked_at(uscc: str) -> None:
    """The figures of golden.json were read and agreed with; a change of the scorecard changes them."""
    assert as_told(score(KNOWN[uscc])) == json.loads(GOLDEN.read_text(encoding="utf-8"))[uscc]


def as_told(found: Score) -> dict[str, Any]:
    return {
        "score": found.score,
        "band": found.band,
        "pd": found.pd,
        "confidence": found.confidence,
        "why_none": found.why_none,
        "dimensions": {item.name: [item.points, item.coverage] for item in found.dimensions},
        "reasons": [f"{item.points:+} {item.text}" for item in found.reasons],
        "advice": [f"{item.points:+} {item.text}" for item in found.advice],
    }
