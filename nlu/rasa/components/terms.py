"""For how long: `term_months`, told apart from ages, calendar dates, waiting and paying times."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal

from components.numerals import MINUS, NUMBER
from components.quantities import Quantity, bound, find, join_ranges, signed, span_of
from components.spans import Span, after, alone, before

MONTHS = {
    "年": Decimal(12),
    "个月": Decimal(1),
    "月": Decimal(1),
    "季度": Decimal(3),
    "季": Decimal(3),
    "天": Decimal(1) / 30,
    "日": Decimal(1) / 30,
    "期": Decimal(1),
    "周": Decimal(7) / 30,
    "星期": Decimal(7) / 30,
    "礼拜": Decimal(7) / 30,
    "年头": Decimal(12),
}
_UNIT = r"年|个月|月|个?季度|天|周|个?星期|个?礼拜|期|个季|个?年头"
SINGLE = re.compile(
    rf"(?<![\d.第几前周下上头这那老])(?<!(?<!然)(?<!最)(?<!延)(?<!挪)(?<!推)后)(?<!(?<!最)好)(?P<minus>{MINUS})?(?P<number>大?半|{NUMBER})\s*(?:来|多|几)?\s*(?:个(?P<also_half>半))?(?P<unit>{_UNIT}|个[来多把]月)(?P<half>半(?!载))?期?"
    rf"(?:[零又]?(?P<rest>{NUMBER})个月)?(?!\s*(?:级|薪|份|\d{{1,2}}月|\d{{4}}|底|初|lpr|化|化利率|息|报|末|夜|前|以前|之前|两头|打鱼|[以之]?后(?!(?:再|就|才|能|可以|一定|肯定|保证|一把|全部|都)*(?:还|归还|一次|结清))|多?前|半(?!载)|[一二三四五六七八九十]+[日号]))(?!(?:利率|利息)(?!怎么|咋|多少|几|要|得|算|合|一共|总共|大概|共|是多少|是?:?\s*[\d一二三四五六七八九]))"
)
# 「年把」, 「个把月」: about one.
IDIOM = re.compile(r"(?<![一二两三四五六七八九十\d])(?:(?P<year>年把(?:时间)?)|个把月)")
# 「98年」 and 「2016年」 are years of the calendar; 「100年」 is a time, if no sensible one.
CALENDAR = (range(61, 100), range(1900, 2100))
LONGEST_MONTHS = 720
# A clause that says what else the time is: how old, how long ago, how often, how soon, what it costs.
OTHER_BEFORE = re.compile(
    r"(?:成立|开业?|经营|做|干|办厂|创办|创立|注册|从事|从业|搞|种|养|跑|工作|存续|运营|入行|行业|合作|认识|结婚|住|干了|等|拖|压|欠薪?|逾期|晚|迟|用了|交了|缴了?|报税|纳税|回款|账期|结账|结款|押|"
    r"收款|付款|剩|还有|再过|过了?|近|最近|连续|每隔?|前|头|后|头两|宽限|停产|停工|停业|生产周期|养殖周期|工期|保质期|保修期?|质保|有效期|房龄|车龄|工龄|房租|合同|租期?|签|放款|审批|到账|下款|批|提前|去年|"
    r"(?:多|少|错)报了?|贷了|借了|借过|还了|开|办|已经|满|刚满|流水|疫情|签|亏|未来|今后|往后|电费|水电|水费|人工|工资|房租|租金|利息|月供|开销|成本|费用|营业额|销售|产值|耽误|差|管|查|征信|多少钱|垫|执照|刚开|停|关门|歇业|拖到|付|交|补|超过)(?:了|有|都|已经|快|差不多|大概|大约|将近|整整|也|够|得|要|是|过|店|厂|着|又|满|个|的|期|周期|公司|了快|才|就)*$"
)
OTHER_AFTER = re.compile(
    r"^(?:多|左右|来|了)*(?:内|以内|之内)?就?(?:能|可以|可)?(?:放款|放下来|下款|下来|到账|批|办好|办下来|出结果|拿到|的?(?:账期|流水|老店|老厂|经验|历史|工资|回款(?!就?(?:能)?还|后还)|工期|房租|租金|租约|老客户|纳税|报表|公司|企业|小?店|社保|厂子?)|账期|"
    r"(?:(?:能|可以)(?!还|吧|吗|么|不|的?$)|大概|大约|差不多|也就|有|总|营业|销售|流水|产值|收入|营收|开票|做|卖|挣|赚|要交|交|走|跑|出货|的销售|的营业|的流水|要?(?:多少|几个?)?(?:利息|费用))|没发|没还|没回|没开工|没结|没收|没付|没活|没动静|没消息|前|了(?:$|[,，。!])|就到期|到期|"
    r"(?:都)?没(?:有)?贷|后(?:到期|回)|才(?:回|结|能收|收|批|放|到)|回款(?!就?(?:能)?还|后还)|结一?次|一(?:次|结|付|交)|多?了|打一次|不开张|上市|谁|用(?:电|水|气|油|料)|(?:光|的)?(?:电费|水电|房租|租金|人工|工资|开支|开销|支出|费用|成本|利息)|(?:才|就)?(?:投产|成立|注册|开业|建厂|创办|搬)|还没|没结果|没人|给(?:结果|答复)|(?:的)?(?:纯利|净利|毛利|净赚|利润|亏|成本|交税)|是(?:公司|成立|经营|开店|厂)|(?:要|得|该)?(?:还|付|交)?(?:多少|几个?钱)|多少(?:利息|钱))"
)
# 「开店不满一年的」
AGE_BEFORE = re.compile(
    r"(?:成立|开业|开[店厂]|开公司|注册|经营|办厂|创办|执照|存续)(?:时间|年限|了|还|才|都|也|满)*(?:不满|不到|不足|未满|没满|超过|满|至少|最少|起码|最多)$"
)
# 「账期都要四个月」: what the customers take, whatever verb stands between.
CUSTOMERS_PAY = re.compile(r"(?:账期|回款|结款|货款|尾款|压款)[^,，。\d]{0,5}$")
TERM_BEFORE = re.compile(
    r"(?:(?<!房)贷|借|期限|年限|用|分|申请|融资|贷款|(?<!连)续|展期|延|延期|延后|延迟|挪后|推后|延长|缓|(?<!发)(?<!进)(?<!扩)(?<!开)展|改成|改为|换成|想要|要|周期|过桥|拆借?|短期|万|个|w|元|块|钱)(?:款|它|个|上|大概|大约|差不多|左右|就|也就|是|为|期|长|到|还|满|期限|的|时间|最好|希望|想|能|至少|最多|最长|不超过|最短|最少|起码|顶多|撑死|少则|短则|,|\s)*$"
)
WITHIN = re.compile(r"以?之?内(?!还|结清|归|的|吧|就行|都|可以|能还|左右|$|[\s,，。])")
SOON = re.compile(r"以?之?内")
# What a figure of money behind the time makes it: 「电费一个月八万」 is told, 「一年，50万」 is asked.
PAID_BEHIND = re.compile(
    rf"^(?:要|得|就|能)?(?:交|付|还|发|做|卖|收)?(?:个)?\s*{NUMBER}\s*(?:多|来|几)?(?:万|千|块|w|元)"
)
RATE_BEHIND = re.compile(rf"^(?:{NUMBER}|几)\s*(?:厘|分的?(?:利|息)|个点|%)")
# 「营业额三千万左右一年」, 「利息多少一年」
COUNTED_BY_YEAR = re.compile(
    r"(?:营业额|销售额?|流水|产值|收入|利息|利润|租金|房租|工资|电费|税)(?:(?!用|借|贷|期|想|要)[^,，。])*$"
)
# 「一年八百万，要五十万」
SOLD_BEHIND = re.compile(r"^[^,，。]{0,12}(?:营业额|流水|销售|产值|收入|生意)")
ASKED_TOO = re.compile(rf"[,，]\s*(?:[^,，。\d]{{0,4}}?)(?:想|要|差|缺|需要)(?:贷|借)?(?:个|款)?{NUMBER}")
# 「欠我九十万两年了」
SINCE_THEN = re.compile(r"多?了(?:$|[,，。!！])")
PAID_BEFORE = re.compile(
    r"(?:费|工资|人工|租金?|税|利息|开销|成本|支出|月供|还款?|本金|流水|营业额|销售额?|产值|收入|卖|做|平均)$"
)


def find_terms(text: str) -> Iterator[Span]:
    """`term_months`, whole months; days count thirty to a month."""
    found = [*find(text, SINGLE, _months, _units), *_idioms(text)]
    for item in join_ranges(text, sorted(found, key=lambda one: one.start)):
        if _is_term(text, item):
            for value, role in item.ends():
                yield Span("term_months", item.start, item.end, _whole_months(value), role)


def _units(match: re.Match[str]) -> tuple[str, ...]:
    return (match["unit"],)


def _idioms(text: str) -> Iterator[Quantity]:
    for match in IDIOM.finditer(text):
        value = Decimal(12 if match["year"] else 1)
        yield Quantity(match.start(), match.end(), value, value, bound(text, match.start(), match.end()))


def _whole_months(value: Decimal) -> int:
    if value <= 0:
        return math.floor(value)
    return max(1, math.ceil(value - Decimal("0.4")))


def _is_term(text: str, item: Quantity) -> bool:
    left, right = before(text, item.start, 14), after(text, item.end)
    if not 0 < item.high <= LONGEST_MONTHS:
        # Nobody lends for so long; said as a wish it is a wrong answer, in a story (「百年品牌」) nothing.
        return bool(TERM_BEFORE.search(left)) or alone(text, item.start, item.end)
    if _is_within(text, item) or CUSTOMERS_PAY.search(left) or _is_paid(text, item, left, right):
        return False
    if TERM_BEFORE.search(left):
        if SINCE_THEN.match(right) and left.endswith(("万", "元", "块", "钱")):
            return False
        return not re.match(r"(?:流水|账期|前|以前|(?:要|得)?(?:多少|几个?)(?:利息|钱))", right)
    if item.role:
        return not (OTHER_AFTER.match(right) or AGE_BEFORE.search(left))
    return not (OTHER_BEFORE.search(left) or OTHER_AFTER.match(right))


def _is_within(text: str, item: Quantity) -> bool:
    """「三年内上市」, 「三天内要」: what happens in that time, unless it is the repayment."""
    return bool((SOON if text[item.end - 1] == "天" else WITHIN).match(text, item.end))


def _is_paid(text: str, item: Quantity, left: str, right: str) -> bool:
    """「电费一个月八万」, 「我一年两百万流水」; 「一年五十万」 by itself answers two questions."""
    written = text[item.start : item.end]
    if (
        written in {"一年", "一个月"}
        and not item.role
        and (RATE_BEHIND.match(right) or COUNTED_BY_YEAR.search(left))
    ):
        return True
    if not PAID_BEHIND.match(right):
        return False
    if PAID_BEFORE.search(left) or written == "一个月":
        return True
    told = (
        SOLD_BEHIND.match(right)
        or ASKED_TOO.search(text, item.end)
        or (left.strip() and not TERM_BEFORE.search(left))
    )
    return written == "一年" and bool(told)


def _months(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    unit, written = _plain_unit(match), match["number"]
    if unit == "月" and written not in {"半", "仨", "俩", "仨俩"}:
        # 「三月」 is March; only 「三个月」 is a time, and 「24月」 can be nothing else.
        ends = span_of(written)
        return ends if ends and ends[0] > 12 else None  # noqa: PLR2004 - there are twelve months
    if unit == "期" and written in {"一", "二"}:
        # The first and the second phase of a building; instalments are 「两期」.
        return None
    if unit == "天" and (written.endswith("半") or written in {"一", "1"}):
        return None
    ends = (Decimal("0.5"), Decimal("0.5")) if written.endswith("半") else span_of(written)
    if ends is None or (unit == "年" and not match["minus"] and _is_calendar_year(written, ends[1])):
        return None
    more = MONTHS[unit] / 2 if match["half"] or match["also_half"] else Decimal(0)
    if match["rest"]:
        rest = span_of(match["rest"])
        more += rest[0] if rest else 0
    return signed(match, ends[0] * MONTHS[unit] + more, ends[1] * MONTHS[unit] + more)


def _plain_unit(match: re.Match[str]) -> str:
    """「个季度」 is a 「季度」; of 「两个半月」 the first sign of 「个月」 stands before the half."""
    if match["unit"].startswith("个") and match["unit"].endswith("月"):
        return "个月"
    unit = match["unit"].removeprefix("个")
    return "个月" if unit == "月" and match["also_half"] else unit


def _is_calendar_year(written: str, count: Decimal) -> bool:
    """「2016年」, 「98年」, 「零九年」."""
    return any(count in years for years in CALENDAR) or bool(re.fullmatch("[零〇0][一-龥1-9]", written))
