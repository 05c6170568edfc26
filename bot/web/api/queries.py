"""Reading query parameters: what is wrong is answered with the parameter's name."""

import re
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from bot.web.problems import Problem, bad_request
from domain.base import storable

_PAGE_SIZE = 50
_PAGE_SIZE_MOST = 500
_FEW_DIGITS = re.compile(r"[0-9]{1,9}")

Choice = TypeVar("Choice", bound=StrEnum)


def text(request: web.Request, name: str) -> str | None:
    """The parameter as it stands; None when it is not given."""
    value = request.query.get(name)
    if value is not None and not storable(value):
        raise bad_request(f"{name} 含有不能识别的字符", field=name)
    return value


def page_size(request: web.Request) -> int:
    size = whole_number(request, "page_size", _PAGE_SIZE)
    if not 1 <= size <= _PAGE_SIZE_MOST:
        raise bad_request(f"page_size 应为 1 到 {_PAGE_SIZE_MOST} 的整数", field="page_size")
    return size


def whole_number(request: web.Request, name: str, default: int) -> int:
    digits = request.query.get(name, str(default))
    if not _FEW_DIGITS.fullmatch(digits):
        raise bad_request(f"{name} 应为不小于 0 的整数", field=name)
    return int(digits)


def choice(request: web.Request, name: str, choices: type[Choice]) -> Choice | None:
    """One of the enumeration's values; None when the parameter is not given."""
    word = request.query.get(name)
    if word is None:
        return None
    if word not in set(choices):
        raise bad_request(f"{name} 应为 {'、'.join(choices)} 之一", field=name)
    return choices(word)


def bad_cursor() -> Problem:
    return bad_request("cursor 不是上一页给出的值", field="cursor")
