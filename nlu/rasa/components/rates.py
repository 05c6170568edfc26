# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Prices of money in per cent a year: 「年化4.35%」, 「五个点」, 「月息三厘五」, 「日息万分之二」."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from components.numerals import NUMBER, number
from components.quantities import JOIN, bound, span_of
from components.spans import Span, after, before

# Blanks stand in one place only, and few: side by side they could be shared out in endlessly many ways.
AROUND = r"(?:利率|利息|综合成本|成本|大概|大约|是|在|为|按|最多|最高|不超过|不要超过|控制在|压到|低于|高于|高过|超过|不能|不要|别|不|接受|承受|最好|希望|能|就|要|到|:|\s){0,12}"
PERIOD = rf"(?P<period>年化利率|年化|(?<![半一二两三四五六七八九十\d])(?:年利率|年利息|年利|年息)|(?<![半一二两三四五六七八九十\d今去前明来多整])年|月息|月利率|月利息|月利|日息|日利率|日利|(?<![半一二两三四五六七八九十\d个顶])[月日天])?{AROUND}"
NUM = rf"(?P<number>\d+点\d+|{NUMBER})"
FORMS = (
    re.compile(
        rf"{PERIOD}(?:(?P<first>{NUMBER})(?:%|个点)?{JOIN})?{NUM}\s*(?P<unit>%|个(?P<also_half>半)?多?点|个百分点)(?P<half>半|{NUMBER}(?!\d*[万个%年]))?"
    ),
    re.compile(rf"{PERIOD}(?P<unit>百分之)(?:(?P<first>{NUMBER}){JOIN}(?:百分之)?)?{NUM}(?!点?几)"),
    re.compile(rf"{PERIOD}(?P<unit>[万千]分之){NUM}"),
    # 「日息万五」: five in ten thousand.
    re.compile(rf"(?P<period>日息|日利率|日利|月息|月利率)(?:是|按|为|\s)*(?P<unit>[万千]){NUM}(?![\d万千])"),
    re.compile(
        rf"{PERIOD}(?:(?P<first>{NUMBER})(?:厘|分)?{JOIN})?{NUM}(?P<unit>厘(?!米)|分(?=的?利|息|$|[,，。的吧呢也行能左以半一二三四五六七八九]))(?P<half>半|{NUMBER}(?![\d万点号块]))?"
    ),
    # 「半分利」: half of one.
    re.compile(rf"{PERIOD}(?P<number>半)(?P<unit>分)(?=的?(?:利|息))"),
    # 「分半」: one and a half.
    re.compile(rf"{PERIOD}(?<![\d一二两三四五六七八九十])(?P<number>)(?P<unit>分)(?P<half>半)"),
    re.compile(
        rf"(?P<period>年化利率|年化|年利率|年息|利率|月利率|利息)(?:(?:说|写|填|打)?[反错]了?|不对|应该|[,，]){{0,4}}{AROUND}(?P<unit>)(?:(?P<first>{NUMBER}){JOIN})?{NUM}(?!\.?[\d几]|[万个年月天%百千kw厘分块元点几号期次字]|多?[万千块个])"
    ),
    # 「能降到3.8吗」
    re.compile(
        r"(?P<period>)(?:降到|压到|谈到|低到)(?P<unit>)(?P<number>\d{1,2}(?:\.|点)\d{1,2})(?![\d万亿个年月天%百千wk厘分块元])"
    ),
    # 「3.85的利率」, 「4以内的利息」.
    re.compile(rf"(?<![\d.a-z第]){NUM}(?P<unit>)(?:以内|以下|左右)?的(?P<period>年化|年利率|利率|利息)"),
)
# Percentages of something else than a loan.
OTHER = re.compile(
    r"费|提成|税|涨|跌|股份|占股|股权|持股|出让|首付|毛利|净利|利润率?|增长|增加|增速|下降|下滑|上升|减少|少了|降了|折扣|打折|质保金|保证金|定金|订金|预付|回扣|返点|返|占|贴息|补贴|补助|贴|补|抽|付了|交了|收了|完工|完成|进度|成数|评估|抵押率|上浮|下浮|浮动|加点|lpr|基准|负债率|良率|合格率|份额|比例|出租率|入住率|开工率|复购"
)
# Where nothing speaks of interest, one word of these makes a percentage a subsidy's, a share's or a growth's.
ELSEWHERE = re.compile(
    r"天使|[a-e]轮|估值|投资人|补贴|补助|补多少|奖励|贴息|增长|毛利|利润|股份|占股|股权|出让|首付|税|费"
)
CLEAR = re.compile(r"利(?!润)|息|年化|成本")
OTHER_SHARE = re.compile(r"(?:(?:贴息|补贴|上浮|下浮)(?:了|比例|是|到|的|:)*|[降涨]了)$")
OTHER_BEHIND = re.compile(
    r"的?(?:股|首付|定金|毛利|提成|税|服务费|手续费|担保费|费|保证金|回扣|增长|利润|份额|补贴|贴息|奖励|客户|订单|产能|员工|人)"
)
# 「比别家低一个点」
COMPARED = re.compile(r"比[^,，。]{0,6}[低高少多]了?$")
PERCENT = re.compile(r"%|百分")
LOAN = re.compile(r"贷|借|融资|年|期")
# Characters beside a percentage in an answer: 「3%能做不」.
SHORT = 6
SCORED = re.compile(r"才接|态度|客服|打|评|满意|服务")
HALF = Decimal("0.5")
HIGHEST = Decimal(60)
PARTS = {"万分之": Decimal("0.01"), "千分之": Decimal("0.1"), "万": Decimal("0.01"), "千": Decimal("0.1")}
DAYS = 365


