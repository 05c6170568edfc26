"""Several institutions among the first: who looks at three offers shall not see one bank three times."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matching.weights import Variety


def varied(
    order: NDArray[np.intp], scores: NDArray[np.float64], institutions: NDArray[np.intp], rules: Variety
) -> NDArray[np.intp]:
    """`order` (places in `scores`, best first) with an institution's surplus moved back among the first.

    Nothing is lost, and what comes after the first keeps its order.
    """
    left = order.tolist()
    placed: list[int] = []
    seen: Counter[int] = Counter()
    for _ in range(min(rules.first, len(left))):
        chosen = next(_others(left, scores, institutions, seen, rules), 0)
        placed.append(left.pop(chosen))
        seen[int(institutions[placed[-1]])] += 1
    return np.asarray(placed + left, dtype=np.intp)


def _others(
    left: list[int],
    scores: NDArray[np.float64],
    institutions: NDArray[np.intp],
    seen: Counter[int],
    rules: Variety,
) -> Iterator[int]:
    """Where in `left` the institutions stand that have room, down to the worst that comes near the best."""
    least = scores[left[0]] - rules.margin
    for place, row in enumerate(left):
        if scores[row] < least:
            return
        if seen[int(institutions[row])] < rules.most:
            yield place
