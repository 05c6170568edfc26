"""What counts how much in the order of a match; a city sets it in its configuration."""

from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

_WHOLE = 1.0
# Shares are written with a few decimals: their sum may miss the whole by what such figures round to.
_SLACK = 1e-6


class UnevenWeightsError(ValueError):
    """Shares below nought, or that do not make a whole."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The share of each part of a score; they sum to 1, so that scores lie between 0 and 1.

    meaning: nearness of the owner's words; target: how expressly the offer is meant for such a firm;
    price, amount, term: how cheap, and how much of the wish is served; burden: how light the guarantee is;
    record: how soon and how often the institution answers and approves, and how it is rated;
    support: whether a policy lowers the cost.
    """

    meaning: float = 0.20
    target: float = 0.17
    price: float = 0.12
    amount: float = 0.08
    term: float = 0.07
    burden: float = 0.12
    record: float = 0.18
    support: float = 0.06

    def __post_init__(self) -> None:
        shares = astuple(self)
        if min(shares) < 0:
            raise UnevenWeightsError("a weight is below 0")
        if abs(sum(shares) - _WHOLE) > _SLACK:
            raise UnevenWeightsError(f"the weights sum to {sum(shares):g}, not to 1")

    @property
    def shares(self) -> NDArray[np.float64]:
        """In the order of `PARTS`."""
        return np.asarray(astuple(self), dtype=np.float64)


PARTS = tuple(field.name for field in fields(Weights))
WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Variety:
    """Of the `first` products no more than `most` are one institution's.

    It holds while another's is at most `margin` worse than the one that has to wait.
    """

    most: int = 2
    first: int = 5
    margin: float = 0.05


VARIETY = Variety()
