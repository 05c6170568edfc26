# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""What the speaker's firm does: `industry`, the section letter of GB/T 4754-2017.

Words that touch are one trade, named by the last: 「皮具批发」 is wholesale, 「动漫设计」 design.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from components.spans import Span, after, before
from components.trades import Trade, deeds, find_trades

NO_TRADE_BEHIND = re.compile(
    r"^(?:公司)?(?:流片|的中标|的供(?:货|应)|的采购|的[^,，。]{1,3}单|那边|这边催|催|把|给我|给(?:停|贴|查|罚)|局|单|款|的?钱|贷(?!款?[,，。]|款?想)|费|税|保单|补贴|贴息|奖补|补助|奖励|可以?抵押|抵押|要抵押|的?订单|的?单子|的?货款|的?尾款|的?欠款|的?账(?!期)|收据|要的|用的?材料|报告|证书?|平台(?:欠|压)|招标|合同|押|欠|拖|大客户|中了?标|的标|里(?!的|面)|的(?:朋友|亲戚|人说|客户经理|老同学)|那笔|这笔|的贷(?!款?个?[\d一二两三四五六七八九十百几])|的利|的?(?:承包)?经营权|使用权|流转|前的?融资|融资(?!租)|前融|相关的?(?:专利|软著|知识)|的?(?:发明)?专利|著作权|的资质|资质证|[^,，。]{0,6}(?:结一次|结账|结款|回款|打款)|(?:的)?(?:旁边|附近|对面|门口|边上|隔壁|那里|那儿|转让|压了?我|压着|扣了?我))"
)
# A bought or rented thing, a customer or a lender is nobody's trade.
NO_TRADE_BEFORE = re.compile(
    r"(?:(?<!外)(?<!团)买|购|换|租|装修|欠|还|付|供应|客户[是有]|找|去|到|银行|你们?(?:是|这是)?|(?<!武)进|添|送|往|让|被|对接|没有?|盖|(?<!福)建|盖|新建|更新|请(?:外面的?|外头的?|专业的?|第三方)?|朋友[是开做]|亲戚[是开做]|同学[是开做]|客户[开做]|不[是做开搞]|替|(?<!专)(?<!能)给|帮|跟|像|交|(?<![网线街路船手身])上(?!班)|看|甲方是|读|念|参加|报|学|认识|托|委托|通过|投给?|卖给|租给|供给?|供货给|送到|发给|隔壁|对面|楼下)(?:了|一|个|家|台|套|的|新|点|批|几|各大?|各个?|很多|当地|本地|周边|附近|一些|大)*$"
)
# 「做广告片拍摄和后期的传媒公司」: what stands behind the last 「的」 says what it is.
HEAD_BEHIND = re.compile(r"[^,，。、;\s]{0,7}的")
# What lies between the words of one name.
WITHIN_NAME = re.compile(r"[^,，。、;\s的往和及与跟做搞卖开兼是在给有还也送拉运了接个买换等]+")
LONGEST_GAP = 4
SHORT_GAP = 3
PREMISES = frozenset("堂厂店馆院校场行司市超户商园企市局所站家")
FITTED_OUT = re.compile(r"[添换买置装加盖建]|修(?!理|车|机)")
SERVED = re.compile(r"(?<!专)(?<!能)(?:给|替|帮)$")
CUSTOMER = re.compile(r"(?:给|替|供应?|为|帮|跟|欠|找)[^做开搞是干供,，。、]{1,6}$")


@lru_cache(maxsize=64)
def find_industries(text: str) -> tuple[Span, ...]:
    """All trades that the speaker may have; where one stands behind a verb (「做…的」), only such.

    What money is for depends on the trade (`purposes.py`), so this is asked twice for a text.
    """
    trades = [trade for trade in _joined(text, _outer(find_trades(text))) if _is_own(text, trade)]
    claimed = [trade for trade in trades if trade.claimed]
    return tuple(
        Span("industry", max(trade.start, trade.core), trade.end, trade.letter) for trade in claimed or trades
    )


def _outer(trades: Iterator[Trade]) -> list[Trade]:
    """By position; what lies inside a trade that says as much is left out."""
    ordered = sorted(trades, key=lambda trade: (trade.start, -trade.end, trade.plain))
    kept: list[Trade] = []
    for trade in ordered:
        if not any(trade.end <= other.end and (trade.plain or not other.plain) for other in kept):
            kept.append(trade)
    return kept


def _joined(text: str, trades: list[Trade]) -> list[Trade]:
    """Neighbours made one: the last tells the trade, unless it is as plain as 「店」."""
    joined: list[Trade] = []
    for trade in trades:
        last = joined[-1] if joined else None
        if last is None or not _touch(text, last, trade):
            joined.append(trade)
            continue
        if last.plain == trade.plain:
            teller = last if last.end > trade.end else trade
        else:
            house, word = (last, trade) if last.plain else (trade, last)
            teller = house if _tells_house(text, word, house) else word
        joined[-1] = replace(
            teller,
            start=last.start,
            end=max(last.end, trade.end),
            claimed=last.claimed or trade.claimed,
            plain=last.plain and trade.plain,
        )
    return joined


def _tells_house(text: str, last: Trade, house: Trade) -> bool:
    """A works makes and a shop sells, unless the word before is of a kind that has works or shops of its own."""
    if text[house.end - 1] == "厂":
        if re.search(r"设备|机械|器材", text[last.end : house.end]):
            return True
        return last.letter not in "ABDNO"
    return text[house.end - 1] == "店" and last.letter in "AC"


def _touch(text: str, last: Trade, trade: Trade) -> bool:
    """Whether two words belong to one name: 「跨境支付系统开发」, 「烘干药材的合作社」."""
    gap = text[last.end : trade.start]
    if text[last.end - 1] in "上里" and SERVED.search(before(text, last.start)):
        return False  # 「给煤矿上修支架」: the first is a customer
    if not gap and trade.core < 0:
        return False  # 「给学校做校服」: a verb begins the second
    if last.claimed and HEAD_BEHIND.fullmatch(gap):
        return True
    longest = LONGEST_GAP if last.claimed else SHORT_GAP
    within = last.claimed == trade.claimed and len(gap) <= longest and WITHIN_NAME.fullmatch(gap)
    return not gap or gap == "的" or bool(within)


def _is_own(text: str, trade: Trade) -> bool:
    left, word = before(text, trade.start), text[trade.start : trade.end]
    if NO_TRADE_BEHIND.match(after(text, trade.end)):
        return False
    # 「给牛场添挤奶机」 speaks of the own one.
    if left.endswith("给") and FITTED_OUT.match(after(text, trade.end)):
        return True
    customer = (
        not trade.claimed
        and CUSTOMER.search(left)
        and text[trade.end - 1] in PREMISES
        and word not in deeds()
    )
    return not NO_TRADE_BEFORE.search(left) and not customer
