"""Which fields a message names, and which of them it calls wrong without saying what is right."""

import re

from handlers.turn import Field

_WORDS = {
    Field.AMOUNT: "金额|额度|数额|钱数|数目",
    Field.TERM: "期限|时间|年限|多久",
    Field.PURPOSE: "用途|用来",
    Field.GUARANTEE: "担保|抵押|质押|抵押物",
    Field.REGION: "地区|城市|地址|区域|所在地|(?<![个些哪有])地方",
    Field.INDUSTRY: "行业|行当|干什么的",
}
_WRONG = r"(?:[说填写搞弄报打讲]错|不对|有误|(?<!没)错[了啦]|[要得]改|改一下|换一下)"
_NAMED = {field: re.compile(words) for field, words in _WORDS.items()}
# Within one clause: 「城市和期限都说错了」 names two, 「期限两年，城市不对」 but one.
_SAID_WRONG = {
    field: re.compile(rf"(?:{words})[^，。,；;！!]{{0,8}}{_WRONG}") for field, words in _WORDS.items()
}
_ANYTHING_WRONG = re.compile(_WRONG)
# So short a message that names a field does nothing else.
_BARE_LABEL = 5
_ADDS = re.compile(r"再加|加上|加一[条项个]|还有|还能|也可以|也能|也行|另外|外加|同时")
_REPLACES = re.compile(r"[改换]|不是|不[要用]")
_RIGHT = re.compile(r"没错|对的|没问题|不改|不用改")


def named(text: str) -> tuple[Field, ...]:
    return tuple(field for field in Field if _NAMED[field].search(text))


def said_wrong(text: str) -> tuple[Field, ...]:
    """「刚才城市说错了」: the fields that are wrong, where the message itself says so."""
    return tuple(field for field in Field if _SAID_WRONG[field].search(text))


def asked_to_change(text: str, intent: str) -> tuple[Field, ...]:
    """The fields that are to be said anew; the intent tells a correction where the words do not."""
    fields = said_wrong(text)
    if fields or _RIGHT.search(text):
        return fields
    told_by_intent = intent in {"correct", "deny"} or len(text.strip()) <= _BARE_LABEL
    return named(text) if told_by_intent else ()


def adds(text: str) -> bool:
    """「再加上厂房」: what was said before stands beside it."""
    return _ADDS.search(text) is not None and not _REPLACES.search(text)


def something_wrong(text: str) -> bool:
    return _ANYTHING_WRONG.search(text) is not None
