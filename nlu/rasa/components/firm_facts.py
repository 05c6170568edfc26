# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Since when the firm exists: `founded`, told as a date (「2016年成立」) or as an age (「开了三年」)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from components.numerals import NUMBER, number, spread
from components.quantities import span_of
from components.spans import Span

_MONTH = r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})月"
_YEAR = r"(?P<year>(?:19|20)\d\d|[一二]九?[〇零九一二][〇零一二三四五六七八九]{2}|[〇零一二三四五六七八九]{2}|\d\d)年"
BEGUN = r"(?:成立|落在|落地|落户|开业|开的|开店|开厂|开张|开办|创办|创立|创建|注册|建厂|建的|建成|办的|办厂|办起|起家|起的头|起头|开起来|干起来|办起来|就有了?|就在|创业|开始[做干种养跑搞]|设立|登记|做起|起步|出来(?:单?干|做)|单干|自立门户|投产|[拿领办下](?:的|了|到|下)?(?:营业)?执照|接手|盘下|接的班|建了?厂)"
_FOUNDING = r"(?:成立|注册|开业|创办|创立|创建|设立|建厂|开办|投产|开张)"
FOUNDED = re.compile(rf"{_YEAR}(?:{_MONTH}份?)?(?:\d+[日号])?[^,，。\d]{{0,6}}?{BEGUN}")
# 「零九年的厂」, 「老企业，98年的」
FOUNDED_FIRM = re.compile(rf"{_YEAR}(?:{_MONTH}份?)?的(?=老?(?:厂|公司|店|企业))")
FIRM_FOUNDED = re.compile(rf"(?:厂子?|公司|店|企业)[,，]?(?:就?是)?{_YEAR}(?:{_MONTH}份?)?的")
FOUNDED_AFTER = re.compile(
    rf"(?:{_FOUNDING}|年头|年份|执照)(?:时间|日期|年份|年限|的)?(?:[^\d贷借。]{{0,10}}?[,，:于是在改成为\s])?{_YEAR}(?:{_MONTH})?"
)
# 「零七年到现在」
SINCE = re.compile(rf"{_YEAR}(?:{_MONTH}份?)?(?:就|一直|干|做|开){{0,3}}(?:到现在|至今)(?!.{{0,2}}[没未])")
# 「成立时间：2018-06」
FOUNDED_IN_FIGURES = re.compile(
    rf"{_FOUNDING}(?:时间|日期|年份|于|是|在|:|\s){{0,4}}(?P<year>(?:19|20)\d\d)(?:[-/.](?P<month>\d{{1,2}}))?(?![\d万])"
)
RELATIVE = re.compile(
    rf"(?P<word>大前年|前年|去年|今年)(?:{_MONTH}份?|年初|年底|上半年|下半年|初|底|刚|才)*[^,，。\d贷借还万亿是]{{0,4}}?{BEGUN}"
)
# A year of the calendar that is all the message says answers when the firm began.
ONLY_A_YEAR = re.compile(rf"\s*(?P<year>(?:19|20)\d\d)年(?:{_MONTH}份?)?(?:的|吧|左右|\s)*")
# What may stand between is bounded: a free run inside a repetition takes exponential time on long dictation.
_AGE_WORDS = r"(?:了|有|已经|到现在|也|这行|个|行|至今|时间|满|快|小|差不多|大概|大约|将近|整整|公司|店|厂|的|都|得|够){0,8}"
AGE = re.compile(
    rf"(?:成立|开业|创办|注册|创立|开办|(?:公司|厂子?|店|企业|饭店|工厂|生意|这行|作坊|小店)?(?:开|办|做|干|搞|经营|种|养|跑|运营|存续|营业|入行|接手|盘下|创业|从事))"
    rf"{_AGE_WORDS}[^\d,，。贷借还用]{{0,6}}?{_AGE_WORDS}(?<!个)(?P<number>{NUMBER})\s*(?:多|来|几)?个?年(?:半|多|了|左右|啦)*(?!级|期|化|息|前|以前|之前|营|销|能|流水|[\u4e00-\u9fa5]?利|的(?:贷|期))"
)
# 「开了个修车铺，6年了」
AGE_IN_NEXT_CLAUSE = re.compile(
    rf"(?:开|办|做|干|搞|种|养|跑|经营|接手)[^\d。贷借]{{1,12}}?[,，]\s*(?:有|已经|快|都|差不多|干了|做了|开了){{0,3}}(?P<number>{NUMBER})(?:多|来|几)?年(?:多|了|啦)+"
)
# A firm of months: the verb has to speak of the firm, for 「做个半年」 is a term.
AGE_IN_MONTHS = re.compile(
    rf"(?:(?:成立|注册|开业|开张|开办|执照(?=刚?满))(?:了|才|刚|不到|有|满|快|大概|差不多){{0,4}}|(?:营业|经营|开|办)(?:了|才|刚|不到|有|满|快|大概|差不多){{1,4}})(?P<number>半|{NUMBER})(?:多|来|几)?(?P<unit>年|个半?月)(?!期)"
)
AGO = re.compile(
    rf"(?P<number>{NUMBER})(?:多|来|几)?年(?:以|之)?前[^,，。\d贷借]{{0,5}}?(?:{BEGUN}|[开办]了)"
)
OLD_SHOP = re.compile(
    rf"(?P<number>{NUMBER})(?:多|来|几)?年(?:的)?(?:老店|老厂|老企业|老公司|老字号|历史|厂龄|店龄)"
)
# 「这个厂从我爸那辈算起有三十年了」
FIRM_HAS = re.compile(
    rf"(?:厂子?|公司|店|企业)[^\d,，。贷借]{{0,12}}(?:有|快|满)(?P<number>{NUMBER})(?:多|来|几)?年(?:多|了)+"
)
# 「成立不满一年的公司」 is a kind of firm, not the speaker's.
A_KIND = re.compile(
    r"(?:以上|以下|以内)?的?(?:行不|可以[吗不]|能[不否贷]|公司|企业|厂|店|个体户|才|就能|能不能|可不可以|能贷|能不)"
)
A_BOUND = re.compile(r"(?:以上|以下|以内)的?(?:公司|企业|厂|店|个体户|才|就|能)")
MIN_YEAR = 1949
OLDEST = 70
CENTURY_TURN = 50
WORDS = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}


