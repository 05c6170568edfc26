"""What a short answer means depends on the question: 「80」 an amount, 「2」 a term, 「没有」 no security."""

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any

import cn2an

from domain import limits
from domain.errors import ValueOutOfRange
from domain.labels import Collateral, Guarantee, Purpose
from domain.needs import Need
from handlers import corrections, facts
from handlers.facts import Heard
from handlers.turn import Field
from nlu.understanding import FALLBACK, Understanding

_NUMBER = re.compile(
    r"^(?:大概|大约|差不多|要|就)?\s*(?P<minus>[-−负])?\s*"
    r"(?P<figure>[0-9]+(?:\.[0-9]+)?|[零一二两三四五六七八九十百千]+)\s*(?:左右|吧|就行|就好)?$"
)
# A longer figure counts nothing: it is beyond every limit, and no number is built from it.
_LONGEST_FIGURE = 20
_BEYOND = Decimal(10) ** _LONGEST_FIGURE
# 「5000元」 is what it says, and too little; only a bare figure stands for 万.
_IN_YUAN = re.compile(r"(?<=[0-9零一二两三四五六七八九十百千])\s*(?:块钱?|元)")
_IN_YEARS = re.compile(r"(?<=[0-9零一二两三四五六七八九十百千])\s*年期?")
_ANY = re.compile(r"^(都行|都可以|都能|随便|无所谓|怎么都行|哪种都行|你看着办|看情况|不限)")
_UNKNOWN = re.compile(r"^(我?[还也]?)(不知道|不清楚|不确定|没想好|没定|说不准|说不好|不好说)")
_NONE = re.compile(
    r"^(没有?(?!问题|错|关系|事|毛病|想|定)|么得|木有|冇|没啥|啥也没有|什么都没有|都没有|没东西)"
)
_CLAUSE = re.compile(r"[^，。,.;；!！?？\s]+")
# Whatever is asked: 「没得抵押」 and 「啥抵押也没有啊」 say that there is no security. 「房子没有抵押过」 and
# 「有没有抵押」 do not.
_LACKED = r"没有?得?|莫得|么得|木有|冇|没啥|哪里?有|哪来的?|有[啥什]么?好"
_SECURITY = r"(?:抵押|质押|担保|押)[物品的东西]*"
_ENDING = r"[的了啊呀哦噶嘎咧哟嘛呢哩咯呗嘅]*"
_NOTHING_OFFERED = re.compile(
    rf"(?:[^房厂车备机地楼铺权证不有]{{0,6}}(?:{_LACKED})|[我俺们咱]*不[想愿要用]意?)[^和过其别另]{{0,4}}?{_SECURITY}{_ENDING}|"
    rf"[^房厂车备机地楼铺权证不有]{{0,6}}{_SECURITY}[也都]?(?:没有?得?|莫得|么得|木有|冇){_ENDING}"
)
# 「没有房」 and a question say nothing of what the money is for.
_NO_PURPOSE = re.compile(
    r"^[我俺们]*[没无不有]|[吗么不嘛?？]$|^[-−负0-9a-zA-Z.零一二两三四五六七八九十百千万亿元年月]+$"
)
# Security where that is asked for, but what the money is for where this is.
_TO_BE_BOUGHT = re.compile(r"^[新大]?(?:设备|机器|机床|生产线|货车|车子?)$")
# Said of what was understood, not of security.
_WRONG = re.compile(r"不对|不是|错")
# 「我老婆不同意」 is a no as well, but none to security.
_DECLINED = re.compile(r"^不$|没|无|不[想要用愿押行能]")
_AROUND = " ，。！,.!~"
_FINISHED = re.compile(r"(?:好的?|行)?[，, ]*(?:确认|提交|发布|就这样|就这些)")
_WAN = 10_000
# Nobody asks for less than 10,000 yuan: a figure below it stands for 万.
_YUAN_WRITTEN_OUT = 10_000
_YEARS_AT_MOST = 5
# A longer term is told in years.
_MONTHS_SAID_AT_MOST = 60
_AGAIN = re.compile(r"^(?:还是|就|要|那|改[成为]?|算了|不|[，,\s])*")
_MORTGAGED = {Collateral.REAL_ESTATE, Collateral.LAND, Collateral.EQUIPMENT, Collateral.VEHICLE}
_SHORT = 30


def hear(understanding: Understanding, asking: Field | None) -> Heard:
    """What was said, read with the question that stands, if any."""
    understanding, denied = _without_denied(understanding)
    heard = facts.hear(understanding)
    if denied and Field.GUARANTEE not in heard.fields:
        heard = _together(heard, _without_security())
    if asking is None or heard.refusals:
        return heard
    if asking in heard.fields:
        return _offered(heard) if asking is Field.GUARANTEE else heard
    if heard and asking is Field.PURPOSE:
        # A place or a term is no purpose in the owner's words.
        return heard
    return _together(heard, _read(asking, understanding.text, understanding.intent.name))


def _together(heard: Heard, answer: Heard) -> Heard:
    return Heard(
        answer.need | heard.need,
        heard.facts,
        heard.fields | answer.fields,
        heard.refusals + answer.refusals,
        heard.refused + answer.refused,
    )


def _without_denied(understanding: Understanding) -> tuple[Understanding, bool]:
    """「哪有抵押啊，信用贷吧」: without the security that a clause denies, and whether one does."""
    denied = [
        clause.span()
        for clause in _CLAUSE.finditer(understanding.text)
        if _NOTHING_OFFERED.fullmatch(clause[0])
    ]
    kept = tuple(
        entity
        for entity in understanding.entities
        if entity.name not in {"guarantee", "collateral"}
        or entity.value == Guarantee.CREDIT
        or not any(start <= entity.start < end for start, end in denied)
    )
    return replace(understanding, entities=kept), bool(denied)


