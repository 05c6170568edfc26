"""What one table holds of a person: how it is found, shown, and what becomes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, false, true

from domain.base import Row
from domain.labels import Label
from domain.personal_data.subject import Subject, Which

Show = Callable[[Any], Any]


# In the place of an openid that must not stay: the id of the deletion.
DELETION_ID: Any = object()


def _none(table: Table, subject: Subject) -> ColumnElement[bool]:
    del table, subject
    return false()


def everything(table: Table, subject: Subject) -> ColumnElement[bool]:
    del table, subject
    return true()


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays after a deletion: `which` rows, why, and until when, as the owner is told.

    `reduced` are columns that lose what names the person, with what stands there instead, in rows for which
    `reduced_where` holds.
    """

    why: str
    until: str
    which: Which = everything
    reduced: Mapping[str, Any] = field(default_factory=dict)
    reduced_where: Which = everything


@dataclass(frozen=True, slots=True)
class Holding:
    """A table with data about people or companies.

    `content` is English, for the inventory; all else people read. `shown` gives the columns that the export
    hands out their headings, `hidden` names the others. `pending` are rows that are under way: they wait with
    what becomes of them until they have ended. What is neither pending nor kept is deleted.
    """

    table: str
    title: str
    content: str
    found: Which
    shown: Mapping[str, str]
    hidden: frozenset[str] = frozenset()
    labels: Mapping[str, type[Label]] = field(default_factory=dict)
    masks: Mapping[str, Show] = field(default_factory=dict)
    kept: Kept | None = None
    pending: Which | None = None
    gone_after: str = ""

    @property
    def of(self) -> Table:
        return Row.metadata.tables[self.table]

    @property
    def gated(self) -> bool:
        """Whether it is read through the gate alone; deleted it may be."""
        return bool(self.of.info.get("gated"))

    def kept_rows(self, subject: Subject) -> ColumnElement[bool]:
        return (self.kept.which if self.kept else _none)(self.of, subject)

    def pending_rows(self, subject: Subject) -> ColumnElement[bool]:
        return (self.pending or _none)(self.of, subject)
