# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Sums of money, whatever they mean: 「80w」, 「半个亿」, 「一百二十万」, 「八十个」, 「万把块」, 「贷一百二」."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from components.numerals import ARABIC, HAN_DIGIT, MINUS, NUMBER, number
from components.quantities import JOIN, Quantity, bound, join_ranges, signed, span_of
from components.quantities import find as find_quantities

SCALE = {"亿": 10**8, "小目标": 10**8, "kw": 10**7, "万": 10**4, "w": 10**4, "k": 10**3, "千": 10**3}
_SCALES = r"(?P<large>小目标|亿)|kw(?![a-z])|万|w(?![a-z])|k(?![a-z\d])|千(?=元|块|$|,)"
CURRENCY = r"(?:人民币|元整?|块洋钿|块大洋|块钱|块|圆整?|rmb|大洋|美金|美元|美刀|刀(?!具)|欧元|欧|港币|日元)"
FOREIGN = re.compile(r"(?:美金|美元|刀|欧元?|港币|日元)$")
# 「十几」, 「三百来」, 「一百几十」: the round figure stands.
FUZZ = r"(?:多|来|几[十百]?|余|把)"
# What makes a figure behind a sum another figure: 「五十万三年」, 「80万两台」.
_OWN_UNIT = (
    r"(?:个|年|月|天|日|号|厘|分|点|%|台|套|辆|家|期|人|名|位|周|星期|季|岁|亩|间|层|张|成|折|次|笔|户)"
)
# 「五万斤鱼苗」, 「两万只鸡」 are goods.
GOODS_UNIT = r"(?:斤|公斤|吨|只(?![要用想能够是有需贷借])|头(?!寸)|尾(?!款)|羽|株|棵|亩|平[米方]|双|件(?!事)|瓶|片|粒|颗|条(?!件)|套(?![房住])|米(?!粉|线|厂|店))"
_TAIL = (
    rf"(?:零?(?P<tail_number>{NUMBER})\s*(?P<tail_scale>(?(large)万|(?!))|千(?=元|块|$|,)|k(?![a-z\d]))?(?P<tail_fuzz>{FUZZ})?"
    rf"(?:(?<=万)零?(?P<rest>{NUMBER}))?"
    rf"(?![\d.%]|{HAN_DIGIT}|[十百千])(?!\s*{FUZZ}?\s*(?:{_OWN_UNIT}|[万亿w])))?"
)
SINGLE = re.compile(
    rf"(?<![\d.a-z第几数])(?P<minus>{MINUS})?(?P<number>半|{NUMBER})\s*{FUZZ}?\s*个?(?P<also_half>半)?\s*(?P<scale>{_SCALES})"
    rf"(?P<half>半(?!年|个月))?{FUZZ}?{_TAIL}\s*{CURRENCY}?(?!{GOODS_UNIT})"
)
PLAIN = re.compile(
    rf"(?<![\d.a-z第])(?P<minus>{MINUS})?(?:[¥￥]\s*(?P<sign>{ARABIC})|(?P<number>{NUMBER})\s*{FUZZ}?{CURRENCY})"
)
# 「80个」 is 80万 among people who talk about loans; 「个」 before a noun counts things.
_BEHIND_COUNT = r"(?=$|[,，。;；!！?？\s]|左右|上下|吧|呗|以内|以上|以下|封顶|[不吗嘛么呢哈](?=$|[,，。?？!！])|顶|垫|应|先|救|打底|起步|往上|出头|的?样子|的?额度|的?贷款|就|够|可以|周转|行|能|有|到手|差不多|不?到|[一两三半]年|[一二两三四五六七八九十\d]+(?:年|个月))"
COUNT = re.compile(
    rf"(?<![\d.a-z第])(?P<minus>{MINUS})?(?:(?P<first>{NUMBER}){JOIN})?(?P<number>{NUMBER})\s*{FUZZ}?(?:个w?|方){_BEHIND_COUNT}"
)
SMALLEST_COUNT = 10
# 「想贷八十」, 「额度两百五」: a lender's figure goes without its 「万」; one of thousands is plain yuan.
BARE = re.compile(
    rf"(?P<cue>(?<![房车])贷款?|借款?|融资?|缺口|差|缺|额度|金额|批|整|弄|搞|只要|想要|(?<!不)(?<!主)要|销售额?|营业额|营收|产值|流水|开票|收入|进账)(?:能不能|可不可以|能|可以|给到|给|一个月|一年|每月|每年|大概|大约|差不多|也就|最多|能做|做了?|有|约|个|它|是|为|错了?|写错了?|不对|[,，]|应该是?|应是|改成|改为|改到|调到|提到|降到|到|:|\s)*"
    rf"(?:(?P<first>{NUMBER}){JOIN})?(?P<minus>{MINUS})?(?P<number>{NUMBER})(?=$|[,，。!！?？;；\s]|左右|上下|出头|吧|呗|以内|的(?:贷|额度|样子|资金)|就(?:行|够|可以)|够|行不|行吗|可以吗|能批)"
)
# From here on a figure says all its yuan; so does 「八千」, while 「一千二」 leaves out both its 「百」 and its 「万」.
SMALLEST_PLAIN = 1000
SALES_PLAIN = 100_000
SHORT = re.compile(rf"千{HAN_DIGIT}$")
_SALES = frozenset({"销售", "销售额", "营业额", "营收", "产值", "流水", "开票", "收入", "进账"})
# 「资金需求（万元）：300」
LABELLED = re.compile(
    rf"\((?:单位:?)?(?P<scale>万|亿)?元?\)\s*(?:是|为|:)?\s*(?:(?P<first>{ARABIC}){JOIN})?(?P<minus>)(?P<number>{ARABIC})(?![\d.万亿元个年月])"
)
IDIOM = re.compile(r"(?:万把(?!块?砖)|万儿八千|千儿八百)(?:块钱?|元)?")


