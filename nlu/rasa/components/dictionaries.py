"""The word lists under `dictionaries/`, one file a kind, read once.

A line is `value<TAB>word word …`; a word may be a regular expression. Lines that begin with `#` are
comments, and several lines may have one value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "dictionaries"


@dataclass(frozen=True)
class Word:
    start: int
    end: int
    value: str


@dataclass(frozen=True)
class Lexicon:
    """Many words looked up at once: plain ones by their first two signs, the few patterns in turn."""

    plain: dict[str, str]
    lengths: dict[str, tuple[int, ...]]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def find(self, text: str) -> Iterator[Word]:
        """All words of a text, at each position the longest plain one."""
        for start in range(len(text)):
            for length in self.lengths.get(text[start : start + 2], ()):
                word = text[start : start + length]
                if word in self.plain:
                    yield Word(start, start + len(word), self.plain[word])
                    break
        for value, pattern in self.patterns:
            for match in pattern.finditer(text):
                yield Word(match.start(), match.end(), value)


@cache
def entries(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """All lines of a list, those of one value joined: a value and the words that mean it."""
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            value, _, words = line.partition("\t")
            found.setdefault(value, []).extend(words.split())
    return tuple((value, tuple(words)) for value, words in found.items())


@cache
def patterns(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each value as one pattern that prefers its longest words."""
    return tuple((value, _any_of(words)) for value, words in entries(name))


@cache
def names(name: str) -> tuple[dict[str, str], re.Pattern[str]]:
    """For plain names: from each lower-case writing to the catalogue's, and one pattern over all writings."""
    writings = {word.lower(): value for value, words in entries(name) for word in (value, *words)}
    longest_first = sorted(writings, key=len, reverse=True)
    return writings, re.compile("|".join(map(re.escape, longest_first)))


@cache
def lexicon(name: str) -> Lexicon:
    """A list for quick look-up, where it has too many words for one pattern."""
    plain: dict[str, str] = {}
    lengths: dict[str, set[int]] = {}
    written: list[tuple[str, re.Pattern[str]]] = []
    for value, words in entries(name):
        rules = [word for word in words if re.escape(word) != word]
        if rules:
            written.append((value, _any_of(tuple(rules))))
        for word in words:
            if word not in rules:
                plain[word] = value
                lengths.setdefault(word[:2], set()).add(len(word))
    by_start = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
    return Lexicon(plain, by_start, tuple(written))


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(words, key=len, reverse=True)))
