# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Where: `region`, the six-digit code of the narrowest place named, from the table of GB/T 2260."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from components.dictionaries import entries
from components.proper_names import find_people
from components.spans import Span
from components.spelling import cuts

TABLE = Path(__file__).parent.parent.parent.parent / "reference" / "regions.csv"
SUFFIX = re.compile(r"(?:自治[区州县旗]|特别行政区|[省市区县州盟旗])$")
SHORT_NAME = 2
# Where one of these stands before it a name is a place, wherever the tokenizer cuts.
PLACE_BEFORE = re.compile(r"(?:在|位于|来自|地址:?|到|去|省|市|县|区)$")
MUNICIPALITIES = ("11", "12", "31", "50")
# Between the parts of one place: 「江苏省的昆山」, 「苏州市 吴中区」.
GLUE = re.compile(r"[的 ,，省市]?$")
# What follows and shows that the word was no place: 「平安银行」, 「东方大厦」, 「苏州路」.
NO_PLACE_BEHIND = re.compile(
    r"(?:银行|农商|保险|证券|大?街(?!道)|[东西南北中]?路(?![边口过上演由桥])|[东西南北中]?路上|大道|牌|人寿|菜(?!场|市|鸟|园|地|农)|面馆|拉面|小吃|话|口味|风味|火锅|小面|米粉|米线"
    r"|烤鸭|烤肉|烤鱼|烧烤|炒鸡|大盘鸡|黄焖鸡|板鸭|盐水鸭|鸭血|牛肉面|牛肉汤|羊肉|火腿|肉夹馍|臭豆腐|烧饼|煎饼|扒鸡|烧鸡|凉皮|热干面|汤包|灌汤包|料理|瓦罐|大闸蟹|龙井|普洱|白茶|陈醋|大众|线(?=的|[,，]|$|专)|汽车$|(?<=龙门)[铣吊架刨磨镗]|(?<=姑苏)人才|(?<=上高)[企新]|(?<=端午安康))"
)


@dataclass(frozen=True)
class Place:
    start: int
    end: int
    codes: tuple[str, ...]
    # Whether the name means the place without its city before it.
    lone: bool = True


@cache
def _table() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[int, ...]]]:
    """Every writing with its codes, and by its first two signs how long such writings are, the longest first."""
    codes: dict[str, list[str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in {row["name"], *filter(None, row["aliases"].split("|"))}:
                codes.setdefault(name.lower(), []).append(row["code"])
    for code, words in entries("places"):
        for name in words:
            codes[name] = [code]
    traps = {word for value, words in entries("place_traps") if value == "trap" for word in words}
    kept = {
        name: tuple(sorted(found)) for name, found in codes.items() if len(name) > 1 and name not in traps
    }
    lengths: dict[str, set[int]] = {}
    for name in kept:
        lengths.setdefault(name[:2], set()).add(len(name))
    return kept, {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


@lru_cache(maxsize=64)
def find_regions(text: str) -> tuple[Span, ...]:
    """One span a place; a city and its district written together are one place, the district.

    A trade may be told by its place (`trades.py`), so this is asked twice for a text.
    """
    return tuple(_regions(text))


def _regions(text: str) -> Iterator[Span]:
    people = list(find_people(text))
    for place in _merge(text, list(_mentions(text))):
        # 「陈秀英」 is not in 秀英; 「我是常州的」 is.
        named = any(span.start < place.start < span.end for span in people)
        code = None if named else _choose(place.codes)
        if code and not NO_PLACE_BEHIND.match(text, place.end):
            yield Span("region", place.start, place.end, code)


def _cut_through(text: str, place: Place) -> bool:
    """Whether a short name is only part of two words: 「铝合金门窗」 is not in 金门."""
    if place.end - place.start > SHORT_NAME:
        return False
    words = cuts(text)
    if {place.start, place.end} <= words or PLACE_BEFORE.search(text[max(0, place.start - 3) : place.start]):
        return False
    if place.start not in words or any(place.start < cut < place.end for cut in words):
        return True
    return text[place.end : place.end + 1] not in "人省市县区州城镇话港"


def _mentions(text: str) -> Iterator[Place]:
    table, lengths = _table()
    start = 0
    while start < len(text):
        for length in lengths.get(text[start : start + 2], ()):
            name = text[start : start + length]
            place = Place(start, start + len(name), table.get(name, ()), name not in _only_joined())
            if place.codes and not _cut_through(text, place):
                yield place
                start += len(name) - 1
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
            merged.append(Place(place.start, place.end, tuple(known) or place.codes, place.lone))
    return [place for place in merged if place.lone]


@cache
def _only_joined() -> frozenset[str]:
    return frozenset(word for value, words in entries("place_traps") if value == "joined" for word in words)


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
PROMINENT = frozenset(
    [
        "110105",
        "110108",
        "110112",
        "120101",
        "120102",
        "310104",
        "310105",
        "310107",
        "310113",
        "310115",
        "330106",
        "330225",
        "440111",
        "440115",
        "440305",
        "440309",
        "610116",
    ]
)
