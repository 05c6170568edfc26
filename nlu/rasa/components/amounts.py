"""Which sum is meant as what: the money asked for, the year's sales, or neither.

The nearest word that says what a sum stands for decides; a sum without any is what the person wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from components.money import find_money
from components.quantities import Quantity
from components.spans import Span, after, alone, before

WANTED = re.compile(
    r"想要|想借|想贷|要借|要贷|贷款|贷|借款|借|融资|融|差|缺|短|申请|周转|额度|续贷|续|需要|需求|需|要|投资|投|批|搞|弄|来|凑|垫|办|用|改成|应该是|是|想|求|支持|补|找|够"
)
SALES = re.compile(
    r"年(?:均|度)?(?:销售|营业|营收|产值|流水|收入|入账|销|开票|营业额|产量)|销售(?:额|收入)?|营业(?:额|收入)?|营收|流水|产值|年入|开票|收入|"
    r"(?:一年|每年|年|去年|今年|全年|每个月|一个月|每月|月均|月)(?:大概|大约|差不多|能|可以|也就|都|有)?(?:做|卖|销|走|跑|收|干|出货|进账|开票)(?:了|到|个|出)*"
)
MONTHLY = re.compile(r"(?:一个月|每个月|每月|月均|月)[^,，。年]{0,10}$")
OTHER = re.compile(
    r"还欠|欠|负债|外债|债|房贷|车贷|月供|已经贷|贷过|批了|贷了|借了|借过|有一?笔|还剩|没还|剩|工资|税款?|交税|社保|房租|租金|租|市值|值|估值|评估价?|估价|订单|单子|合同|货款|尾款|"
    r"自有资金|自有|自己(?:有|出|能出|手里|凑|拿)|手里有|手头有|自筹|存款|积蓄|注册资本|注册资金|实缴|利润|净赚|挣|赚|亏|押金|定金|保证金|首付|"
    r"手续费|服务费|中介费|罚款|总价|单价|卖价|报价|市场价|价格|资产|固定资产|库存(?:有|值)|应收(?:账款|款)?|压了|压着|压|被骗|存货|投入了|投了|花了|付了|交了|亏了|中标|总额|补贴了|奖励|发票|收了|多收|扣了?|不是|保额|公积金"
)
WANTED_BEHIND = re.compile(
    r"^(?:人民币|左右|上下|以内|以上|多|出头|吧|的样子|就够|就行|就好)*的?(?:贷款|额度|资金|周转|融资|缺口|借款|流贷|信用贷|经营贷|流动资金)"
)
SALES_BEHIND = re.compile(
    r"^(?:人民币|左右|上下|以内|以上|多|出头|的)*(?:年?销售额?|年?营业额|年?营收|年?产值|年?流水|的?生意|的开票)"
)
OTHER_BEHIND = re.compile(
    r"^(?:人民币|左右|上下|以内|以上|多|出头)*(?:的(?:[^,，。]{0,6})?(?:订单|单子|货款|合同|房子|房产|厂房|设备|机器|车|货车|车子|税|工资|债|存款|存单|定期|尾款|应收|保单|发票|项目|工程|利润|罚款|专利|加工中心|机床|货|款没|账|负债|欠款|首付|租金)"
    r"|应收|货款|尾款|没收回|没收|没结|没还|没付|收不回|收不上|要不回|欠款|外债|负债|存款|定金|订单|的?贷款(?:快|下个?月|马上|要|还没|没还|还有)(?!.{0,4}续)|工资|房租|税"
    r"|被(?:客户|人)?(?:拖|欠|骗|压)|(?:的)?抵押物)"
)
RENEWED = re.compile(r"(?<!手)续|展期|转贷|过桥|续贷|倒贷|延期|置换")
TRAILING_CLAUSE = 24


def find_amounts(text: str) -> Iterator[Span]:
    """`amount` and `revenue`, in yuan."""
    for item in find_money(text):
        kind = _kind(text, item)
        if kind == "amount":
            for value, role in item.ends():
                yield Span("amount", item.start, item.end, int(value), role)
        elif kind == "revenue" and item.low > 0:
            value = item.low * (12 if MONTHLY.search(before(text, item.start)) else 1)
            yield Span("revenue", item.start, item.end, int(value))


def _kind(text: str, item: Quantity) -> str:
    kind = _kind_by_what_follows(text, item) or _kind_by_what_precedes(text, item)
    return "other" if item.low <= Decimal(0) and not _is_wish(text, item) else kind


def _is_wish(text: str, item: Quantity) -> bool:
    """「0元」 is said of many things; only asked for in so many words, or alone, is it a wrong answer."""
    wanted = _last(WANTED, before(text, item.start)) != (-1, 0)
    return wanted or alone(text, item.start, item.end)


def _kind_by_what_follows(text: str, item: Quantity) -> str | None:
    right = after(text, item.end, 14)
    if SALES_BEHIND.match(right):
        return "revenue"
    if OTHER_BEHIND.match(right):
        return "amount" if RENEWED.search(text) and "贷款" in right else "other"
    if WANTED_BEHIND.match(right):
        return "amount"
    return None


def _kind_by_what_precedes(text: str, item: Quantity) -> str:
    left = before(text, item.start)
    kinds = {"amount": _last(WANTED, left), "revenue": _last(SALES, left), "other": _last(OTHER, left)}
    best = max(kinds, key=lambda kind: kinds[kind])
    if kinds[best] == (-1, 0):
        return "amount"
    if best == "other" and RENEWED.search(text):
        return "amount"
    return best


def _last(pattern: re.Pattern[str], text: str) -> tuple[int, int]:
    """Where the last match ends, and its length: of two that end together the longer one counts."""
    found = [(match.end(), len(match[0])) for match in _overlapping(pattern, text)]
    return max(found, default=(-1, 0))


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for start in range(len(text)):
        match = pattern.match(text, start)
        if match:
            yield match
