"""For how long: `term_months`, told apart from ages, calendar dates and waiting times."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal

from components.numerals import MINUS, NUMBER
from components.quantities import Quantity, find, join_ranges, signed, span_of
from components.spans import Span, after, alone, before

MONTHS = {
    "年": Decimal(12),
    "个月": Decimal(1),
    "月": Decimal(1),
    "季度": Decimal(3),
    "天": Decimal(1) / 30,
    "日": Decimal(1) / 30,
    "期": Decimal(1),
    "周": Decimal(7) / 30,
    "星期": Decimal(7) / 30,
}
SINGLE = re.compile(
    rf"(?<![\d.第几好后前周])(?P<minus>{MINUS})?(?P<number>大?半|{NUMBER})\s*(?:来|多)?\s*(?P<unit>年|个月|月|个?季度|天|周|个?星期|期)(?P<half>半)?期?"
    rf"(?:零?(?P<rest>{NUMBER})个月)?(?!\s*(?:级|薪|份|\d|底|初|利率|利息|化|化利率|息|报|末|夜|前|以前|之前|后|以后|之后|多?前|[一二三四五六七八九十]+[日号]))"
)
# 「98年」 and 「2016年」 are years of the calendar; 「100年」 is a time, if no sensible one.
CALENDAR = (range(61, 100), range(1900, 2100))
LONGEST_MONTHS = 720
# A clause that says what else the time is: how old, how long ago, how often, how soon.
OTHER_BEFORE = re.compile(
    r"(?:成立|开业?|经营|做|干|办厂|创办|注册|从事|搞|种|养|跑|工作|存续|运营|入行|行业|合作|干了|等|拖|压|欠|逾期|晚|用了|交了|缴|报税|纳税|回款|账期|结账|结款|"
    r"收款|付款|剩|还有|再过|过了?|近|最近|连续|每|前|头|后|头两|宽限|停产|生产周期|养殖周期|工期|保质期|房租|合同|租|放款|审批|到账|批|提前|去年|"
    r"贷了|借了|还了|开|办|已经|满|刚满|流水|疫情|签|亏)(?:了|有|都|已经|快|差不多|大概|大约|将近|整整|也|够|得|要|是|过|店|厂|着|又|满|个|的|期|周期|公司|了快|才|就)*$"
)
OTHER_AFTER = re.compile(
    r"^(?:多|左右|来|了)*(?:内|以内)?(?:能|可以|可)?(?:放款|下款|到账|批|办好|办下来|出结果|的?(?:账期|流水|老店|老厂|经验|历史|工资|回款|工期|房租|租金|租约|老客户|纳税|报表)|账期|"
    r"(?:能|可以|大概|大约|差不多|也就|营业|销售|流水|产值|收入|做|卖|挣|赚|要交|交|的销售|的营业|的流水)|没发|没还|没回|没开工|没结|没收|没付|前|了(?:$|[,，。!])|就到期|到期|"
    r"(?:都)?没(?:有)?贷|后(?:到期|还|回)|才(?:回|结|能收|收)|回款|结一?次|一次|多?了|打一次)"
)
# 「账期都要四个月」: what the customers take, whatever verb stands between.
CUSTOMERS_PAY = re.compile(r"(?:账期|回款|结款|货款)[^,，。\d]{0,4}$")
TERM_BEFORE = re.compile(
    r"(?:贷|借|期限|用|分|申请|融资|贷款|(?<!连)续|展期|延|延期|改成|改为|想要|要|周期|万|个|w|元|块|钱)(?:款|它|个|上|大概|大约|差不多|左右|就|也就|是|为|期|长|到|还|满|期限|的|时间|最好|希望|想|能|至少|最多|最长|不超过|最短|最少|起码|,|\s)*$"
)


def find_terms(text: str) -> Iterator[Span]:
    """`term_months`, whole months; days count thirty to a month."""
    found = list(find(text, SINGLE, _months, lambda match: match["unit"]))
    for item in join_ranges(text, sorted(found, key=lambda one: one.start)):
        if _is_term(text, item):
            for value, role in item.ends():
                yield Span("term_months", item.start, item.end, _whole_months(value), role)


def _whole_months(value: Decimal) -> int:
    if value <= 0:
        return math.floor(value)
    return max(1, math.ceil(value - Decimal("0.4")))


def _is_term(text: str, item: Quantity) -> bool:
    left, right = before(text, item.start, 14), after(text, item.end)
    if not 0 < item.high <= LONGEST_MONTHS:
        # Nobody lends for so long; said as a wish it is a wrong answer, in a story (「百年品牌」) nothing.
        return bool(TERM_BEFORE.search(left)) or alone(text, item.start, item.end)
    # 「三天内要」 is how soon.
    if text[item.end - 1] == "天" and right.startswith("内"):
        return False
    if CUSTOMERS_PAY.search(left):
        return False
    if TERM_BEFORE.search(left):
        return not re.match(r"(?:流水|账期|前|以前)", right)
    if item.role:
        return not OTHER_AFTER.match(right)
    return not (OTHER_BEFORE.search(left) or OTHER_AFTER.match(right))


def _months(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    unit, written = match["unit"].replace("个季", "季").replace("个星", "星"), match["number"]
    if unit == "月" and written != "半":
        # 「三月」 is March; only 「三个月」 is a time, and 「24月」 can be nothing else.
        ends = span_of(written)
        return ends if ends and ends[0] > 12 else None  # noqa: PLR2004 - there are twelve months
    ends = (Decimal("0.5"), Decimal("0.5")) if written.endswith("半") else span_of(written)
    if ends is None or (unit == "年" and not match["minus"] and _is_calendar_year(ends[1])):
        return None
    more = MONTHS[unit] / 2 if match["half"] else Decimal(0)
    if match["rest"]:
        rest = span_of(match["rest"])
        more += rest[0] if rest else 0
    return signed(match, ends[0] * MONTHS[unit] + more, ends[1] * MONTHS[unit] + more)


def _is_calendar_year(count: Decimal) -> bool:
    return any(count in years for years in CALENDAR)
