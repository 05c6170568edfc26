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
AROUND = r"(?:利率|利息|综合成本|成本|大概|大约|是|在|为|最多|最高|不超过|不要超过|控制在|低于|:|\s){0,12}"
PERIOD = (
    rf"(?P<period>年化利率|年化|年利率|年利息|年利|年息|年|月息|月利率|月利|月|日息|日利率|日|天)?{AROUND}"
)
NUM = rf"(?P<number>{NUMBER})"
FORMS = (
    re.compile(
        rf"{PERIOD}(?:(?P<first>{NUMBER})(?:%|个点)?{JOIN})?{NUM}\s*(?P<unit>%|％|个多?点|个百分点)(?P<half>半|{NUMBER}(?!\d*[万个%年]))?"
    ),
    re.compile(rf"{PERIOD}(?P<unit>百分之)(?:(?P<first>{NUMBER}){JOIN}(?:百分之)?)?{NUM}"),
    re.compile(rf"{PERIOD}(?P<unit>[万千]分之){NUM}"),
    re.compile(
        rf"{PERIOD}(?:(?P<first>{NUMBER})(?:厘|分)?{JOIN})?{NUM}(?P<unit>厘|分(?=利|息|$|[,，。的吧行能左以半一二三四五六七八九]))(?P<half>半|{NUMBER}(?![\d万]))?"
    ),
    re.compile(
        rf"(?P<period>年化利率|年化|年利率|年息|利率|月息|月利率){AROUND}(?P<unit>){NUM}(?![\d万个年月天%百千w厘分])"
    ),
)
# Percentages of something else than a loan.
OTHER = re.compile(
    r"手续费|服务费|中介费|提成|税|涨|跌|股份|占股|股权|出让|首付|毛利|利润|增长|增加|下降|折扣|打折|质保金|保证金|定金|回扣|返点|占|贴息|补贴|贴|补|抽|完成|进度|成数|评估"
)
CLEAR = re.compile(r"利|息|年化|成本")
HIGHEST = Decimal(60)
HIGHEST_SCORE = 5
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
            bound(text, match.start("number"), end) or bound(text, start, end),
        )


def _start(match: re.Match[str]) -> int:
    """The span begins with the period (「月息三厘五」), else with the figure, without 「不超过」."""
    groups = ("period", "first", "number", "unit")
    return min(match.start(name) for name in groups if match.groupdict().get(name))


def _is_rate(text: str, match: re.Match[str]) -> bool:
    left, right = before(text, match.start(), 10), after(text, match.end(), 6)
    if match["period"] not in {None, "年", "月", "日", "天"} or CLEAR.search(match[0]):
        return True
    if match["unit"] == "分" and not (match["half"] or re.match(r"利|息", right)):
        return bool(CLEAR.search(left))
    return not OTHER.search(left) and not re.match(r"的?(?:股|首付|定金|毛利|提成|税)", right)


def _ends(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    ends = span_of(match["number"])
    if ends is None:
        return None
    groups = match.groupdict()
    first = number(groups["first"]) if groups.get("first") else None
    more = _more(groups.get("half"))
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
    return yearly * {"万分之": Decimal("0.01"), "千分之": Decimal("0.1")}.get(unit, Decimal(1))


def _round(value: Decimal) -> Decimal:
    return round(value, 4)
