"""How the encoder cuts a text: into the likeliest pieces of its vocabulary (SentencePiece, unigram)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BLANK = "\u2581"
# What the encoder was trained to read before a short text that asks.
_PREFIX = "query: "
# So much less likely than the rarest piece is a sign that is in none; SentencePiece's own figure.
_UNKNOWN_PENALTY = 10.0
_NEVER = float("-inf")


@dataclass(frozen=True)
class Vocabulary:
    """`pieces`: each with its number and log-probability; `replacements` are made before, sign by sign."""

    pieces: dict[str, tuple[int, float]]
    replacements: dict[int, str]
    begin: int
    end: int
    unknown: int
    _longest: int = field(init=False)
    _unknown_score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_longest", max(map(len, self.pieces)))
        rarest = min(score for _, score in self.pieces.values())
        object.__setattr__(self, "_unknown_score", rarest - _UNKNOWN_PENALTY)

    def numbers(self, text: str, *, at_most: int) -> list[int]:
        """The pieces of a text that asks, with the signs of begin and end, at most `at_most` between."""
        written = re.sub(" {2,}", " ", (_PREFIX + text).translate(self.replacements))
        pieces = self._likeliest(_BLANK + written.replace(" ", _BLANK))
        return [self.begin, *pieces[:at_most], self.end]

    def _likeliest(self, text: str) -> list[int]:
        """Viterbi: for each position the best way to reach it, as (score, piece, where that piece begins)."""
        best = [(0.0, self.unknown, 0)] + [(_NEVER, self.unknown, 0)] * len(text)
        for start in range(len(text)):
            here = best[start][0]
            if here + self._unknown_score > best[start + 1][0]:
                best[start + 1] = (here + self._unknown_score, self.unknown, start)
            for stop in range(start + 1, min(len(text), start + self._longest) + 1):
                number, score = self.pieces.get(text[start:stop], (self.unknown, _NEVER))
                if here + score > best[stop][0]:
                    best[stop] = (here + score, number, start)
        return self._followed_back(best)

    def _followed_back(self, best: list[tuple[float, int, int]]) -> list[int]:
        found: list[int] = []
        position = len(best) - 1
        while position > 0:
            _, number, position = best[position]
            found.append(number)
        return found[::-1]
