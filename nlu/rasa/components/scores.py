"""How the service is judged: `score`, 1 to 5."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.numerals import number
from components.spans import Span, before

GIVEN = re.compile(
    r"(?<![\d.十百千万零一二两三四五六七八九])(?P<number>[1-5一二两三四五])\s*(?:个|颗)?(?:星(?!期)|分(?!之|钟|期|店|公|成|厘|红|批|利|息|开|析|次|给|销|行|部|厂|[一二三四五六七八九]))(?:好评|差评)?"
)
FULL = re.compile(r"满分|全五星")
NO_SCORE = re.compile(r"(?:月息|年息|利息|利率|利|日息|信用|点|占|股|评|地|再)$")


def find_scores(text: str) -> Iterator[Span]:
    for match in GIVEN.finditer(text):
        value = number(match["number"])
        if value and not NO_SCORE.search(before(text, match.start())):
            yield Span("score", match.start(), match.end(), int(value))
    for match in FULL.finditer(text):
        yield Span("score", match.start(), match.end(), 5)
