"""A hundred thousand random (company, request, product) triples against the naive reading."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable
from matching.embedding import Vectors
from matching.rules import POLICY_RULES, PRODUCT_RULES, Outcome
from matching.situation import situation
from matching.snapshot import Snapshot
from tests.matching import reference
from tests.matching.drawing import Draw

# Together 100,000 triples.
BATCHES, PAIRS, ITEMS = 20, 50, 100
# From catalogues that ask for little, where most fits, to such that ask for much.
_ASKED = (0.15, 0.3, 0.5, 0.8)
_SPOKEN = {"met": Outcome.MET, "open": Outcome.OPEN, "failed": Outcome.FAILED}


def _draw(batch: int) -> Draw:
    return Draw(batch, _ASKED[batch % len(_ASKED)])


def _expected(item: Product | Policy, rules: Sequence[str], outcomes: dict[str, str]) -> list[Outcome]:
    assert outcomes.keys() <= set(rules), item
    return [_SPOKEN[outcomes[rule]] if rule in outcomes else Outcome.NOT_ASKED for rule in rules]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_condition_of_every_triple_is_read_alike(batch: int) -> None:
    draw = _draw(batch)
    items = [draw.product(f"P{number}") for number in range(ITEMS)]
    table = EligibilityTable(items, PRODUCT_RULES)
    rules = [rule.name for rule in PRODUCT_RULES]
    seen: Counter[int] = Counter()
    for _ in range(PAIRS):
        company, need = draw.company(), draw.need()
        outcomes = table.judge(situation(company, need, draw.today))
        naive = [_expected(item, rules, reference.read(item, company, need, draw.today)) for item in items]
        differing = np.argwhere(np.asarray(naive) != outcomes.T)
        assert not len(differing), (rules[differing[0][1]], items[differing[0][0]], company, need, draw.today)
        seen.update(outcomes.ravel().tolist())
    assert set(seen) == set(Outcome), "a batch in which something never occurs proves less than it says"


@pytest.mark.parametrize("batch", range(4))
def test_policies_are_read_alike(batch: int) -> None:
    draw = _draw(batch)
    items = [draw.policy(f"Z{number}") for number in range(ITEMS)]
    table = EligibilityTable(items, POLICY_RULES)
    rules = [rule.name for rule in POLICY_RULES]
    for _ in range(PAIRS):
        company, need = draw.company(), draw.need()
        outcomes = table.judge(situation(company, need, draw.today))
        naive = [_expected(item, rules, reference.read(item, company, need, draw.today)) for item in items]
        assert np.array_equal(outcomes.T, naive)


class Mute:
    """An embedder to whom all texts are alike: what fits depends on no vector."""

    name, dimension = "mute", 8

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), self.dimension), dtype=np.float32)

    def query(self, text: str) -> Vectors:
        del text
        return np.ones(self.dimension, dtype=np.float32)


@pytest.mark.parametrize("batch", range(4))
def test_whole_matches_hold_what_the_naive_reading_finds(batch: int) -> None:
    draw = Draw(1000 + batch, _ASKED[batch] / 2)
    products = [draw.product(f"P{number}") for number in range(ITEMS)]
    policies = [draw.policy(f"Z{number}") for number in range(ITEMS)]
    snapshot = Snapshot(1, products, policies, Mute())
    for _ in range(PAIRS):
        company, need = draw.company(), draw.need()
        result = snapshot.match(company, need, draw.today, 0)
        fits, near = reference.sorted_out(products, company, need, draw.today)
        assert {match.product.code: set(match.open) for match in result.products} == fits
        assert {miss.product.code: miss.gaps[0].condition for miss in result.near_misses} == near
        assert all(len(miss.gaps) == 1 for miss in result.near_misses)
        supported, _ = reference.sorted_out(policies, company, need, draw.today)
        assert {match.policy.code: set(match.open) for match in result.policies} == supported
        scores = [match.score for match in result.products]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
