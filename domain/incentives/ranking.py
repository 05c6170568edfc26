"""Prizes by rank. Who is equal in everything that is compared shares the prizes of the places taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

Score = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A rank from 1, how many share it, and what each of these gets, in yuan."""

    rank: int
    sharing: int
    prize: int

    @property
    def words(self) -> str:
        if self.sharing == 1:
            return f"排名第{self.rank}"
        return f"与另外{self.sharing - 1}家并列第{self.rank}，平分这几个名次的奖励"


def ranked(scores: Mapping[str, Score], prizes: Sequence[int]) -> dict[str, Place]:
    """The place of each, the highest score first; a score of nothing but zeros has none.

    Prizes of the places that equals take are added up and divided, rounded down to yuan: what is given is
    never more than the prizes together.
    """
    places: dict[str, Place] = {}
    order = sorted((name for name in scores if any(scores[name])), key=lambda name: (scores[name], name))
    for _, equals in groupby(reversed(order), key=lambda name: scores[name]):
        names, first = list(equals), len(places)
        shared = sum(prizes[first : first + len(names)])
        for name in names:
            places[name] = Place(first + 1, len(names), shared // len(names))
    return places
