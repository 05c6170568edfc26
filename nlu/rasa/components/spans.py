"""What an extractor finds: a value and the characters that carry it."""

from __future__ import annotations

import re
from dataclasses import dataclass

Value = str | int | float


@dataclass(frozen=True)
class Span:
    entity: str
    start: int
    end: int
    value: Value
    role: str | None = None

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


CLAUSE_END = re.compile(r"[,，。;；!！?？\n]")


def before(text: str, start: int, width: int = 16) -> str:
    """What stands in the same clause before a span, at most `width` characters."""
    return CLAUSE_END.split(text[max(0, start - width) : start])[-1]


def after(text: str, end: int, width: int = 12) -> str:
    """What stands in the same clause behind a span, at most `width` characters."""
    return CLAUSE_END.split(text[end : end + width])[0]
