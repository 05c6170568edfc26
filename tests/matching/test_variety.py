import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.ranking import best_first
from matching.variety import varied
from matching.weights import Variety

scored = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3)), max_size=30)
rules = st.builds(Variety, most=st.integers(1, 4), first=st.integers(0, 8), margin=st.floats(0, 0.5))


def _order(scores: list[float], institutions: list[int], how: Variety) -> list[int]:
    figures = np.asarray(scores, dtype=np.float64)
    places: list[int] = varied(best_first(figures, 0), figures, np.asarray(institutions, int), how).tolist()
    return places


@pytest.mark.parametrize(
    ("scores", "institutions", "order"),
    [
        # The third of one bank waits for another's that is nearly as good.
        ([0.90, 0.89, 0.88, 0.86], [1, 1, 1, 2], [0, 1, 3, 2]),
        # But not for one that is much worse.
        ([0.90, 0.89, 0.88, 0.80], [1, 1, 1, 2], [0, 1, 2, 3]),
        # One bank alone is shown whole.
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 1, 1], [0, 1, 2, 3]),
        # After the first five the order of the scores holds.
        ([0.9] * 8, [1, 1, 2, 2, 3, 3, 3, 3], [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_one_institution_does_not_fill_the_first_places(
    scores: list[float], institutions: list[int], order: list[int]
) -> None:
    assert _order(scores, institutions, Variety(most=2, first=5, margin=0.05)) == order


@given(scored, rules)
def test_nothing_is_lost_and_nobody_is_passed_by_much(items: list[tuple[int, int]], how: Variety) -> None:
    scores = [score / 100 for score, _ in items]
    order = _order(scores, [institution for _, institution in items], how)
    assert sorted(order) == list(range(len(items)))
    shown = [scores[place] for place in order]
    best_left = np.maximum.accumulate(shown[::-1])[::-1]
    assert all(best - score <= how.margin + 1e-9 for best, score in zip(best_left, shown, strict=True))
    assert shown[how.first :] == sorted(shown[how.first :], reverse=True)


@given(scored, rules)
def test_more_than_its_number_only_where_nobody_else_comes_near(
    items: list[tuple[int, int]], how: Variety
) -> None:
    scores = [score / 100 for score, _ in items]
    institutions = [institution for _, institution in items]
    order = _order(scores, institutions, how)
    for place in range(min(how.first, len(order))):
        before = [institutions[row] for row in order[:place]]
        if before.count(institutions[order[place]]) >= how.most:
            left = order[place:]
            near = [row for row in left if scores[row] >= max(scores[rest] for rest in left) - how.margin]
            assert all(before.count(institutions[row]) >= how.most for row in near)
