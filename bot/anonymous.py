"""A sentence without the person who said it: what may be kept to learn from.

Stricter than the mask of the logs. What the reader found to be a name, a company or a number of somebody's
goes as a whole; so does what only looks like one, for a reader that was unsure may have overlooked it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nlu.understanding import Entity, Understanding

_BY_ENTITY = {
    "company": "〔公司〕",
    "person": "〔姓名〕",
    "uscc": "〔代码〕",
    "phone": "〔电话〕",
    "id_number": "〔证件号〕",
}
# Their figures are what the sentence is about, up to a length that no number of a person's has.
_FIGURES = frozenset(
    {"amount", "revenue", "employees", "founded", "term_months", "rate", "score", "datetime"}
)
_LONGEST_FIGURE = 7

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任"
    "袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮齐康伍余元卜顾孟黄穆萧尹姚邵汪祁毛禹狄臧戴宋庞熊纪舒屈"
    "项祝董梁杜阮蓝闵席季麻贾路娄江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞柯管卢莫房解应丁宣邓洪包左石崔吉龚程邢"
    "裴陆荣翁荀段侯白蒲赖卓乔曾温庄晏柴瞿阎连习艾容向古易廖耿欧聂辛简饶沙游查关肖涂覃"
)
_HAN = "\u4e00-\u9fff"
_NAME = rf"[{_SURNAMES}][{_HAN}]{{1,2}}"
_DIGITS = re.compile(r"\d(?:[ \-–—.,，·]?\d){4,}(?P<unit>\s*[元块万亿wW人个])?")
_DIGIT = re.compile(r"\d")
_LOOKS = (
    # Digits read out: 幺三八…
    (re.compile("[零〇一二两三四五六七八九幺]{6,}"), "〔号码〕"),
    # Mail addresses, links, number plates, account names: letters with digits or signs among them.
    (
        re.compile(r"(?=[A-Za-z0-9]*[0-9@_./:-])(?=[0-9@_./:-]*[A-Za-z])[A-Za-z0-9@_./:?=&%+-]{6,}"),
        "〔账号〕",
    ),
    (re.compile(r"(?<=微信)号?[是为:： ]*[A-Za-z][A-Za-z0-9_-]{3,}"), "〔账号〕"),
    (re.compile(r"(?i:vx|wx|qq)[号是:： ]*[A-Za-z0-9][A-Za-z0-9_-]{3,}"), "〔账号〕"),
    (re.compile(rf"[{_HAN}A-Za-z0-9（）()]{{2,30}}(?:有限公司|有限责任公司|股份公司)"), "〔公司〕"),
    (
        re.compile(
            rf"(?<=我叫){_NAME}|(?<=姓名){_NAME}|(?<=联系人){_NAME}|(?<=我是){_NAME}(?=$|[，,。.！! ])"
        ),
        "〔姓名〕",
    ),
    (
        re.compile(
            rf"[{_SURNAMES}](?=(?:总(?![共额量部是之体])|老板|经理|先生|女士|小姐|师傅|行长|主任|科长|老师))"
        ),
        "〔姓〕",
    ),
    (
        re.compile(rf"[{_HAN}]{{2,4}}(?:路|街|巷|大道|小区|花园|大厦)\s*\d{{1,5}}\s*[号弄栋幢楼室]?"),
        "〔地址〕",
    ),
)


class _Part(NamedTuple):
    start: int
    end: int
    shown: str


def anonymised(understanding: Understanding) -> str:
    """The text with 〔…〕 for whatever could lead to a person."""
    text, entities = understanding.text, understanding.entities
    found = [*_named(entities), *_numbers(text, entities), *_looks(text)]
    # Where two begin together, the longer one; of equals what the reader says.
    parts = sorted(found, key=lambda part: (part.start, -part.end))
    shown: list[str] = []
    end = 0
    for part in parts:
        # Where two meet, the rest of the second goes with the first.
        if part.start >= end:
            shown += [text[end : part.start], part.shown]
        end = max(end, part.end)
    return "".join([*shown, text[end:]])


def _named(entities: Iterable[Entity]) -> Iterator[_Part]:
    for entity in entities:
        if entity.name in _BY_ENTITY:
            yield _Part(entity.start, entity.end, _BY_ENTITY[entity.name])


def _numbers(text: str, entities: Iterable[Entity]) -> Iterator[_Part]:
    figures = [(entity.start, entity.end) for entity in entities if entity.name in _FIGURES]
    for found in _DIGITS.finditer(text):
        start, end = found.start(), found.start("unit") if found["unit"] else found.end()
        is_figure = found["unit"] or any(left <= start and end <= right for left, right in figures)
        if not is_figure or len(_DIGIT.findall(found[0])) > _LONGEST_FIGURE:
            yield _Part(start, end, "〔号码〕")


def _looks(text: str) -> Iterator[_Part]:
    for pattern, shown in _LOOKS:
        for found in pattern.finditer(text):
            yield _Part(found.start(), found.end(), shown)
