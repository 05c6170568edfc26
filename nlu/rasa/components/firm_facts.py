# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""How many people, since when: `employees` and `founded`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from components.numerals import NUMBER, number
from components.quantities import span_of
from components.spans import Span, after, before

HEADS = re.compile(
    rf"(?<![\d.第])(?P<number>{NUMBER})\s*(?:多|来|几|余)?\s*(?:个|名|位|号|口)?\s*(?:正式|全职|在职|技术|残疾)?"
    r"(?P<noun>员工|工人|职工|雇员|师傅|伙计|店员|服务员|司机|老师|医生|程序员|农民工|人手|人(?!民|家|脸|工|行|寿|才|均|次|份))"
)
STAFF_BEFORE = re.compile(
    r"(?:员工|工人|职工|人员|团队|手下|雇了?|请了?|招了?|厂里|店里|公司|一共|总共|全厂|带着|养着|养|有|发工资|给)[^,，。\d]{0,6}$"
)
STAFF_NUMBER = re.compile(
    rf"(?:员工|职工|工人|团队|人员)(?:人数|数量|数)?(?:大概|大约|是|有|共|差不多|:)*\s*(?P<number>{NUMBER})(?:多|来|几)?(?:人|个|名)?(?!\d|[万年月块元%])"
)
NOT_STAFF = re.compile(r"(?:担保|股东|联系|合伙|投资|客户|法|申请|借款|共同|本|熟)个?$")

YEAR = r"(?P<year>(?:19|20)\d\d|[一二]九?[〇零九一二][〇零一二三四五六七八九]{2}|[〇零一二三四五六七八九]{2}|\d\d)年"
BEGUN = r"(?:成立|开业|开的|开店|开厂|开张|创办|创立|注册|建厂|办的|办厂|建的|起家|创业|开始[做干种养跑搞]|设立|登记|做起|起步|投产)"
FOUNDED = re.compile(
    rf"{YEAR}(?:(?P<month>\d{{1,2}}|[一二三四五六七八九十]+)月份?)?(?:\d+[日号])?[^,，。\d]{{0,6}}?{BEGUN}"
)
FOUNDED_AFTER = re.compile(
    rf"(?:成立|注册|开业|创办|设立|建厂)(?:时间|日期)?(?:于|是|在|:)*\s*{YEAR}(?:(?P<month>\d{{1,2}}|[一二三四五六七八九十]+)月)?"
)
RELATIVE = re.compile(
    rf"(?P<word>大前年|前年|去年|今年)(?:(?P<month>\d{{1,2}}|[一二三四五六七八九十]+)月份?|年初|年底|初|底|刚|才)*[^,，。\d贷借还]{{0,4}}?{BEGUN}"
)
# What may stand between is bounded: a free run inside a repetition takes exponential time on long dictation.
AGE_WORDS = r"(?:了|有|已经|到现在|也|这行|这个|行|至今|时间|满|快|差不多|大概|大约|将近|整整|公司|店|厂|的|都|得){0,8}"
AGE = re.compile(
    rf"(?:成立|开业|创办|注册|创立|(?:公司|厂子?|店|企业|饭店|工厂|生意|这行|作坊|小店)?(?:开|办|做|干|搞|经营|种|养|跑|运营|存续|开办|营业|入行))"
    rf"{AGE_WORDS}[^\d,，。贷借还]{{0,6}}?{AGE_WORDS}(?<!个)(?P<number>{NUMBER})\s*(?:多|来|几)?个?年(?:半|多|了|左右|啦)*(?!级|期|化|息|前|以前|之前|营|销|能|流水|[\u4e00-\u9fa5]?利)"
)
AGO = re.compile(rf"(?P<number>{NUMBER})年(?:以|之)?前[^,，。\d贷借]{{0,5}}?{BEGUN}")
OLD_SHOP = re.compile(rf"(?P<number>{NUMBER})(?:多|来|几)?年(?:的)?(?:老店|老厂|老企业|老公司|老字号)")
MIN_YEAR = 1949
OLDEST = 70
CENTURY_TURN = 50
WORDS = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}


def find_employees(text: str) -> Iterator[Span]:
    """Heads; of 「三五个人」 the lower figure, a rough one as its round figure."""
    for match in HEADS.finditer(text):
        ends = span_of(match["number"])
        bare = match["noun"] == "人"
        if ends is None or ends[0] < 1 or NOT_STAFF.search(match[0][:-1]):
            continue
        alone = bare and ends[0] < 5 and not STAFF_BEFORE.search(before(text, match.start()))  # noqa: PLR2004 - 「两个人来办」
        if alone or re.match(r"(?:担保|股东|来|去|一起|办|合伙)", after(text, match.end())):
            continue
        yield Span("employees", match.start(), match.end(), int(ends[0]))
    for match in STAFF_NUMBER.finditer(text):
        value = number(match["number"])
        if value:
            yield Span("employees", match.start("number"), match.end(), int(value))


def find_founded(text: str, today: date) -> Iterator[Span]:
    """ISO year or year-month; ages (「开了三年」) count back from `today`."""
    for pattern in (FOUNDED, FOUNDED_AFTER):
        for match in pattern.finditer(text):
            year = _year(match["year"], today)
            if year:
                end = match.end("month") + 1 if match["month"] else match.end("year") + 1
                yield Span("founded", match.start("year"), end, _with_month(year, match["month"]))
    for match in RELATIVE.finditer(text):
        yield Span(
            "founded",
            match.start(),
            match.end(),
            _with_month(today.year - WORDS[match["word"]], match["month"]),
        )
    for pattern in (AGE, AGO, OLD_SHOP):
        for match in pattern.finditer(text):
            age = number(match["number"])
            if age and age <= OLDEST:
                yield Span("founded", match.start("number"), match.end(), str(today.year - int(age)))


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
