"""Places named in a text, by the table of GB/T 2260 in `reference/regions.csv`."""

import csv
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

from nlu.understanding import Entity

_TABLE: Final = Path(__file__).resolve().parent.parent / "reference" / "regions.csv"
# The place at the head of a company's name says nothing about where the company works.
_COMPANY_NAME: Final = re.compile(r"[^，。！？、；,\s]{2,20}(?:有限|股份)")

# What ends the full name of a place; short names begin those of shops and streets as well.
_FULL_NAME: Final = re.compile(r"[省市区县旗州盟]$")

# Start, end, and the codes that the words may mean: many districts share a name.
_Found = tuple[int, int, frozenset[str]]


@cache
def _codes_by_name() -> tuple[dict[str, frozenset[str]], int]:
    """Codes by name and alias, and the length of the longest name."""
    codes: dict[str, set[str]] = defaultdict(set)
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in (row["name"], *row["aliases"].split("|")):
                codes[name].add(row["code"])
    codes.pop("", None)
    return {name: frozenset(found) for name, found in codes.items()}, max(map(len, codes))


def places(text: str) -> list[Entity]:
    """One entity a place; 「合肥包河区」 is one place, a name shared by several districts alone is none."""
    return [
        Entity("region", next(iter(codes)), start, end)
        for start, end, codes in _joined(text)
        if len(codes) == 1
    ]


def place_of_address(address: str) -> Entity | None:
    """The place that an address lies in; None where it names none for certain.

    Streets, stops and shops bear names of places too (「中山路」「成都小吃」): a name counts in its full
    form, below another (「苏州昆山」), or alone. Of several the one that is told most fully.
    """
    names, _ = _codes_by_name()
    certain = []
    for place in places(address):
        words = address[place.start : place.end]
        if _FULL_NAME.search(words) or words not in names or words == address.strip():
            certain.append(place)
    return max(certain, key=lambda place: place.end - place.start, default=None)


def _joined(text: str) -> list[_Found]:
    found: list[_Found] = []
    for start, end, codes in _named(text):
        if found and found[-1][1] == start:
            outer_start, _, outer = found[-1]
            inside = frozenset(code for code in codes if any(_contains(wide, code) for wide in outer))
            if inside:
                found[-1] = (outer_start, end, inside)
                continue
        found.append((start, end, codes))
    return found


def _named(text: str) -> list[_Found]:
    names, longest = _codes_by_name()
    found: list[_Found] = []
    start = 0
    while start < len(text):
        ends = range(min(len(text), start + longest), start + 1, -1)
        end = next((end for end in ends if text[start:end] in names), None)
        if end is None or _COMPANY_NAME.match(text, end):
            start += 1
        else:
            found.append((start, end, names[text[start:end]]))
            start = end
    return found


def _contains(outer: str, inner: str) -> bool:
    prefix = outer[:2] if outer.endswith("0000") else outer[:4] if outer.endswith("00") else outer
    return inner.startswith(prefix)
