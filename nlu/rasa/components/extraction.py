"""All extractors in their order: `text → spans`, with every overlap settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from components.amounts import find_amounts
from components.denial import without_denied
from components.firm_facts import find_founded
from components.heads import find_employees
from components.identifiers import find_identifiers
from components.industries import find_industries
from components.moments import find_moments
from components.numerals import without_long_rows
from components.proper_names import (
    find_companies,
    find_listed,
    find_people,
    find_policies,
    find_qualifications,
)
from components.purposes import find_purposes
from components.rates import find_rates
from components.regions import find_regions
from components.scores import find_scores
from components.securities import find_collaterals, find_guarantees
from components.slips import mend
from components.spans import Span
from components.terms import find_terms
from components.writing import normalise

ZONE = ZoneInfo("Asia/Shanghai")
# What an owner says in one message stands in this many characters; the rest is pasted text.
LONGEST = 2000
# These say two things with the same words: 「房抵」, 「股权质押」, 「还农行的贷款」.
SHARED = frozenset({frozenset({"collateral", "guarantee"}), frozenset({"institution", "purpose"})})


def find_all(text: str, now: datetime | None = None) -> list[Span]:
    """Every fact in a message, by position. `now` is the moment against which relative times are read."""
    moment = (now or datetime.now(ZONE)).astimezone(ZONE)
    written = text[:LONGEST]
    plain = mend(without_long_rows(normalise(written)))
    kept: list[Span] = []
    for group in _in_order(plain, moment):
        found = sorted(
            dict.fromkeys(group), key=lambda span: (span.start - span.end, span.start, span.role or "")
        )
        for span in found:
            if not any(_in_the_way(span, other) for other in kept):
                kept.append(span)
    named = [_as_written(span, written) for span in without_denied(plain, kept)]
    return sorted(named, key=lambda span: (span.start, span.end, span.role == "max"))


def _in_order(text: str, now: datetime) -> Iterator[Iterable[Span]]:
    """Groups of spans, the most certain first; within a group the longer span wins."""
    simple: tuple[Callable[[str], Iterable[Span]], ...] = (
        find_identifiers,
        find_companies,
        find_policies,
        find_listed,
        find_regions,
    )
    for extract in simple:
        yield extract(text)
    yield find_moments(text, now)
    yield find_founded(text, now.date())
    yield find_employees(text)
    rest: tuple[Callable[[str], Iterator[Span]], ...] = (
        find_rates,
        find_amounts,
        find_terms,
        find_scores,
        find_people,
        find_qualifications,
        find_purposes,
    )
    for extract in rest:
        yield extract(text)
    yield [*find_guarantees(text), *find_collaterals(text)]
    yield find_industries(text)


def _in_the_way(span: Span, other: Span) -> bool:
    if not span.overlaps(other):
        return False
    two_ends = span.entity == other.entity and (span.start, span.end) == (other.start, other.end)
    if two_ends and {span.role, other.role} == {"min", "max"}:
        return False
    return frozenset({span.entity, other.entity}) not in SHARED


def _as_written(span: Span, text: str) -> Span:
    """Names keep the writing of the person, which normalising has put into small letters."""
    if span.entity in {"company", "person", "policy"}:
        return Span(span.entity, span.start, span.end, text[span.start : span.end].strip())
    return span
