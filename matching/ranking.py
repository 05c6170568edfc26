"""How good a match is, 0 to 1: the parts that `matching.weights` shares out, and what is still open."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.labels import Guarantee, Purpose
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import Outcomes
from matching.forms import KINDS, kept
from matching.index import MeaningIndex
from matching.records import Records, worths
from matching.rules import POLICY_RULES, PRODUCT_RULES, Offer, Outcome, Rule
from matching.situation import Range, Situation
from matching.weights import VARIETY, WEIGHTS, Variety, Weights

Scores = NDArray[np.float64]

# Each open point takes so much of what is left, and a failure that the owner cannot mend leaves so much.
_OPEN_PENALTY = 0.06
_OUT_OF_REACH = 0.7
# What nobody stated counts as the middle.
_NEUTRAL = 0.5
# Nearness of meaning and rates (per cent a year) between these are spread over 0 to 1.
_NEARNESS = (-0.05, 0.25)
_RATES = (2.0, 8.0)
_MEANING_OF_POLICIES = 0.6
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
_TARGETS = ("region", "industry", "purpose", "qualifications_any", "qualifications_all")
# Who needs money for all and sundry is as well served by an offer for any use as by one that lists his.
_GENERAL = (None, Purpose.WORKING_CAPITAL, Purpose.OTHER)
_ANY_USE = 0.6
# What an owner can do nothing about: near misses by anything else come before these.
_FIXED = ("region", "industry", "first_loan")


@dataclass(frozen=True, slots=True)
class Ranking:
    """How the fitting products are put in order: by whose shares, with how much variety, on what records."""

    weights: Weights = WEIGHTS
    variety: Variety = VARIETY
    records: Records = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What others say of the rows to be ranked, one value a row: nearness of meaning and support, 0 to 1.

    `outcomes` has the shape (rules, rows); `words` are the owner's own.
    """

    outcomes: Outcomes
    meaning: Scores
    support: Scores
    records: Records
    words: str = ""


class ProductFigures:
    """The figures of products as arrays, nan where unlimited or not said."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._rate = _column([None if p.rate_min is None else float(p.rate_min) for p in products])
        self._amount = _bounds([(p.amount_min, p.amount_max) for p in products])
        self._term = _bounds([(p.term_min_months, p.term_max_months) for p in products])
        self._accepted = np.asarray(
            [[not p.guarantees or kind in p.guarantees for kind in _EASE] for p in products], dtype=bool
        ).reshape(len(products), len(_EASE))
        self._aims = _aims(products, PRODUCT_RULES)
        self._any_use = np.asarray([not product.purposes for product in products], dtype=bool)
        self._kinds = np.asarray([KINDS.index(product.kind) for product in products], dtype=np.intp)
        self._names = tuple(dict.fromkeys(product.institution for product in products))
        places = {name: place for place, name in enumerate(self._names)}
        self.institutions = np.asarray([places[product.institution] for product in products], dtype=np.intp)

    def parts(self, rows: NDArray[np.intp], at: Situation, told: Told) -> Scores:
        """The parts of the score in the order of `PARTS`, 0 to 1; shape (parts, rows)."""
        return np.stack(
            (
                told.meaning,
                self._target(rows, at, told.outcomes),
                self._price(rows),
                _fit(self._amount[rows], at.amount),
                _fit(self._term[rows], at.term),
                self._burden(rows, at),
                worths(self._names, told.records)[self.institutions[rows]],
                told.support,
            )
        )

    def score(self, rows: NDArray[np.intp], at: Situation, told: Told, weights: Weights = WEIGHTS) -> Scores:
        total = weights.shares @ self.parts(rows, at, told)
        total *= np.asarray(kept(told.words))[self._kinds[rows]]
        return _rounded(total * _kept_for_open(told.outcomes) * _within_reach(told.outcomes))

    def _target(self, rows: NDArray[np.intp], at: Situation, outcomes: Outcomes) -> Scores:
        hits = _hits(outcomes, PRODUCT_RULES, self._aims[:, rows])
        return _targeted(hits + _ANY_USE * self._any_use[rows] if at.purpose in _GENERAL else hits)

    def _price(self, rows: NDArray[np.intp]) -> Scores:
        return np.nan_to_num(1 - _spread(self._rate[rows], *_RATES), nan=_NEUTRAL)

    def _burden(self, rows: NDArray[np.intp], at: Situation) -> Scores:
        """The lightest guarantee that the product takes and the owner would give."""
        ease = np.asarray([value if _would_give(kind, at) else 0.0 for kind, value in _EASE.items()])
        lightest: Scores = (self._accepted[rows] * ease).max(axis=1)
        return lightest


class PolicyFigures:
    """How narrowly policies are aimed; they have neither price nor term."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._aims = _aims(policies, POLICY_RULES)

    def score(self, rows: NDArray[np.intp], meaning: Scores, outcomes: Outcomes) -> Scores:
        """Scores of the rows, from meaning and from whom they are made for."""
        targeted = _targeted(_hits(outcomes, POLICY_RULES, self._aims[:, rows]))
        total = _MEANING_OF_POLICIES * meaning + (1 - _MEANING_OF_POLICIES) * targeted
        return _rounded(total * _kept_for_open(outcomes))


