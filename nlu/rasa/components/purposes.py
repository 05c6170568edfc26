# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""What the money is for: `purpose`, by a phrase of `purposes.tsv` or by what is bought or built (`purchases.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.dictionaries import patterns
from components.industries import find_industries
from components.purchases import Side, find_purchases
from components.spans import Span, after, before

# The wages or the work that a person speaks of as a condition of life, not as what the money is for.
OWING = re.compile(r"(?:贷款|公司|老板|一年|每月|月|扣|打卡)$")
NO_PURPOSE_BEHIND = re.compile(
    r"^(?:[押抵质]|没结束|收得|公司|贷款?的?(?:产品|利息|条件)|厂家|企业(?!的)|补贴|贴息|奖补|补助|店(?!里|面)|队|工程队|流水|加计|站|的(?:公司|厂|店)|证明|合同|发票|记录|(?:都|又|也|全)?(?:掉了|少了|没了|黄了|取消|砍|停了|丢了|跑了|缩水|下滑|减少|锐减|不稳|被取消|不多|少|不好))"
)
# 「搞装修的」 names a trade.
TRADES = {"装修", "装潢", "过桥", "打样", "研发", "打广告", "做广告", "土建"}
# 「资金紧，借点钱发工资」: the state of the till counts only where nothing says what the money is for.
SHORT_OF_MONEY = re.compile(
    r"^(?:应急|救急|春耕|备耕|打药|施肥|资金(?:紧|链|缺口)|现金流|周转|资金周转|回款|账期|流动资金|压款|头寸|账上没钱|手头紧)"
)
DOING = re.compile(r"(?:做|搞|干|从事|主营)(?:点|的|室内|家庭|门店)?$")
NOT_WANTED = re.compile(
    r"(?<![能要想可需差])(?:不|别|不用|不想|不打算|不需要|不准备)(?:再|去|用来|是|拿来|打算)?$"
)
# Material and its price, where an order is what the money is for.
OF_AN_ORDER = re.compile(r"备料|材料款|料款|料钱|材料费|还没[买进备订]")
# 「没全交社保」, 「都交了社保」 tell of the firm.
PAID = re.compile(r"(?:没|未|没全|都|全部|全)$")
YEARLY = re.compile(r"(?:去年|前年|每年|一年|上年|全年|年|每月|今年)(?:度|就|也|总共|一共|大概)*$")
FIGURE = re.compile(
    r"(?:了|有|大概|差不多|额)*[一二两三四五六七八九十几百\d]|多|少|能|算|正常|[吗么]|等级|记录|额|证明|信用|大户"
)
TEAM = re.compile(
    r"(?:人员(?!工资|的工资)|团队|中心|部|能力|工程师|占|费用?占|投入占|投入[一二两三四五六七八九十\d])"
)
GOING_TO_COST = re.compile(r"^(?:的|这块|上|阶段)*(?:要|需|烧|投|缺|差|没|资金|费|花|,|，)")
DEALING = re.compile(r"卖(?!了|出|掉|得|不|到)|零售|批发|开店")


def find_purposes(text: str) -> Iterator[Span]:
    """All purposes; where two meet the longer one stays, of equals the one listed first."""
    trades = find_industries(text)
    spans = [*_phrases(text), *find_purchases(text, _side(text, trades))]
    spans = [span for span in spans if not any(_is_trade(text, span, trade) for trade in trades)]
    spans = _without_general(text, spans)
    named = [span for span in spans if not SHORT_OF_MONEY.search(text[span.start : span.end])]
    yield from named or spans


def _without_general(text: str, spans: list[Span]) -> list[Span]:
    """What is denied goes, an order from abroad stands for the order, an order for the making ready of material."""
    kept = [span for span in spans if not NOT_WANTED.search(before(text, span.start))]
    values = {span.value for span in kept}
    if "export" in values:
        kept = [span for span in kept if span.value != "order_prefinance"]
    if values & {"export", "order_prefinance"}:
        kept = [span for span in kept if not _is_of_an_order(text, span)]
    return kept


def _is_of_an_order(text: str, span: Span) -> bool:
    material = span.value not in {"export", "order_prefinance"}
    return material and bool(OF_AN_ORDER.search(text[max(0, span.start - 1) : span.end]))


def _side(text: str, trades: tuple[Span, ...]) -> Side:
    letters = {trade.value for trade in trades}
    if "F" in letters or DEALING.search(text):
        return "sells"
    return "makes" if letters else "unknown"


def _is_trade(text: str, span: Span, trade: Span) -> bool:
    """「加油站」, 「新药研发」: the words name a trade, unless they are said to cost money."""
    inside = trade.start <= span.start and span.end <= trade.end
    longer = trade.end - trade.start > span.end - span.start
    return inside and longer and not GOING_TO_COST.match(after(text, trade.end))


def _phrases(text: str) -> Iterator[Span]:
    for value, pattern in patterns("purposes"):
        for match in pattern.finditer(text):
            if NO_PURPOSE_BEHIND.match(after(text, match.end())):
                continue
            if match[0] == "工资" and OWING.search(before(text, match.start())):
                continue
            if _is_fact(text, match):
                continue
            if match[0] in TRADES and DOING.search(before(text, match.start())):
                continue
            yield Span("purpose", match.start(), match.end(), value)


def _is_fact(text: str, match: re.Match[str]) -> bool:
    """「去年交税二十八万」, 「研发人员七十名」: a figure of the firm, not what the money is for."""
    left, right = before(text, match.start(), 8), after(text, match.end())
    if "社保" in match[0] and match[0][0] in "交缴" and PAID.search(left):
        return True
    if re.search(r"保证金|社保", match[0]) and re.match(r"[吗么]|会影响|不$", right):
        return True
    if "税" in match[0]:
        return bool(
            YEARLY.search(left) or FIGURE.match(right) or re.search(r"(?:没有?|无|不|在[^,，。]{1,5})$", left)
        )
    return match[0].startswith("研发") and bool(TEAM.match(right) or re.search(r"(?:年|每年|年均)$", left))
