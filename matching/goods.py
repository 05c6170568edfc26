"""The items of a catalogue as they are stored: read when looked at, since a match looks at thirty of them."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from pickle import PickleBuffer
from typing import Any, Generic, Self, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from domain.base import Value

Item = TypeVar("Item", bound=Value)

# Of a larger catalogue those looked at last stay at hand.
_KEPT = 4096


class Goods(Sequence[Item], Generic[Item]):
    """Items in the order of their codes, each a line of JSON; what it hands out is never changed.

    Sixty thousand items as objects take seconds to make and as long to hand to another process; their lines,
    as one piece of memory, take no time at all.
    """

    def __init__(self, kind: type[Item], lines: Iterable[str]) -> None:
        encoded = [line.encode() for line in lines]
        self._take(kind, b"".join(encoded), np.fromiter(accumulate(map(len, encoded), initial=0), np.int64))

    def _take(self, kind: type[Item], lines: Any, bounds: NDArray[np.int64]) -> None:
        self._kind = kind
        self._lines = memoryview(lines)
        self._bounds = bounds
        self._read: dict[int, Item] = {}

    def __getstate__(self) -> tuple[type[Item], PickleBuffer, NDArray[np.int64]]:
        return self._kind, PickleBuffer(self._lines), self._bounds

    def __setstate__(self, state: tuple[type[Item], Any, NDArray[np.int64]]) -> None:
        self._take(*state)

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def at_hand(self) -> Self:
        """All of them read: for whoever compiles them."""
        self._read = {row: self._made(row) for row in range(len(self))}
        return self

    @overload
    def __getitem__(self, row: int) -> Item: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[Item]: ...

    def __getitem__(self, row: int | slice) -> Item | Sequence[Item]:
        if isinstance(row, slice):
            return [self[place] for place in range(*row.indices(len(self)))]
        place = range(len(self))[row]
        if (known := self._read.get(place)) is not None:
            return known
        item = self._made(place)
        while len(self._read) >= _KEPT:
            self._read.pop(next(iter(self._read)), None)
        self._read[place] = item
        return item

    def _made(self, row: int) -> Item:
        line = self._lines[self._bounds[row] : self._bounds[row + 1]]
        return self._kind.model_validate_json(bytes(line))
