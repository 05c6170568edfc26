"""What a source of records yields, whatever its format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row, or a field of it, that was not taken.

    `index` is its place as its sender counts: from 0 in a list, the line in a file. `field` has dots
    between levels and is empty for the whole row. `value` is what stood there: short, masked if personal.
    """

    index: int
    field: str
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as its source has it; without `data` it could not be read at all, and `problems` say why."""

    place: int
    data: Any
    problems: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Entries that can be gone through more than once, in bounded memory."""

    read: Callable[[], Iterator[Entry]]
    total: int  # about how many entries there are
    unit: str = "行"  # what their places count: 行 or 条
    ignored: tuple[str, ...] = ()  # columns that nobody knows
    header_of: Callable[[str], str] = str  # the sender's name for a field

    def __iter__(self) -> Iterator[Entry]:
        return self.read()


class UnreadableFile(Exception):
    """Nothing can be taken from the file; the sentence is Chinese and says what to do."""


def unreadable(place: int, reason: str, value: str = "") -> Entry:
    return Entry(place, None, (Rejected(place, "", reason, value),))