def find_money(text: str) -> list[Quantity]:
    """All sums in yuan, in the order of the text. Sums in foreign money are not sums of ours."""
    found = list(find_quantities(text, SINGLE, _scaled, _units))
    for more in (
        _labelled(text),
        _idioms(text),
        _simple(text, PLAIN, 1),
        _simple(text, COUNT, 10**4),
        _bare(text),
    ):
        found += [item for item in more if not any(_meet(item, other) for other in found)]
    kept = [item for item in found if not FOREIGN.search(text[item.start : item.end])]
    return join_ranges(text, sorted(kept, key=lambda item: item.start))


def _meet(one: Quantity, other: Quantity) -> bool:
    return one.start < other.end and other.start < one.end


def _units(match: re.Match[str]) -> tuple[str, ...]:
    """「3到5百万」 may mean 3百万; where that is no number it is 「万」 alone that is left out."""
    multiple = re.fullmatch(rf"(?:\d+|{HAN_DIGIT})([十百千])", match["number"])
    return (multiple[1] + match["scale"], match["scale"]) if multiple else (match["scale"],)


def _labelled(text: str) -> Iterator[Quantity]:
    for match in LABELLED.finditer(text):
        ends = span_of(match["number"])
        if ends:
            start = match.start("first") if match["first"] else match.start("number")
            yield _quantity(text, match, start, ends, SCALE.get(match["scale"], 1))


def _idioms(text: str) -> Iterator[Quantity]:
    for match in IDIOM.finditer(text):
        value = Decimal(1000 if match[0].startswith("千") else 10_000)
        yield Quantity(match.start(), match.end(), value, value, bound(text, match.start(), match.end()))


def _simple(text: str, pattern: re.Pattern[str], factor: int) -> Iterator[Quantity]:
    for match in pattern.finditer(text):
        ends = span_of(match["number"] or match["sign"])
        if ends is None or (factor > 1 and ends[0] < SMALLEST_COUNT):
            continue
        yield _quantity(text, match, match.start(), ends, factor)


def _bare(text: str) -> Iterator[Quantity]:
    for match in BARE.finditer(text):
        ends = span_of(match["number"])
        if ends is None or ends[0] < SMALLEST_COUNT:
            continue
        start = min(match.start(name) for name in ("first", "minus", "number") if match[name])
        plain = SALES_PLAIN if match["cue"] in _SALES else SMALLEST_PLAIN
        factor = 1 if ends[0] >= plain and not SHORT.search(match["number"]) else 10**4
        yield _quantity(text, match, start, ends, factor)


def _quantity(
    text: str, match: re.Match[str], start: int, ends: tuple[Decimal, Decimal], factor: int
) -> Quantity:
    low, high = signed(match, *ends)
    first = number(match["first"]) if match.groupdict().get("first") else None
    if first is not None and first < high:
        low = first
    role = bound(text, start, match.end())
    return Quantity(start, match.end(), low * factor, high * factor, role, counted=match.re is COUNT)


def _scaled(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    ends = (Decimal("0.5"), Decimal("0.5")) if match["number"] == "半" else span_of(match["number"])
    if ends is None:
        return None
    scale = SCALE[match["scale"]]
    more = _tail(match, scale) + (Decimal(scale) / 2 if match["half"] or match["also_half"] else 0)
    return signed(match, ends[0] * scale + more, ends[1] * scale + more)


def _tail(match: re.Match[str], scale: int) -> Decimal:
    """The part behind the scale: 「1亿2000万」, 「一万五」, 「3万8千」, 「壹亿贰仟万零叁佰」."""
    if not match["tail_number"]:
        return Decimal(0)
    value = number(match["tail_number"])
    rest = number(match["rest"]) if match["rest"] else Decimal(0)
    if value is None or rest is None:
        return Decimal(0)
    if match["tail_scale"]:
        return value * SCALE[match["tail_scale"]] + rest
    # 「一万五」 is 15,000; 「一万五千」 and 「3万8000」 say their unit.
    return value * scale / 10 if value < 10 and "零" not in match[0] else value  # noqa: PLR2004 - one digit alone is the next lower place
