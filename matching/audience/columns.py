"""What is known about many companies as arrays, a column a fact; about 100 bytes a company."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from domain.company_feed import Stored
from matching.audience.dictionary import Dictionary

CODED = (
    "region",
    "industry",
    "founded",
    "tax_grade",
    "qualifications",
    "collaterals",
    "first_loan",
    "overdue",
)
FIGURES = ("registered_capital", "revenue", "employees", "assets", "liabilities", "credit_score")
# The format sets no limit to heads and scores; whoever states more than this is not told apart from others.
LARGEST = 2**62
NOT_KNOWN = -1

_USCC = "uscc"
_KEY = np.dtype("S18")
_FIGURE = np.dtype(np.int64)


class Dictionaries(dict[str, Dictionary]):
    """One for each coded fact, shared by all states of the columns."""

    def __init__(self) -> None:
        super().__init__({fact: Dictionary(fact) for fact in CODED})


@dataclass(frozen=True, slots=True)
class Columns:
    """Companies in the order of their usccs; never changed once made.

    `arrays` has the usccs, the numbers of `CODED` facts by the dictionaries, and `FIGURES`, of which
    `NOT_KNOWN` is what it says.
    """

    dictionaries: Mapping[str, Dictionary]
    arrays: Mapping[str, NDArray[Any]]

    @classmethod
    def none(cls, dictionaries: Mapping[str, Dictionary]) -> Self:
        return cls.of(dictionaries, [])

    @classmethod
    def of(cls, dictionaries: Mapping[str, Dictionary], stored: Sequence[Stored]) -> Self:
        """The companies of one portion; those that are gone are left out."""
        there = sorted((uscc, facts) for uscc, facts in stored if facts is not None)
        known = [json.loads(facts) for _, facts in there]
        arrays: dict[str, NDArray[Any]] = {_USCC: np.asarray([uscc for uscc, _ in there], dtype=_KEY)}
        for fact in CODED:
            arrays[fact] = dictionaries[fact].encode([facts.get(fact) for facts in known])
        for fact in FIGURES:
            figures = [min(facts.get(fact, NOT_KNOWN), LARGEST) for facts in known]
            arrays[fact] = np.asarray(figures, dtype=_FIGURE)
        return cls(dictionaries, arrays)

    def __len__(self) -> int:
        return len(self.usccs)

    @property
    def usccs(self) -> NDArray[np.bytes_]:
        return self.arrays[_USCC]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values())

    def updated(self, changed: Self, gone: Iterable[str]) -> Self:
        """These companies with what is newer of some of them, without those that are gone."""
        left_out = np.concatenate([changed.usccs, np.asarray(sorted(gone), dtype=_KEY)])
        kept = np.ones(len(self), dtype=bool)
        kept[self._places(left_out)] = False
        if not kept.any():
            return changed
        places = np.searchsorted(self.usccs[kept], changed.usccs)
        arrays = {
            fact: np.insert(array[kept], places, changed.arrays[fact]) for fact, array in self.arrays.items()
        }
        return type(self)(self.dictionaries, arrays)

    def _places(self, usccs: NDArray[np.bytes_]) -> NDArray[np.intp]:
        """Where those of `usccs` stand that are here."""
        places = np.searchsorted(self.usccs, usccs)
        places = places[places < len(self)] if len(self) else places[:0]
        found: NDArray[np.intp] = places[np.isin(self.usccs[places], usccs)]
        return found


def joined(portions: Sequence[Columns]) -> Columns:
    """One after the other; their usccs are all different."""
    first = portions[0]
    arrays = {fact: np.concatenate([part.arrays[fact] for part in portions]) for fact in first.arrays}
    usccs = arrays[_USCC]
    if (usccs[:-1] > usccs[1:]).any():
        order = np.argsort(usccs, kind="stable")
        arrays = {fact: array[order] for fact, array in arrays.items()}
    return Columns(first.dictionaries, arrays)
