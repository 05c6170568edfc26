"""One state of the catalogue, compiled for matching; immutable, so that any thread may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable, judge
from matching.embedding import Embedder
from matching.explanation import gap_text, reasons
from matching.index import MeaningIndex
from matching.ranking import ProductFigures, best_first, closeness, policy_scores
from matching.results import Gap, MatchResult, NearMiss, PolicyMatch, ProductMatch
from matching.rules import POLICY_RULES, PRODUCT_RULES, Outcome
from matching.situation import Situation, situation
from matching.text import gist, need_text, policy_text, product_text

_PRODUCTS, _NEAR_MISSES, _POLICIES = 20, 10, 10


@dataclass(frozen=True, slots=True)
class _Question:
    """One match: the facts, the day in Asia/Shanghai and the words to compare meanings by."""

    at: Situation
    today: date
    text: str
    limit: int | None

    def cap(self, usual: int) -> int:
        return usual if self.limit is None else self.limit


class Snapshot:
    """Items are kept in the order of their codes, which also settles equal scores."""

    def __init__(
        self, version: int, products: Sequence[Product], policies: Sequence[Policy], embedder: Embedder
    ) -> None:
        self.version = version
        products = sorted(products, key=lambda product: product.code)
        policies = sorted(policies, key=lambda policy: policy.code)
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

    def match(self, company: CompanyFacts, need: Need, today: date, limit: int | None) -> MatchResult:
        question = _Question(situation(company, need, today), today, need_text(company, need), limit)
        products, near_misses = self._products.match(question)
        return MatchResult(products, near_misses, self._policies.match(question))


class _ProductShelf:
    def __init__(self, products: Sequence[Product], index: MeaningIndex) -> None:
        self._products = products
        self._index = index
        self._table = EligibilityTable(products, PRODUCT_RULES)
        self._figures = ProductFigures(products)

    def match(self, question: _Question) -> tuple[tuple[ProductMatch, ...], tuple[NearMiss, ...]]:
        outcomes = self._table.judge(question.at)
        failures = (outcomes == Outcome.FAILED).sum(axis=0)
        wanted = (failures <= 1) & self._table.on_offer(question.today)
        rows = np.flatnonzero(wanted)
        meaning = closeness(self._index, question.text, wanted)
        scores = self._figures.score(rows, question.at, meaning, outcomes[:, rows])
        fits = failures[rows] == 0
        return (
            tuple(
                self._match(row, score, question.at)
                for row, score in _best(rows[fits], scores[fits], question.cap(_PRODUCTS))
            ),
            tuple(
                self._near_miss(row, question.at)
                for row, _ in _best(rows[~fits], scores[~fits], question.cap(_NEAR_MISSES))
            ),
        )

    def _match(self, row: int, score: float, at: Situation) -> ProductMatch:
        product = self._products[row]
        verdict = judge(product, at)
        return ProductMatch(product, score, reasons(product, verdict.met, at), verdict.open)

    def _near_miss(self, row: int, at: Situation) -> NearMiss:
        product = self._products[row]
        failed = judge(product, at).failed
        return NearMiss(
            product, tuple(Gap(gap.condition, gap.needs, gap.has, gap_text(gap)) for gap in failed)
        )


class _PolicyShelf:
    def __init__(self, policies: Sequence[Policy], index: MeaningIndex) -> None:
        self._policies = policies
        self._index = index
        self._table = EligibilityTable(policies, POLICY_RULES)

    def match(self, question: _Question) -> tuple[PolicyMatch, ...]:
        outcomes = self._table.judge(question.at)
        wanted = ~(outcomes == Outcome.FAILED).any(axis=0) & self._table.on_offer(question.today)
        rows = np.flatnonzero(wanted)
        scores = policy_scores(closeness(self._index, question.text, wanted), outcomes[:, rows])
        best = _best(rows, scores, question.cap(_POLICIES))
        return tuple(self._match(row, score, question.at) for row, score in best)

    def _match(self, row: int, score: float, at: Situation) -> PolicyMatch:
        policy = self._policies[row]
        verdict = judge(policy, at)
        return PolicyMatch(policy, score, reasons(policy, verdict.met, at), verdict.open)


def _best(rows: NDArray[np.intp], scores: NDArray[np.float64], limit: int) -> list[tuple[int, float]]:
    places = best_first(scores, limit)
    return list(zip(rows[places].tolist(), scores[places].tolist(), strict=True))
