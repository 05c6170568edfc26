"""Which sum is meant as what: the money asked for, the year's sales, or neither.

The nearest word that says what a sum stands for decides; a sum without any is what the person wants, unless
another sum of the message is asked for in so many words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from components import money_words as words
from components.denial import is_denied
from components.money import find_money
from components.quantities import Quantity
from components.spans import CLAUSE_END, Span, after, alone, before

MONTHS = 12
# How far before a sum its clause is read.
REACH = 24


class Wish(IntEnum):
    """How plainly a sum is asked for."""

    NONE = 0
    SILENT = 1
    WANTED = 2
    ASKED = 3


@dataclass(frozen=True)
class Meaning:
    """What a sum is: wished for, the sales of a year or of a month, or (neither) something else."""

    wish: Wish = Wish.NONE
    sales: bool = False


SOMETHING_ELSE = Meaning()
SALES = Meaning(sales=True)
ASKED = Meaning(Wish.ASKED)


def _anywhere(pattern: str) -> re.Pattern[str]:
    """The same pattern at every place, also inside what it matched before; the words are group 1."""
    return re.compile(f"(?=({pattern}))")


CUES = (
    (_anywhere(words.STRONG), ASKED),
    (_anywhere(words.WANT), Meaning(Wish.WANTED)),
    (_anywhere(words.SALES), SALES),
    (_anywhere(words.OTHER), SOMETHING_ELSE),
)
DEBT = _anywhere(words.DEBT)


def find_amounts(text: str) -> Iterator[Span]:
    """`amount` and `revenue`, in yuan."""
    read = list(_meanings(text))
    plainest = max((meaning.wish for item, meaning in read if not _taken_back(text, item)), default=Wish.NONE)
    last = max((item.start for item, meaning in read if meaning.wish == plainest), default=0)
    for item, meaning in read:
        outdone = meaning.wish < plainest and not (item.start > last and _answers(text, item))
        if meaning.wish and not outdone:
            for value, role in item.ends():
                yield Span("amount", item.start, item.end, int(value), role)
        elif item.low > 0 and _is_sold(text, item, meaning):
            factor = MONTHS if words.MONTHLY.search(before(text, item.start)) else 1
            yield Span("revenue", item.start, item.end, int(item.low * factor))


def _is_sold(text: str, item: Quantity, meaning: Meaning) -> bool:
    """The sales of a year; beside a plainer wish also what only 「一年」 is said of."""
    return meaning.sales or bool(meaning.wish and words.BY_YEAR.search(before(text, item.start)))


def _taken_back(text: str, item: Quantity) -> bool:
    return is_denied(text, Span("amount", item.start, item.end, int(item.low), item.role))


def _answers(text: str, item: Quantity) -> bool:
    """A sum alone in its clause, a bound or a range goes on with what was asked for: 「最多80万」."""
    return bool(item.role) or item.low < item.high or alone(text, item.start, item.end)


def _meanings(text: str) -> Iterator[tuple[Quantity, Meaning]]:
    last, end = None, 0
    for item in find_money(text):
        meaning = _meaning(text, item, text[end : item.start], last)
        if item.low <= Decimal(0) and not _is_wish(text, item, meaning):
            meaning = SOMETHING_ELSE
        yield item, meaning
        last, end = meaning, item.end


def _is_wish(text: str, item: Quantity, meaning: Meaning) -> bool:
    """「0元」 is said of many things; only asked for in so many words, or alone, is it a wrong answer."""
    return meaning.wish >= Wish.WANTED or (bool(meaning.wish) and alone(text, item.start, item.end))


def _meaning(text: str, item: Quantity, gap: str, last: Meaning | None) -> Meaning:
    """`gap` is what stands between the sum before, which had the meaning `last`, and this one."""
    left = CLAUSE_END.split(gap[-REACH:])[-1]
    behind = _by_what_follows(text, item)
    if behind is ASKED and words.RUNNING_LOAN.search(left) and text[item.end] != "就":
        return _debt(text)
    if behind and not (behind is SOMETHING_ELSE and words.GOODS_BEHIND.match(text, item.end)):
        return behind
    meant = _by_what_goes_on(gap, last) or _by_what_precedes(text, item, left)
    if behind and not (meant.sales or meant.wish >= Wish.WANTED):
        return behind
    asked = meant.wish and words.WANTED_NEXT.match(after(text, item.end, 16))
    return ASKED if asked else meant


def _by_what_goes_on(gap: str, last: Meaning | None) -> Meaning | None:
    """What a further sum takes over from the sum before, or from a clause that named it."""
    if last and words.LINKED.match(gap):
        return last
    if last is SALES and words.ANOTHER_YEAR.match(gap):
        return SALES
    return SALES if words.SALES_BEFORE.search(gap[-REACH:]) else None


def _by_what_follows(text: str, item: Quantity) -> Meaning | None:
    right = after(text, item.end, 16)
    if words.THRESHOLD_BEHIND.match(text[item.end : item.end + 16]):
        return SOMETHING_ELSE
    if words.SALES_BEHIND.match(right):
        return SALES
    if words.WANTED_BEHIND.match(right):
        return ASKED
    if words.DEBT_BEHIND.match(right):
        return _debt(text)
    return SOMETHING_ELSE if words.OTHER_BEHIND.match(right) else None


def _by_what_precedes(text: str, item: Quantity, left: str) -> Meaning:
    nearest, best = (-1, 0), Meaning(Wish.SILENT)
    for pattern, meaning in (*CUES, (DEBT, _debt(text))):
        place = _last(pattern, left)
        if place > nearest:
            nearest, best = place, meaning
    if best is SALES and words.HYPOTHETICAL.search(left):
        return SOMETHING_ELSE
    if best.wish <= Wish.WANTED and words.REACHED.search(text[max(0, item.start - 40) : item.start]):
        return SALES
    if best.wish == Wish.SILENT and words.YEARLY.search(left) and not words.COST_OF_YEAR.search(left):
        return SALES
    if best.wish in {Wish.SILENT, Wish.WANTED} and _is_cost(text, item, left):
        return SOMETHING_ELSE
    if best.wish == Wish.SILENT and item.counted and not _is_money(text, item):
        return SOMETHING_ELSE
    return best


def _is_money(text: str, item: Quantity) -> bool:
    """「八十个」 alone is 80万; 「十五个左右，没全交社保」 counts something."""
    return alone(text, item.start, item.end) and not words.COUNTED_THINGS.search(text)


def _is_cost(text: str, item: Quantity, left: str) -> bool:
    named = words.COST.search(left) or words.PERIODIC.search(left) or words.PAID_IN_PARTS.search(text)
    return bool(named or words.NAMED_BEHIND.match(after(text, item.end)))


def _debt(text: str) -> Meaning:
    """A running loan is asked for again where it is to be renewed."""
    return ASKED if words.RENEWED.search(text) else SOMETHING_ELSE


def _last(pattern: re.Pattern[str], text: str) -> tuple[int, int]:
    """Where the last match ends, and its length: of two that end together the longer one counts."""
    return max(((match.end(1), len(match[1])) for match in pattern.finditer(text)), default=(-1, 0))
