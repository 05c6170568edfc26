"""How good a match is, 0 to 1: fit of meaning, price, amount and term, burden of guarantee, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.labels import Guarantee
from domain.products import Product
from matching.eligibility import Outcomes
from matching.index import MeaningIndex
from matching.rules import POLICY_RULES, PRODUCT_RULES, Outcome, Rule
from matching.situation import Range, Situation

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; the six shares sum to 1.

    Nearness between `nearness_low` and `nearness_high` and rates (per cent a year) between
    `rate_low` and `rate_high` are spread over 0 to 1. Each open point takes `open_penalty` of
    what is left, a failure that the owner cannot mend leaves `out_of_reach`. What nobody stated
    counts `neutral`.
    """

    meaning: float = 0.35
    target: float = 0.2
    price: float = 0.2
    amount: float = 0.1
    term: float = 0.05
    burden: float = 0.1
    open_penalty: float = 0.06
    neutral: float = 0.5
    out_of_reach: float = 0.7
    nearness_low: float = -0.05
    nearness_high: float = 0.25
    rate_low: float = 2.0
    rate_high: float = 12.0


WEIGHTS = Weights()

# How light a guarantee is for the owner.
_EASE = {
    Guarantee.CREDIT: 1.0,
    Guarantee.GUARANTEE_FUND: 0.8,
    Guarantee.INSURANCE: 0.7,
    Guarantee.GUARANTOR: 0.6,
    Guarantee.PLEDGE: 0.4,
    Guarantee.MORTGAGE: 0.3,
}
# Made for such a company or purpose: the conditions by which an offer shows whom it is meant for.
_TARGETS = ("purpose", "industry", "region", "qualifications_any", "qualifications_all")
# What an owner can do nothing about: near misses by anything else come before these.
_FIXED = ("region", "industry", "first_loan")


class ProductFigures:
    """The figures of products as arrays, nan where unlimited or not said."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._rate = _column([None if p.rate_min is None else float(p.rate_min) for p in products])
        self._amount = _bounds([(p.amount_min, p.amount_max) for p in products])
        self._term = _bounds([(p.term_min_months, p.term_max_months) for p in products])
        self._accepted = np.asarray(
            [[not p.guarantees or kind in p.guarantees for kind in _EASE] for p in products], dtype=bool
        ).reshape(len(products), len(_EASE))

    def score(
        self,
        rows: NDArray[np.intp],
        at: Situation,
        meaning: Scores,
        outcomes: Outcomes,
        weights: Weights = WEIGHTS,
    ) -> Scores:
        """Scores of `rows`; `meaning` and the columns of `outcomes` are those of the rows alone."""
        total = (
            weights.meaning * meaning
            + weights.target * _targeted(outcomes, PRODUCT_RULES)
            + weights.price * self._price(rows, weights)
            + weights.amount * _fit(self._amount[rows], at.amount, weights)
            + weights.term * _fit(self._term[rows], at.term, weights)
            + weights.burden * self._burden(rows, at)
        )
        return _rounded(total * _kept_for_open(outcomes, weights) * _within_reach(outcomes, weights))

    def _price(self, rows: NDArray[np.intp], weights: Weights) -> Scores:
        cheapness = 1 - _spread(self._rate[rows], weights.rate_low, weights.rate_high)
        return np.nan_to_num(cheapness, nan=weights.neutral)

    def _burden(self, rows: NDArray[np.intp], at: Situation) -> Scores:
        """The lightest guarantee that the product takes and the owner would give."""
        ease = np.asarray([value if _would_give(kind, at) else 0.0 for kind, value in _EASE.items()])
        lightest: Scores = (self._accepted[rows] * ease).max(axis=1)
        return lightest


def policy_scores(meaning: Scores, outcomes: Outcomes, weights: Weights = WEIGHTS) -> Scores:
    """Policies have neither price nor term: meaning and whom they are made for share the whole."""
    share = weights.meaning / (weights.meaning + weights.target)
    total = share * meaning + (1 - share) * _targeted(outcomes, POLICY_RULES)
    return _rounded(total * _kept_for_open(outcomes, weights))


def closeness(
    index: MeaningIndex, text: str, wanted: NDArray[np.bool_], weights: Weights = WEIGHTS
) -> Scores:
    """How near the wanted items come to `text`, 0 to 1; the same for all where there is no text."""
    if not text:
        return np.full(int(wanted.sum()), weights.neutral)
    nearness = index.nearness(text, wanted).astype(np.float64)
    return _spread(nearness, weights.nearness_low, weights.nearness_high)


def best_first(scores: Scores, limit: int) -> NDArray[np.intp]:
    """Places of the best `limit` (0: all); equal scores keep their order."""
    order = np.argsort(-scores, kind="stable")
    return order[:limit] if limit else order


def _spread(values: Scores, low: float, high: float) -> Scores:
    """Linear from 0 at `low` to 1 at `high`, and no further."""
    between: Scores = np.clip((values - low) / (high - low), 0.0, 1.0)
    return between


def _rows(rules: tuple[Rule, ...], names: tuple[str, ...]) -> list[int]:
    return [row for row, rule in enumerate(rules) if rule.name in names]


def _targeted(outcomes: Outcomes, rules: tuple[Rule, ...]) -> Scores:
    """How expressly an item is meant for such a company: one hit is a half, more come nearer to 1."""
    rows = _rows(rules, _TARGETS)
    hits = (outcomes[rows] == Outcome.MET).sum(axis=0)
    target: Scores = 1 - np.power(0.5, hits)
    return target


def _kept_for_open(outcomes: Outcomes, weights: Weights) -> Scores:
    """The factor left over by the open points: lower with each, never nought."""
    kept: Scores = np.power(1 - weights.open_penalty, (outcomes == Outcome.OPEN).sum(axis=0))
    return kept


def _within_reach(outcomes: Outcomes, weights: Weights) -> Scores:
    rows = _rows(PRODUCT_RULES, _FIXED)
    fixed = (outcomes[rows] == Outcome.FAILED).any(axis=0)
    return np.where(fixed, weights.out_of_reach, 1.0)


def _rounded(scores: Scores) -> Scores:
    """To what is shown, so that the order never contradicts the figures."""
    rounded: Scores = np.round(scores, 4)
    return rounded


def _would_give(kind: Guarantee, at: Situation) -> bool:
    return not at.guarantees or kind in at.guarantees


def _column(values: Sequence[float | None]) -> Scores:
    return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)


def _bounds(pairs: Sequence[tuple[int | None, int | None]]) -> Scores:
    """Shape (items, 2); unlimited is 0 and infinity."""
    limited = [(low or 0, np.inf if high is None else high) for low, high in pairs]
    return np.asarray(limited, dtype=np.float64).reshape(len(pairs), 2)


def _fit(offered: Scores, wished: Range, weights: Weights) -> Scores:
    """Which part of the wish is served: its upper end, or its only end, against the offered bounds."""
    end = wished.low if wished.high is None else wished.high
    if not end:
        return np.full(len(offered), weights.neutral)
    fit: Scores = np.minimum(1.0, offered[:, 1] / end) * np.minimum(1.0, end / np.maximum(offered[:, 0], 1.0))
    return fit
