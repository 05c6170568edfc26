import pytest

from matching.weights import PARTS, WEIGHTS, UnevenWeightsError, Weights


def test_the_shares_make_a_whole() -> None:
    assert WEIGHTS.shares.sum() == pytest.approx(1)
    assert len(PARTS) == len(WEIGHTS.shares)


@pytest.mark.parametrize(
    "changes", [{"meaning": 0.3}, {"price": -0.12, "record": 0.42}, {"support": 0.0}], ids=str
)
def test_what_makes_no_whole_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(UnevenWeightsError):
        Weights(**changes)


def test_a_part_may_be_given_no_weight() -> None:
    assert Weights(support=0.0, price=0.18).support == 0
