"""Template fields cut to WeChat's limits, by the type that a field's name begins with.

Limits: WeChat's documentation of template messages. A value beyond them is refused with 47003.
"""

import re
from collections.abc import Callable
from datetime import datetime

from domain.base import SHANGHAI

Value = str | int | datetime

_TYPE = re.compile(r"^([a-z_]+?)\d*$")
_THING = 20
_CHARACTERS = 32
_AMOUNT_DIGITS = 10
_PHRASE = 5
_HAN_NAME = 10
_LATIN_NAME = 20
_NOTHING = "无"
_NOT_CHARACTERS = re.compile(r"[^\x21-\x7e]")
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")
_NOT_HAN_NAME = re.compile(r"[^\u4e00-\u9fff·]")
_NOT_LATIN_NAME = re.compile(r"[^A-Za-z .·]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def fit(field: str, value: Value) -> str:
    """The value as that field can carry it; longer texts end in an ellipsis, never empty."""
    found = _TYPE.match(field)
    rule = _RULES.get(found[1], _thing) if found else _thing
    return rule(value) or "-"


def _cut(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _thing(value: Value) -> str:
    return _cut(_text(value), _THING)


def _characters(value: Value) -> str:
    return _NOT_CHARACTERS.sub("", _text(value))[:_CHARACTERS]


def _amount(value: Value) -> str:
    """Yuan; ten digits are all that the field holds."""
    digits = re.sub(r"\D", "", str(value)) or "0"
    return f"{min(int(digits), 10**_AMOUNT_DIGITS - 1)}元"


def _phrase(value: Value) -> str:
    return _NOT_HAN.sub("", _text(value))[:_PHRASE] or _NOTHING


def _number(value: Value) -> str:
    """The first number in it; a number cannot be cut, so one that is too long is none."""
    found = _NUMBER.search(str(value))
    return found[0] if found and len(found[0]) <= _CHARACTERS else "0"


def _time(value: Value) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _date(value: Value) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d}" if isinstance(value, datetime) else str(value)


def _name(value: Value) -> str:
    """Han or Latin letters and nothing else, not even an ellipsis."""
    text = _text(value)
    han = _NOT_HAN_NAME.sub("", text)[:_HAN_NAME]
    return han or _NOT_LATIN_NAME.sub("", text).strip()[:_LATIN_NAME] or _NOTHING


def _text(value: Value) -> str:
    return _time(value) if isinstance(value, datetime) else str(value)


_RULES: dict[str, Callable[[Value], str]] = {
    "thing": _thing,
    "character_string": _characters,
    "number": _number,
    "amount": _amount,
    "phrase": _phrase,
    "time": _time,
    "date": _date,
    "name": _name,
    "const": _thing,
}