def find_rates(text: str) -> Iterator[Span]:
    taken: list[tuple[int, int]] = []
    for form in FORMS:
        for match in form.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            spans = list(_spans(text, match))
            taken += [(span.start, span.end) for span in spans[:1]]
            yield from spans


def _spans(text: str, match: re.Match[str]) -> Iterator[Span]:
    ends = _ends(match)
    start, end = _start(match), match.end()
    if ends is None or not _is_rate(text, match):
        return
    factor = _factor(text, match)
    low, high = (_round(value * factor) for value in ends)
    if not 0 < high <= HIGHEST:
        return
    if low < high:
        yield Span("rate", start, end, float(low), "min")
        yield Span("rate", start, end, float(high), "max")
    else:
        yield Span(
            "rate",
            start,
            end,
            float(high),
            bound(text, match.start("number"), end)
            or bound(text, match.start("unit"), end)
            or bound(text, start, end),
        )


def _start(match: re.Match[str]) -> int:
    """The span begins with the period (「月息三厘五」), else with the figure, without 「不超过」."""
    groups = ("period", "first", "number", "unit")
    return min(match.start(name) for name in groups if match.groupdict().get(name))


def _is_rate(text: str, match: re.Match[str]) -> bool:
    left, right = before(text, match.start(), 10), after(text, match.end(), 6)
    if COMPARED.search(left) or ("比" in left and re.match(r"[还要]*[低高]", right)):
        return False
    if OTHER_SHARE.search(left):
        return False
    if match["period"] not in {None, "年", "月", "日", "天"} or CLEAR.search(match[0]):
        return True
    if match["unit"] == "分" and not re.match(r"的?(?:利|息)", right):
        return bool(CLEAR.search(left)) or (not SCORED.search(text) and _is_price(text, match))
    if not CLEAR.search(text) and (
        ELSEWHERE.search(text) or (PERCENT.search(match[0]) and not _is_asked(text, match))
    ):
        return False
    return not OTHER.search(left) and not OTHER_BEHIND.match(right)


def _is_asked(text: str, match: re.Match[str]) -> bool:
    """Whether a bare percentage is an answer, or stands in a sentence about a loan."""
    bounded = bound(text, match.start(), match.end()) is not None
    return bounded or bool(LOAN.search(text)) or len(text) - len(match[0]) <= SHORT


def _is_price(text: str, match: re.Match[str]) -> bool:
    """「分半」 and 「一分以内」 are said of interest alone."""
    return match["half"] == "半" or bound(text, match.start("number"), match.end()) is not None


def _ends(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    ends = (HALF, HALF) if match["number"] == "半" else span_of(match["number"] or "一")
    if ends is None:
        return None
    groups = match.groupdict()
    first = number(groups["first"]) if groups.get("first") else None
    more = _more(groups.get("half") or groups.get("also_half"))
    low = first if first is not None and first < ends[1] else ends[0] + more
    return low, ends[1] + more


def _more(written: str | None) -> Decimal:
    """What follows the unit is its next lower place: 「三厘五」, 「四个点半」."""
    if not written:
        return Decimal(0)
    if written == "半":
        return Decimal("0.5")
    value = number(written)
    return Decimal(0) if value is None else value / 10 ** len(str(int(value)))


def _factor(text: str, match: re.Match[str]) -> Decimal:
    """From the written unit to per cent a year. 「厘」 and 「分」 without a period are a month's, as lenders speak."""
    unit, period = match["unit"], match["period"] or ""
    nearby = period or before(text, match.start(), 8) + after(text, match.end(), 3)
    yearly = Decimal(1)
    if "月" in nearby:
        yearly = Decimal(12)
    elif "日" in nearby or period == "天":
        yearly = Decimal(DAYS)
    if unit.startswith("分") or unit == "厘":
        if "年" in nearby:
            return Decimal(10) if unit != "厘" else Decimal(1)
        per_month = Decimal(1) if unit != "厘" else Decimal("0.1")
        return per_month * (Decimal(DAYS) if yearly == DAYS else Decimal(12))
    return yearly * PARTS.get(unit, Decimal(1))


def _round(value: Decimal) -> Decimal:
    return round(value, 4)
