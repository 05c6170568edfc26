"""What a check finds, in words for the operator."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`note` is worth knowing, `warning` will become trouble, `error` is trouble."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` is what to do about it; every warning and every error has one."""

    level: Level
    text: str
    remedy: str = ""


def fine(text: str) -> Finding:
    return Finding(Level.OK, text)


def note(text: str) -> Finding:
    return Finding(Level.NOTE, text)


def warn(text: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, text, remedy)


def wrong(text: str, remedy: str) -> Finding:
    return Finding(Level.ERROR, text, remedy)
