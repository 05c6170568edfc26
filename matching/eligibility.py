"""Who is admitted to what: the rules applied to one item, and to a whole catalogue at once.

A catalogue says the same few things over and over. Its table keeps, for each rule, the distinct
requirements and which item has which; a match judges each distinct requirement once and spreads
the outcomes with NumPy. There is thus one reading of every rule, for one item and for thousands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.policies import Policy
from domain.products import Product
from matching.rules import POLICY_RULES, PRODUCT_RULES, Offer, Outcome, Rule
from matching.situation import Range, Situation

Outcomes = NDArray[np.uint8]

_ALL_WANTED = frozenset({"qualifications_all"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that fails: what it needs and what the company or request has, as JSON values."""

    condition: str
    needs: Any
    has: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conditions that an item asks for, by outcome and in the order of the rules."""

    met: tuple[str, ...]
    open: tuple[str, ...]
    failed: tuple[Failure, ...]


def rules_for(item: Offer) -> tuple[Rule, ...]:
    return PRODUCT_RULES if isinstance(item, Product) else POLICY_RULES


def judge(item: Offer, at: Situation) -> Verdict:
    """The verdict on one item; whether it is on offer is not looked at."""
    names: dict[Outcome, list[str]] = {outcome: [] for outcome in Outcome}
    failures: list[Failure] = []
    for rule in rules_for(item):
        needs = rule.requirement(item)
        outcome = Outcome.NOT_ASKED if needs is None else rule.judge(needs, at)
        names[outcome].append(rule.name)
        if outcome is Outcome.FAILED:
            failures.append(Failure(rule.name, as_json(needs), as_json(rule.has(at))))
    return Verdict(tuple(names[Outcome.MET]), tuple(names[Outcome.OPEN]), tuple(failures))


def as_json(value: Any) -> Any:
    """A requirement or fact as JSON: ranges as `{"min", "max"}`, sets in fixed order, rates as numbers."""
    if isinstance(value, Range):
        return {"min": value.low, "max": value.high}
    if isinstance(value, Decimal | Fraction):
        return round(float(value), 4)
    if isinstance(value, frozenset):
        return sorted(str(member) for member in value)
    if isinstance(value, tuple):
        return [str(member) for member in value]
    return str(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class _Column:
    """One rule's distinct requirements (the first is None: not asked) and each item's place among them."""

    rule: Rule
    requirements: tuple[Any, ...]
    places: NDArray[np.int32]

    @property
    def asked(self) -> bool:
        return len(self.requirements) > 1

    def outcomes(self, at: Situation) -> Outcomes:
        """One for each distinct requirement."""
        judged = (self.rule.judge(needs, at) for needs in self.requirements[1:])
        return np.fromiter((Outcome.NOT_ASKED, *judged), dtype=np.uint8, count=len(self.requirements))

    def judge(self, at: Situation) -> Outcomes:
        spread: Outcomes = self.outcomes(at)[self.places]
        return spread


@dataclass(frozen=True, slots=True)
class _ListColumn(_Column):
    """A column whose requirements are lists: the rule judges each distinct member, alone in a list.

    Lists differ by the thousand, their members by the dozen. A list of which one is enough is as good as its
    best member, one of which all are wanted as bad as its worst. `members` has the lists one after the
    other, as places in `alone`; `starts` says where each begins.
    """

    alone: tuple[tuple[Any, ...], ...]
    members: NDArray[np.int32]
    starts: NDArray[np.intp]

    def outcomes(self, at: Situation) -> Outcomes:
        judged = [self.rule.judge(member, at) for member in self.alone]
        by_member = np.asarray(judged, dtype=np.uint8)[self.members]
        together = np.maximum if self.rule.name in _ALL_WANTED else np.minimum
        outcomes: Outcomes = np.empty(len(self.requirements), dtype=np.uint8)
        outcomes[0] = Outcome.NOT_ASKED
        outcomes[1:] = together.reduceat(by_member, self.starts)
        return outcomes


def _column(rule: Rule, items: Iterable[Offer]) -> _Column:
    known: dict[Any, int] = {None: 0}
    found = [known.setdefault(rule.requirement(item), len(known)) for item in items]
    places = np.asarray(found, dtype=np.int32)
    requirements = tuple(known)
    lists = requirements[1:]
    if not lists or not all(type(needs) is tuple for needs in lists):
        return _Column(rule, requirements, places)
    alone: dict[Any, int] = {}
    members = [alone.setdefault(member, len(alone)) for needs in lists for member in needs]
    return _ListColumn(
        rule,
        requirements,
        places,
        tuple((member,) for member in alone),
        np.asarray(members, dtype=np.int32),
        np.cumsum([0, *map(len, lists[:-1])], dtype=np.intp),
    )


class EligibilityTable:
    """The compiled requirements and validities of items of one kind; never changed once built."""

    def __init__(self, items: Sequence[Product] | Sequence[Policy], rules: tuple[Rule, ...]) -> None:
        self._size = len(items)
        self._columns = tuple(_column(rule, items) for rule in rules)
        spans = [_validity(item) for item in items]
        self._from = np.asarray([first.toordinal() for first, _ in spans], dtype=np.int64)
        self._to = np.asarray([last.toordinal() for _, last in spans], dtype=np.int64)

    def on_offer(self, day: date) -> NDArray[np.bool_]:
        ordinal = day.toordinal()
        valid: NDArray[np.bool_] = (self._from <= ordinal) & (ordinal <= self._to)
        return valid

    def judge(self, at: Situation) -> Outcomes:
        """Outcomes in the shape (rules, items)."""
        outcomes = np.zeros((len(self._columns), self._size), dtype=np.uint8)
        for row, column in enumerate(self._columns):
            if column.asked:
                outcomes[row] = column.judge(at)
        return outcomes

    def opened(self, was: Situation, is_now: Situation, day: date) -> list[int]:
        """The items on offer that fail something in the one situation and nothing in the other.

        Mostly there are none, which the distinct requirements tell alone.
        """
        pairs = [(column.outcomes(was), column.outcomes(is_now)) for column in self._columns if column.asked]
        if not any(((before == Outcome.FAILED) & (now != Outcome.FAILED)).any() for before, now in pairs):
            return []
        failed = [(self.judge(at) == Outcome.FAILED).any(axis=0) for at in (was, is_now)]
        opened: list[int] = np.flatnonzero(failed[0] & ~failed[1] & self.on_offer(day)).tolist()
        return opened


def _validity(item: Offer) -> tuple[date, date]:
    first, last = (
        (item.valid_from, item.valid_to) if isinstance(item, Product) else (item.published, item.deadline)
    )
    return first or date.min, last or date.max
