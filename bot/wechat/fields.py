"""Typed access to the fields of a push; whatever is not as documented is ``Malformed``."""

import re
from datetime import datetime
from typing import Self, TypedDict

from bot.wechat import markup
from bot.wechat.errors import Malformed

# Of a person or of an account; it may be what rows are kept by.
IDENTITY = re.compile(r"[!-~]{1,64}")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,20})?")


class Head(TypedDict):
    """What every push has, read once."""

    to_user: str
    openid: str
    created_at: datetime
    dedup_key: str


class FieldReader:
    def __init__(self, raw: markup.Fields) -> None:
        self.raw = raw

    def text(self, name: str) -> str:
        """The field's text, empty when the field is missing or empty."""
        value = self.raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Malformed(f"{name} is not a text")
        return value

    def optional(self, name: str) -> str | None:
        return self.text(name) or None

    def shaped(self, name: str, shape: re.Pattern[str]) -> str:
        value = self.text(name)
        if not shape.fullmatch(value):
            raise Malformed(f"{name} is missing or not as documented")
        return value

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Malformed(f"{name} is missing")
        return value

    def number(self, name: str) -> float:
        return float(self.shaped(name, _NUMBER))

    def integer(self, name: str) -> int:
        """0 when the field is missing or empty."""
        return int(self.shaped(name, _INTEGER)) if self.text(name) else 0

    def optional_integer(self, name: str) -> int | None:
        return self.integer(name) if self.text(name) else None

    def section(self, name: str) -> Self:
        """The fields nested under ``name``, none when it is missing or empty."""
        value = self.raw.get(name)
        if not isinstance(value, dict | None):
            raise Malformed(f"{name} is not a set of fields")
        return type(self)(value or {})

    def sections(self, name: str) -> list[Self]:
        """The sets of fields under ``name``: one alone is not in a list in XML."""
        return [type(self)({name: item}).section(name) for item in self._repeated(name)]

    def integers(self, name: str) -> list[int]:
        return [type(self)({name: item}).integer(name) for item in self._repeated(name)]

    def _repeated(self, name: str) -> list[object]:
        value = self.raw.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]