def find_founded(text: str, today: date) -> Iterator[Span]:
    """ISO year or year-month; ages (「开了三年」) count back from `today`."""
    dated = list(_dated(text, today))
    yield from dated
    # 「做这行二十年了，公司2018年成立」: of the two the date is the firm's.
    if not dated:
        yield from _aged(text, today)


def _aged(text: str, today: date) -> Iterator[Span]:
    for match in RELATIVE.finditer(text):
        begun = today.year - WORDS[match["word"]]
        yield Span("founded", match.start(), match.end(), _with_month(begun, match["month"]))
    for pattern in (AGE, AGE_IN_NEXT_CLAUSE, AGO, OLD_SHOP, FIRM_HAS):
        for match in pattern.finditer(text):
            ends = span_of(match["number"])
            if (
                ends
                and 0 < ends[0] <= OLDEST
                and not _is_a_kind(text, match)
                and not _is_a_year(match["number"])
            ):
                yield Span("founded", match.start("number"), match.end(), str(today.year - int(ends[0])))
    yield from _young(text, today)


def _dated(text: str, today: date) -> Iterator[Span]:
    alone = ONLY_A_YEAR.fullmatch(text)
    found = [
        match
        for form in (FOUNDED, FOUNDED_FIRM, FIRM_FOUNDED, FOUNDED_AFTER, FOUNDED_IN_FIGURES, SINCE)
        for match in form.finditer(text)
    ]
    # Of two dates the first counts: the firm began before its works did.
    for match in sorted([*found, *([alone] if alone else [])], key=re.Match.start)[:1]:
        year = _year(match["year"], today)
        if year:
            end = match.end("month") if match["month"] else match.end("year")
            yield Span("founded", match.start("year"), end, _with_month(year, match["month"]))


def _young(text: str, today: date) -> Iterator[Span]:
    for match in AGE_IN_MONTHS.finditer(text):
        months = _age_in_months(match)
        if 0 < months < OLDEST and not _is_a_kind(text, match):
            begun = today.year * 12 + today.month - 1 - months
            yield Span("founded", match.start("number"), match.end(), str(begun // 12))


def _age_in_months(match: re.Match[str]) -> int:
    """Whole months of 「半年」 and 「八个月」; none of 「三年」, which is read elsewhere."""
    if match["unit"] == "年":
        return 6 if match["number"] == "半" else 0
    ends = span_of(match["number"])
    return int(ends[0]) if ends else 0


def _is_a_kind(text: str, match: re.Match[str]) -> bool:
    not_reached = re.search(r"[不没未]", match[0])
    return bool((not_reached and A_KIND.match(text, match.end())) or A_BOUND.match(text, match.end()))


def _is_a_year(written: str) -> bool:
    """「一五年」 is 2015, 「三五年」 three years or five."""
    return bool(re.fullmatch(r"[零〇一二][〇零一二三四五六七八九]", written)) and spread(written) is None


def _year(written: str, today: date) -> int | None:
    value = number(written)
    if value is None:
        return None
    year = int(value)
    if year < 100:  # noqa: PLR2004 - two digits: 「16年」, 「98年」
        year += 1900 if year > CENTURY_TURN else 2000
    return year if MIN_YEAR <= year <= today.year else None


def _with_month(year: int, written: str | None) -> str:
    month = number(written) if written else None
    return f"{year}-{int(month):02}" if month and 1 <= month <= 12 else str(year)  # noqa: PLR2004 - months
