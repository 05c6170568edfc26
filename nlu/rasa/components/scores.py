"""How the service is judged: `score`, 1 to 5."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.numerals import number
from components.spans import Span, before

GIVEN = re.compile(
    r"(?<![\d.十百千万零一二两三四五六七八九])(?P<number>[1-5一二两俩三仨四五])\s*(?:个|颗)?(?:星(?!期|级|酒店|宾馆|饭店|红旗|电子|手机|集团|供|代工|的?(?:单|货|订单|配套))|分(?!之|钟|期|店|公|成|厘|红|批|利|息|开|析|次|给|销|行|部|厂|钱|不剩|不差|不花|也没|都没|没|收不|收回|以内|以下|地|货|校|局|[一二三四五六七八九\d]))(?:好评|差评)?"
)
NAMED = re.compile(
    r"(?:评分|打分|满意度|评价|星级|服务分|评|打)(?:给|是|为|打|:|\s)*(?P<number>[1-5一二两三四五])(?=$|[,，。!！\s吧])"
)
FULL = re.compile(r"(?<!十分)(?<!百分)(?<!\d分)满分|全五星|满星")
NO_SCORE = re.compile(r"(?:月息|年息|利息|利率|利|日息|信用|点|占|股|信用评|地|再|百|万|千|供应?)$")
NAME_OF_FIRM = re.compile(r"(?:给|为|跟|和|与)三星(?!好评|吧|了|$|[,，。])")


def find_scores(text: str) -> Iterator[Span]:
    for match in [*GIVEN.finditer(text), *NAMED.finditer(text)]:
        value = number(match["number"])
        if value and not _is_something_else(text, match):
            yield Span("score", match.start(), match.end(), int(value))
    for match in FULL.finditer(text):
        yield Span("score", match.start(), match.end(), 5)


def _is_something_else(text: str, match: re.Match[str]) -> bool:
    """Interest, a credit score, or the maker of telephones."""
    if NAME_OF_FIRM.match(text, max(0, match.start() - 1)):
        return True
    return bool(NO_SCORE.search(before(text, match.start())))
