"""Reads the fields of an answer; what is missing or of another type is `BadAnswer`."""

from collections.abc import Mapping
from typing import Any

from bot.wechat.errors import BadAnswer

Answer = Mapping[str, Any]


def text_of(answer: Answer, name: str, path: str) -> str:
    """A text or a number as text: the platform writes some ids either way."""
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise BadAnswer(path, f"no {name} in the answer")
    return str(value)


def number_of(answer: Answer, name: str, path: str) -> int:
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadAnswer(path, f"no {name} in the answer")
    return value


def record_of(answer: Answer, name: str, path: str) -> dict[str, Any]:
    value = answer.get(name)
    if not isinstance(value, dict):
        raise BadAnswer(path, f"no {name} in the answer")
    return value


def records_of(answer: Answer, name: str, path: str) -> list[dict[str, Any]]:
    value = answer.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadAnswer(path, f"no {name} in the answer")
    return value


def list_of(answer: Answer, name: str, path: str) -> list[Any]:
    value = answer.get(name)
    if not isinstance(value, list):
        raise BadAnswer(path, f"no {name} in the answer")
    return value


def without_none(**fields: Any) -> dict[str, Any]:
    """A body without the fields that were not given."""
    return {name: value for name, value in fields.items() if value is not None}