def answers(understanding: Understanding, asking: Field | None) -> bool:
    """Whether it says something to the question that stands, be it a figure that must be refused."""
    heard = hear(understanding, asking)
    return asking is not None and (asking in heard.fields or bool(heard.refusals))


def _offered(heard: Heard) -> Heard:
    """Who answers the question for security by naming a thing offers it: mortgaged or pledged."""
    if "guarantee" in heard.need or "collateral" not in heard.need:
        return heard
    ways = tuple(
        dict.fromkeys(
            Guarantee.MORTGAGE if thing in _MORTGAGED else Guarantee.PLEDGE
            for thing in heard.need["collateral"]
        )
    )
    return replace(heard, need=heard.need | {"guarantee": ways})


def _read(asking: Field, text: str, intent: str) -> Heard:
    """The answer to the question asked, where nothing was recognised without knowing the question."""
    answer = text.strip(_AROUND)
    match asking:
        case Field.AMOUNT:
            return _amount(answer)
        case Field.TERM:
            return _term(answer)
        case Field.PURPOSE:
            return _purpose(answer, intent)
        case Field.GUARANTEE:
            return _guarantee(answer, intent)
        case _:
            return Heard()


def amount_again(text: str, need: Need) -> Heard:
    """「还是150吧」 at the summary: 150万, where an amount stands and the figure is no term in months."""
    bare = _AGAIN.sub("", text.strip(_AROUND))
    number = _number(bare)
    stands = need.amount_max is not None or need.amount_min is not None
    if not stands or number is None or number <= _MONTHS_SAID_AT_MOST:
        return Heard()
    return _amount(bare)


def finished(text: str) -> bool:
    """「提交」 at a question: nothing more will be said."""
    return bool(_FINISHED.match(text.strip()))


def leaves_open(answer: str) -> bool:
    """「都行」: any answer suits, so the question is settled and stays open."""
    return bool(_ANY.match(answer.strip()))


def unknown(answer: str) -> bool:
    """「不知道用多久」: the owner cannot say, so the question is skipped."""
    return bool(_UNKNOWN.match(answer.strip()))


def objects(answer: str) -> bool:
    """「不对」: something that was taken down is wrong."""
    return bool(_WRONG.search(answer))


def _number(answer: str) -> Decimal | None:
    found = _NUMBER.match(unicodedata.normalize("NFKC", answer))
    if not found:
        return None
    value = _value(found["figure"])
    return -value if value is not None and found["minus"] else value


def _value(figure: str) -> Decimal | None:
    whole, point, decimals = figure.partition(".")
    if len(whole) > _LONGEST_FIGURE:
        return _BEYOND
    try:
        return Decimal(str(cn2an.cn2an(whole + point + decimals[:_LONGEST_FIGURE], "smart")))
    except ValueError:
        return None


def _amount(answer: str) -> Heard:
    bare = _IN_YUAN.sub("", answer)
    number = _number(bare)
    if number is None:
        return Heard()
    written_out = bare != answer or number >= _YUAN_WRITTEN_OUT
    amount = int(number if written_out else number * _WAN)
    return _checked(Field.AMOUNT, {"amount_min": amount, "amount_max": amount}, amount)


def _term(answer: str) -> Heard:
    bare = _IN_YEARS.sub("", answer)
    number = _number(bare)
    if number is None:
        return Heard()
    # 「2」 to the question for the term means two years, 「24」 months.
    term = int(number * 12 if bare != answer or number <= _YEARS_AT_MOST else number)
    return _checked(Field.TERM, {"term_min_months": term, "term_months": term}, term)


def _checked(asked: Field, changes: dict[str, Any], figure: int) -> Heard:
    check = limits.check_amount if asked is Field.AMOUNT else limits.check_term
    try:
        check(figure)
    except ValueOutOfRange as refusal:
        return Heard(refusals=(refusal.sentence,), refused=(refusal.field,))
    return Heard(need=changes, fields=frozenset({asked}))


def _purpose(answer: str, intent: str) -> Heard:
    """A purpose that fits no label is kept in the owner's words."""
    if intent not in {"inform", "apply_financing", FALLBACK} or not 1 < len(answer) <= _SHORT:
        return Heard()
    if _NO_PURPOSE.search(answer) or corrections.said_wrong(answer):
        return Heard()
    if _TO_BE_BOUGHT.match(answer):
        need = {"purpose": Purpose.EQUIPMENT, "purpose_text": answer}
        return Heard(need=need, fields=frozenset({Field.PURPOSE}))
    if intent != "inform" and not re.search(r"[买用做付进交还补建装修发租]", answer):
        return Heard()
    need = {"purpose": Purpose.OTHER, "purpose_text": answer}
    return Heard(need=need, fields=frozenset({Field.PURPOSE}))


def _guarantee(answer: str, intent: str) -> Heard:
    declined = intent == "deny" and len(answer) <= _SHORT and _DECLINED.search(answer)
    if _NONE.match(answer) or (declined and not _WRONG.search(answer)):
        return _without_security()
    return Heard()


def _without_security() -> Heard:
    need = {"guarantee": (Guarantee.CREDIT,), "collateral": ()}
    return Heard(need=need, fields=frozenset({Field.GUARANTEE}))
