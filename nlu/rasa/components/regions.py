"""Where: `region`, the six-digit code of the narrowest place named, from the table of GB/T 2260."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.dictionaries import names
from components.spans import Span

TABLE = Path(__file__).parent.parent.parent.parent / "reference" / "regions.csv"
SUFFIX = re.compile(r"(?:自治[区州县旗]|特别行政区|[省市区县州盟旗])$")
MUNICIPALITIES = ("11", "12", "31", "50")
# Between the parts of one place: 「江苏省的昆山」, 「苏州市 吴中区」.
GLUE = re.compile(r"[的 ,，省市]?$")
# What follows and shows that the word was no place: 「平安银行」, 「东方大厦」, 「苏州路」.
NO_PLACE_BEHIND = re.compile(r"^(?:银行|保险|证券|路\d|大道|牌|人寿|菜(?!场|市)|面馆|拉面|小吃|话|口味|火锅)")


@dataclass(frozen=True)
class Place:
    start: int
    end: int
    codes: tuple[str, ...]


@cache
def _table() -> tuple[dict[str, tuple[str, ...]], int]:
    """Every writing with its codes, and the length of the longest writing."""
    codes: dict[str, list[str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in {row["name"], *filter(None, row["aliases"].split("|"))}:
                codes.setdefault(name.lower(), []).append(row["code"])
    traps = names("place_traps")[0]
    kept = {
        name: tuple(sorted(found)) for name, found in codes.items() if len(name) > 1 and name not in traps
    }
    return kept, max(map(len, kept))


def find_regions(text: str) -> Iterator[Span]:
    """One span a place; a city and its district written together are one place, the district."""
    for place in _merge(text, list(_mentions(text))):
        code = _choose(place.codes)
        if code and not NO_PLACE_BEHIND.match(text[place.end : place.end + 4]):
            yield Span("region", place.start, place.end, code)


def _mentions(text: str) -> Iterator[Place]:
    table, longest = _table()
    start = 0
    while start < len(text):
        for length in range(min(longest, len(text) - start), 1, -1):
            found = table.get(text[start : start + length])
            if found:
                yield Place(start, start + length, found)
                start += length - 1
                break
        start += 1


def _merge(text: str, places: list[Place]) -> list[Place]:
    merged: list[Place] = []
    for place in places:
        last = merged[-1] if merged else None
        inside = [code for code in place.codes if last and any(_within(code, outer) for outer in last.codes)]
        gap = text[last.end : place.start] if last else ""
        if last and inside and len(gap) <= 1 and GLUE.fullmatch(gap):
            merged[-1] = Place(last.start, place.end, tuple(inside))
        else:
            known = [
                code
                for code in place.codes
                if any(_within(code, outer) for p in places if p is not place for outer in p.codes)
            ]
            merged.append(Place(place.start, place.end, tuple(known) or place.codes))
    return merged


def _within(code: str, outer: str) -> bool:
    """Whether a code lies in a wider one: 320583 in 320500 and in 320000."""
    return code != outer and code.startswith(outer.removesuffix("00").removesuffix("00"))


def _choose(codes: tuple[str, ...]) -> str | None:
    """Of several places of one name the widest level, if it has only one; else none is certain."""
    for level in ("0000", "00", ""):
        found = [code for code in codes if code.endswith(level)]
        if found:
            if len(found) == 1:
                return _municipality(found[0])
            return next((code for code in found if code in PROMINENT), None)
    return None


def _municipality(code: str) -> str:
    return f"{code[:2]}0000" if code[:2] in MUNICIPALITIES and code.endswith("00") else code


# Names of several districts of which everybody means one.
PROMINENT = frozenset({"110105", "310115", "440305", "110108", "310104", "120101"})
