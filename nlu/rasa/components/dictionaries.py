"""The word lists under `dictionaries/`, one file a kind, read once.

A line is `value<TAB>word word …`; a word may be a regular expression. Lines that begin with `#` are comments.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "dictionaries"


@cache
def entries(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """All lines of a list: a value and the words that mean it."""
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return tuple((value, tuple(words.split())) for value, _, words in pairs)


@cache
def patterns(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each line as one pattern that prefers its longest words."""
    return tuple(
        (value, re.compile("|".join(sorted(words, key=len, reverse=True)))) for value, words in entries(name)
    )


@cache
def names(name: str) -> tuple[dict[str, str], re.Pattern[str]]:
    """For plain names: from each lower-case writing to the catalogue's, and one pattern over all writings."""
    writings = {word.lower(): value for value, words in entries(name) for word in (value, *words)}
    longest_first = sorted(writings, key=len, reverse=True)
    return writings, re.compile("|".join(map(re.escape, longest_first)))
