"""What the money is for: `purpose`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.dictionaries import patterns
from components.spans import Span, after, before

# The wages or the work that a person speaks of as a condition of life, not as what the money is for.
OWING = re.compile(r"(?:贷款|公司|老板|一年|每月|月)$")
NO_PURPOSE_BEHIND = re.compile(
    r"^(?:公司|贷款?的?(?:产品|利息|条件)|厂家|企业(?!的)|补贴|贴息|奖补|补助|店(?!里|面)|队|工程队|流水)"
)


# 「搞装修的」 names a trade.
TRADES = {"装修", "装潢", "过桥", "打样"}
# 「资金紧，借点钱发工资」: the state of the till counts only where nothing says what the money is for.
SHORT_OF_MONEY = re.compile(r"^(?:资金(?:紧|链|缺口)|现金流)")
DOING = re.compile(r"(?:做|搞|干)$")


def find_purposes(text: str) -> Iterator[Span]:
    """All purposes; where two meet the longer one stays, of equals the one listed first."""
    spans = list(_all_purposes(text))
    named = [span for span in spans if not SHORT_OF_MONEY.search(text[span.start : span.end])]
    yield from named or spans


def _all_purposes(text: str) -> Iterator[Span]:
    for value, pattern in patterns("purposes"):
        for match in pattern.finditer(text):
            if NO_PURPOSE_BEHIND.match(after(text, match.end())):
                continue
            if match[0] == "工资" and OWING.search(before(text, match.start())):
                continue
            if match[0] in TRADES and DOING.search(before(text, match.start())):
                continue
            yield Span("purpose", match.start(), match.end(), value)