def closeness(index: MeaningIndex, text: str, wanted: NDArray[np.bool_]) -> Scores:
    """How near the wanted items come to `text`, 0 to 1; the same for all where there is no text."""
    if not text:
        return np.full(int(wanted.sum()), _NEUTRAL)
    nearness = index.nearness(text, wanted).astype(np.float64)
    return _spread(nearness, *_NEARNESS)


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


def _aims(items: Sequence[Offer], rules: tuple[Rule, ...]) -> Scores:
    """How narrowly items are aimed by each target among the rules, 0 to 1; shape (targets, items)."""
    targets = [rules[row] for row in _rows(rules, _TARGETS)]
    aims = [[_aim(rule, item) for item in items] for rule in targets]
    return np.asarray(aims, dtype=np.float64).reshape(len(targets), len(items))


def _aim(rule: Rule, item: Offer) -> float:
    """At one use more than at one of four; all titles at once are as narrow as one."""
    wanted = rule.requirement(item) or ()
    if rule.name == "region":
        return max((_narrowness(code) for code in wanted), default=0.0)
    if rule.name == "qualifications_all":
        return 1.0 if wanted else 0.0
    return float(len(wanted) ** -0.5) if wanted else 0.0


def _narrowness(region: str) -> float:
    """A province is wide, a city less so, a district the narrowest."""
    return 0.4 if region.endswith("0000") else 0.6 if region.endswith("00") else 1.0


def _hits(outcomes: Outcomes, rules: tuple[Rule, ...], aims: Scores) -> Scores:
    """How narrowly the conditions are aimed that are met, summed over each item's."""
    hits: Scores = ((outcomes[_rows(rules, _TARGETS)] == Outcome.MET) * aims).sum(axis=0)
    return hits


def _targeted(hits: Scores) -> Scores:
    """How expressly an item is meant for such a company: a narrow hit is a half, more come nearer to 1."""
    target: Scores = 1 - np.power(0.5, hits)
    return target


def _kept_for_open(outcomes: Outcomes) -> Scores:
    """The factor left over by the open points: lower with each, never nought."""
    kept: Scores = np.power(1 - _OPEN_PENALTY, (outcomes == Outcome.OPEN).sum(axis=0))
    return kept


def _within_reach(outcomes: Outcomes) -> Scores:
    rows = _rows(PRODUCT_RULES, _FIXED)
    fixed = (outcomes[rows] == Outcome.FAILED).any(axis=0)
    return np.where(fixed, _OUT_OF_REACH, 1.0)


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


def _fit(offered: Scores, wished: Range) -> Scores:
    """Which part of the wish is served: its upper end, or its only end, against the offered bounds."""
    end = wished.low if wished.high is None else wished.high
    if not end:
        return np.full(len(offered), _NEUTRAL)
    fit: Scores = np.minimum(1.0, offered[:, 1] / end) * np.minimum(1.0, end / np.maximum(offered[:, 0], 1.0))
    return fit
