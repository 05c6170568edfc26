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


_ADDED_BEFORE = re.compile(r"(?:金额|大概|大约|差不多|我|那|嗯|就|为|:|\s)*")
_ADDED_BEHIND = re.compile(r"(?:左右|吧|啊|的|就行|就好|就够|就成|就可以|够了|够|\s)*")
CLAUSE_END = re.compile(r"[,，。;；!！?？\n]")


def before(text: str, start: int, width: int = 16) -> str:
    """What stands in the same clause before a span, at most `width` characters."""
    return CLAUSE_END.split(text[max(0, start - width) : start])[-1]


def after(text: str, end: int, width: int = 12) -> str:
    """What stands in the same clause behind a span, at most `width` characters."""
    return CLAUSE_END.split(text[end : end + width])[0]


def alone(text: str, start: int, end: int) -> bool:
    """Whether a span is all that its clause says: an answer, not a figure in a story."""
    return bool(_ADDED_BEFORE.fullmatch(before(text, start)) and _ADDED_BEHIND.fullmatch(after(text, end)))
