# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Numbers that carry a check character: `uscc`, `id_number`, and `phone`.

Two small check sums stand here rather than python-stdnum, which Rasa's environment would need for this alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from components.spans import Span

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
ID_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
ID_CHECK = "10X98765432"

# Groups of four or so, as people copy them from a licence.
EIGHTEEN = re.compile(r"(?<![0-9a-z])[0-9a-z](?:[ -]?[0-9a-z]){17}(?![0-9a-z])")
PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|1[3-9]\d{2}[ -]?\d{3}[ -]?\d{4})(?!\d)"
)
SPOKEN_PHONE = re.compile(
    r"(?<![一二三四五六七八九零幺])[一幺](?:[零〇一幺二三四五六七八九][ -]?){10}(?![一二三四五六七八九零幺十百千万])"
)
SPOKEN = str.maketrans("零〇一幺二三四五六七八九", "001123456789")


def find_identifiers(text: str) -> Iterator[Span]:
    """All three kinds; `text` is in lower case and half-width."""
    for match in EIGHTEEN.finditer(text):
        plain = re.sub(r"[ -]", "", match[0]).upper()
        if id_holds(plain):
            yield Span("id_number", match.start(), match.end(), plain)
        elif uscc_holds(plain):
            yield Span("uscc", match.start(), match.end(), plain)
    for match in PHONE.finditer(text):
        yield Span("phone", match.start(), match.end(), re.sub(r"\D", "", match[1]))
    for match in SPOKEN_PHONE.finditer(text):
        yield Span("phone", match.start(), match.end(), re.sub(r"\D", "", match[0].translate(SPOKEN)))


def uscc_holds(code: str) -> bool:
    """GB 32100-2015: thirty-one signs, weights 3^i, the sum a multiple of 31."""
    if any(sign not in ALPHABET for sign in code) or code[0] not in "123456789AYN":
        return False
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(code, USCC_WEIGHTS))  # noqa: B905 - the 18th is the check
    return ALPHABET[-total % 31] == code[17]


def id_holds(code: str) -> bool:
    """GB 11643-1999: a real date of birth, weights 2^(17-i), the check sign of the sum's remainder by 11."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", code):
        return False
    try:
        date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    total = sum(int(sign) * weight for sign, weight in zip(code, ID_WEIGHTS))  # noqa: B905 - the 18th is the check
    return ID_CHECK[total % 11] == code[17]
