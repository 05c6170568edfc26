"""Columns that are brought up to date hold what columns made anew would."""

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.company_feed import Stored
from matching.audience.columns import CODED, Columns, Dictionaries, joined

_USCCS = st.sampled_from([f"91320583MA1MABCD{letter}X" for letter in "0123456789ABCDEF"])
_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "region": st.sampled_from(["320583", "340111", "320500"]),
        "revenue": st.integers(0, 5),
        "qualifications": st.sampled_from([[], ["high_tech"], ["high_tech", "talent"]]),
        "overdue": st.booleans(),
    },
)
_CHANGES = st.dictionaries(_USCCS, st.none() | _FACTS, max_size=12)


def stored(known: dict[str, Any]) -> list[Stored]:
    return [
        Stored(uscc, None if facts is None else json.dumps(facts)) for uscc, facts in sorted(known.items())
    ]


def contents(columns: Columns) -> list[tuple[Any, ...]]:
    """The companies with what the codes stand for."""
    values = dict(columns.arrays)
    for fact in CODED:
        known = [getattr(facts, fact) for facts in columns.dictionaries[fact]._facts]
        values[fact] = np.asarray([str(known[code]) for code in values[fact]])
    return list(zip(*(values[name].tolist() for name in sorted(values)), strict=True))


@given(st.lists(_CHANGES, max_size=5))
def test_change_after_change_comes_to_the_same_as_all_at_once(history: list[dict[str, Any]]) -> None:
    dictionaries = Dictionaries()
    columns, known = Columns.none(dictionaries), dict[str, Any]()
    for changes in history:
        gone = [uscc for uscc, facts in changes.items() if facts is None]
        columns = columns.updated(Columns.of(dictionaries, stored(changes)), gone)
        known |= changes
    left = {uscc: facts for uscc, facts in known.items() if facts is not None}
    assert contents(columns) == contents(Columns.of(Dictionaries(), stored(left)))


@given(_CHANGES, _CHANGES)
def test_portions_are_put_in_order(some: dict[str, Any], others: dict[str, Any]) -> None:
    others = {uscc: facts for uscc, facts in others.items() if uscc not in some}
    dictionaries = Dictionaries()
    portions = [Columns.of(dictionaries, stored(part)) for part in (some, others)]
    assert contents(joined(portions)) == contents(Columns.of(dictionaries, stored(some | others)))


def test_who_reads_the_old_state_reads_on() -> None:
    dictionaries = Dictionaries()
    before = Columns.of(dictionaries, stored({"9" * 18: {"revenue": 1}}))
    held = {fact: array.copy() for fact, array in before.arrays.items()}
    before.updated(Columns.of(dictionaries, stored({"9" * 18: {"revenue": 2}})), [])
    assert all(np.array_equal(before.arrays[fact], held[fact]) for fact in held)
