"""One state of the catalogue, compiled for matching; immutable, so that any thread may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable, Failure, Outcomes, judge
from matching.embedding import Embedder
from matching.explanation import gap_text, reasons
from matching.goods import Goods
from matching.index import MeaningIndex
from matching.mending import mend
from matching.ranking import PolicyFigures, ProductFigures, Ranking, Told, best_first, closeness
from matching.records import said
from matching.results import Gap, MatchResult, NearMiss, PolicyMatch, ProductMatch
from matching.rules import POLICY_RULES, PRODUCT_RULES, Outcome
from matching.situation import Situation, situation
from matching.support import Support, SupportTable
from matching.text import gist, need_text, policy_text, product_text
from matching.variety import varied

_PRODUCTS, _NEAR_MISSES, _POLICIES = 20, 10, 10
_AS_IT_COMES = Ranking()

_Item = TypeVar("_Item", Product, Policy)


@dataclass(frozen=True, slots=True)
class _Question:
    """One match: `text` is the owner's `words` with labels around them, to compare meanings by."""

    at: Situation
    today: date
    words: str
    text: str
    limit: int | None
    ranking: Ranking

    def cap(self, usual: int) -> int:
        return usual if self.limit is None else self.limit


class Snapshot:
    """Items are kept in the order of their codes, which also settles equal scores."""

    def __init__(
        self, version: int, products: Sequence[Product], policies: Sequence[Policy], embedder: Embedder
    ) -> None:
        self.version = version
        products, policies = _in_order(products), _in_order(policies)
        product_texts = [product_text(product) for product in products]
        policy_texts = [policy_text(policy) for policy in policies]
        # In one call, so that a cache knows all that is still in use.
        vectors = embedder.passages([gist(text) for text in (*product_texts, *policy_texts)])
        self._products = _ProductShelf(
            products, MeaningIndex(product_texts, vectors[: len(products)], embedder)
        )
        self._policies = _PolicyShelf(
            policies, MeaningIndex(policy_texts, vectors[len(products) :], embedder)
        )
        self._support = SupportTable(products, policies)

    def match(
        self,
        company: CompanyFacts,
        need: Need,
        today: date,
        limit: int | None,
        ranking: Ranking = _AS_IT_COMES,
    ) -> MatchResult:
        at, text = situation(company, need, today), need_text(company, need)
        question = _Question(at, today, need.purpose_text, text, limit, ranking)
        judged, on_offer = self._policies.judge(question)
        support = self._support.under(judged, on_offer, at)
        products, near_misses = self._products.match(question, support)
        return MatchResult(products, near_misses, self._policies.match(question, judged, on_offer))

    def speak_with(self, embedder: Embedder) -> None:
        """Which model reads what people say; it does not travel with a snapshot from another process."""
        self._products.index.embedder = self._policies.index.embedder = embedder

    def opened(
        self, was: Situation, is_now: Situation, today: date
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Codes of the products and policies on offer that fail nothing any more."""
        return self._products.opened(was, is_now, today), self._policies.opened(was, is_now, today)


def _in_order(items: Sequence[_Item]) -> Sequence[_Item]:
    """By code; goods are so already."""
    return items.at_hand() if isinstance(items, Goods) else sorted(items, key=lambda item: item.code)


class _ProductShelf:
    def __init__(self, products: Sequence[Product], index: MeaningIndex) -> None:
        self._products = products
        self.index = index
        self._table = EligibilityTable(products, PRODUCT_RULES)
        self._figures = ProductFigures(products)

    def match(
        self, question: _Question, support: Support
    ) -> tuple[tuple[ProductMatch, ...], tuple[NearMiss, ...]]:
        outcomes = self._table.judge(question.at)
        failures = (outcomes == Outcome.FAILED).sum(axis=0)
        wanted = (failures <= 1) & self._table.on_offer(question.today)
        rows = np.flatnonzero(wanted)
        meaning = closeness(self.index, question.text, wanted)
        ranking = question.ranking
        told = Told(outcomes[:, rows], meaning, support.worth(rows), ranking.records, question.words)
        scores = self._figures.score(rows, question.at, told, ranking.weights)
        fits = failures[rows] == 0
        best = self._varied(rows[fits], scores[fits], question)
        return (
            tuple(self._match(row, score, question, support) for row, score in best),
            tuple(
                self._near_miss(row, question.at)
                for row, _ in _best(rows[~fits], scores[~fits], question.cap(_NEAR_MISSES))
            ),
        )

    def _varied(
        self, rows: NDArray[np.intp], scores: NDArray[np.float64], question: _Question
    ) -> list[tuple[int, float]]:
        """Rows and scores in their final order; who had to wait for another institution's has its score."""
        order = varied(
            best_first(scores, 0), scores, self._figures.institutions[rows], question.ranking.variety
        )
        limit = question.cap(_PRODUCTS)
        places = order[:limit] if limit else order
        shown = np.minimum.accumulate(scores[places])
        return list(zip(rows[places].tolist(), shown.tolist(), strict=True))

    def _match(self, row: int, score: float, question: _Question, support: Support) -> ProductMatch:
        product = self._products[row]
        verdict = judge(product, question.at)
        help_ = support.best(row)
        extras = (help_.text if help_ else "", said(question.ranking.records.get(product.institution)))
        why = reasons(product, verdict.met, question.at, extras)
        return ProductMatch(product, score, why, verdict.open)

    def opened(self, was: Situation, is_now: Situation, today: date) -> tuple[str, ...]:
        return tuple(self._products[row].code for row in self._table.opened(was, is_now, today))

    def _near_miss(self, row: int, at: Situation) -> NearMiss:
        product = self._products[row]
        return NearMiss(product, tuple(_gap(failure, at) for failure in judge(product, at).failed))


def _gap(failure: Failure, at: Situation) -> Gap:
    return Gap(failure.condition, failure.needs, failure.has, gap_text(failure), mend(failure, at))


class _PolicyShelf:
    def __init__(self, policies: Sequence[Policy], index: MeaningIndex) -> None:
        self._policies = policies
        self.index = index
        self._table = EligibilityTable(policies, POLICY_RULES)
        self._figures = PolicyFigures(policies)

    def opened(self, was: Situation, is_now: Situation, today: date) -> tuple[str, ...]:
        return tuple(self._policies[row].code for row in self._table.opened(was, is_now, today))

    def judge(self, question: _Question) -> tuple[Outcomes, NDArray[np.bool_]]:
        """Outcomes of all policies, and which are on offer."""
        return self._table.judge(question.at), self._table.on_offer(question.today)

    def match(
        self, question: _Question, outcomes: Outcomes, on_offer: NDArray[np.bool_]
    ) -> tuple[PolicyMatch, ...]:
        wanted = ~(outcomes == Outcome.FAILED).any(axis=0) & on_offer
        rows = np.flatnonzero(wanted)
        meaning = closeness(self.index, question.text, wanted)
        scores = self._figures.score(rows, meaning, outcomes[:, rows])
        best = _best(rows, scores, question.cap(_POLICIES))
        return tuple(self._match(row, score, question.at) for row, score in best)

    def _match(self, row: int, score: float, at: Situation) -> PolicyMatch:
        policy = self._policies[row]
        verdict = judge(policy, at)
        return PolicyMatch(policy, score, reasons(policy, verdict.met, at), verdict.open)


def _best(rows: NDArray[np.intp], scores: NDArray[np.float64], limit: int) -> list[tuple[int, float]]:
    places = best_first(scores, limit)
    return list(zip(rows[places].tolist(), scores[places].tolist(), strict=True))
