"""What the calls of every noun share: their shape, and reading their fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.people import People, Person

Payload = Mapping[str, Any]
"""The query of a GET, the JSON of a POST, or the parts of an upload."""
Answer = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file in a multipart body."""

    name: str
    type: str
    data: bytes


Work = Callable[[Payload], "Answer | Upload"]
"""Raises `ApiError` for a refusal; an `Upload` is sent back as the file itself."""

FINE: Answer = {"errcode": 0, "errmsg": "ok"}
EMPTY = 44004


def text(payload: Payload, name: str, errcode: int = EMPTY) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(errcode, f"empty or no string: {name}")
    return value


def number(payload: Payload, name: str, errcode: int = 47001) -> int:
    value = payload.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ApiError(errcode, f"no integer: {name}")
    return value


def block(payload: Payload, name: str, errcode: int = EMPTY) -> Payload:
    value = payload.get(name)
    if not isinstance(value, Mapping):
        raise ApiError(errcode, f"empty or no object: {name}")
    return value


def listed(payload: Payload, name: str, errcode: int = EMPTY) -> list[Any]:
    value = payload.get(name)
    if not isinstance(value, list) or not value:
        raise ApiError(errcode, f"empty or no list: {name}")
    return value


def person_of(people: People, payload: Payload, name: str = "touser") -> Person:
    person = people.find(str(payload.get(name) or ""))
    if person is None:
        raise ApiError(40003, "invalid openid")
    return person


def people_of(people: People, payload: Payload, name: str, most: int, *, least: int = 1) -> list[Person]:
    """The people of a list of openids; 40032 when it is too short or too long."""
    openids = payload.get(name)
    if not isinstance(openids, list) or not least <= len(openids) <= most:
        raise ApiError(40032, f"invalid openid list size: {least} to {most}")
    return [person_of(people, {"openid": openid}, "openid") for openid in openids]
