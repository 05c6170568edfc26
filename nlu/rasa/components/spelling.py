"""Key words that were written by their sound: 「抵呀」 is 抵押, 「房残证」 房产证, 「专精特薪」 专精特新.

A stretch of the text is mended when it sounds like a key word of `keywords.tsv` (tones do not count, nor
zh/z, ch/c, sh/s and -ng/-n), shares at least half of its characters, and is cut by the tokenizer into pieces
that end where it ends: 「低压电器」 and 「高薪」 are words themselves and stay.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import jieba

from components.dictionaries import entries

FLAT = re.compile(r"^([zcs])h|(?<=[aei])ng$")


@lru_cache(maxsize=64)
def cuts(text: str) -> frozenset[int]:
    """The positions between the tokenizer's words, both ends of the text included."""
    places = [0]
    for word in jieba.cut(text, HMM=False):
        places.append(places[-1] + len(word))
    return frozenset(places)


def mended(text: str) -> str:
    """The text with its misspelt key words put right, as long as it was."""
    start = 0
    while start < len(text) - 1:
        word = _meant(text, start)
        if word:
            text = text[:start] + word + text[start + len(word) :]
        start += len(word or " ")
    return text


def _meant(text: str, start: int) -> str | None:
    """The longest key word that is meant, or written, at a position."""
    words = _words_by_sign().get(text[start], ())
    right = next((word for word in words if text.startswith(word, start)), "")
    for word in words:
        written = text[start : start + len(word)]
        if word == right:
            break
        if (
            word.startswith(right)
            and _sound_alike(written, word)
            and _is_misspelt(text, start, written, word)
        ):
            return word
    return right or None


def _sound_alike(written: str, word: str) -> bool:
    sounds = _sounds()
    return len(written) == len(word) and all(
        a == b or not sounds.get(a, _SILENT).isdisjoint(sounds.get(b, _SILENT))
        for a, b in zip(written, word)  # noqa: B905 - of one length
    )


def _is_misspelt(text: str, start: int, written: str, word: str) -> bool:
    same = sum(a == b for a, b in zip(written, word))  # noqa: B905 - of one length
    places, end = cuts(text), start + len(word)
    inside = any(start < place < end for place in places)
    return 2 * same >= len(word) and inside and start in places and end in places


_SILENT: frozenset[str] = frozenset()


@cache
def _sounds() -> dict[str, frozenset[str]]:
    """Each character's readings, with the sounds flattened that keyboards and dialects confuse."""
    sounds: dict[str, set[str]] = {}
    for reading, (signs,) in entries("readings"):
        for sign in signs:
            sounds.setdefault(sign, set()).add(FLAT.sub(lambda found: found[1] or "n", reading))
    return {sign: frozenset(found) for sign, found in sounds.items()}


@cache
def _words_by_sign() -> dict[str, tuple[str, ...]]:
    """For every character the key words that may begin with it by sound, the longest first."""
    sounds = _sounds()
    words = sorted({word for _, found in entries("keywords") for word in found}, key=lambda word: -len(word))
    starts: dict[str, set[str]] = {}
    for sign, readings in sounds.items():
        for reading in readings:
            starts.setdefault(reading, set()).add(sign)
    table: dict[str, list[str]] = {}
    for word in words:
        alike = {sign for reading in sounds.get(word[0], _SILENT) for sign in starts[reading]}
        for sign in alike | {word[0]}:
            table.setdefault(sign, []).append(word)
    return {sign: tuple(found) for sign, found in table.items()}
