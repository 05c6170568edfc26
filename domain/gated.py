"""Tables with credit data: marked, and readable on no connection but one that the gate has opened.

The guard sits where every statement passes, whatever it was built with. It sees text, not objects: a table's
name in anything but a statement that only writes to such a table is a reading.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, event

# In `__table_args__` of a table with credit data.
GATED: dict[str, Any] = {"info": {"gated": True}}
_OPEN = "gate_open"
_DEFINITION = re.compile(r"\s*(CREATE|ALTER|DROP|TRUNCATE|ANALYZE|PRAGMA)\b", re.IGNORECASE)
_WRITING = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
_COPYING = re.compile(r"\bSELECT\b", re.IGNORECASE)
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)
_names: dict[str, re.Pattern[str]] = {}


class Unguarded(Exception):
    """Credit data were to be read past the gate: a mistake in the code, never one of its user."""


def marked() -> frozenset[str]:
    """The names of all marked tables whose modules are imported."""
    return frozenset(_names)


@event.listens_for(Table, "after_parent_attach")
def _note(table: Table, parent: object) -> None:
    del parent
    if table.info.get("gated"):
        _names[table.name] = re.compile(rf"\b{re.escape(table.name)}\b", re.IGNORECASE)


def guard(engine: Engine) -> None:
    """Have every statement of the engine looked at before it runs."""
    event.listen(engine, "before_cursor_execute", _check)


def _check(connection: Connection, cursor: object, statement: str, *others: object) -> None:
    del cursor, others
    # A plain search first: all but a few statements end here, in about a microsecond.
    lowered = statement.lower()
    for name, pattern in _names.items():
        if name in lowered and pattern.search(statement) and reads(statement):
            if not connection.get_execution_options().get(_OPEN):
                raise Unguarded(f"{name} may be read through domain.authorizations.gate alone")
            return


def reads(statement: str) -> bool:
    """Whether a statement that names a marked table gets at what is in it.

    What deletes, inserts or updates there and returns nothing does not; one that copies into a table which
    is not marked does, be it a table or view that it makes.
    """
    if _DEFINITION.match(statement):
        return _COPYING.search(statement) is not None
    writing = _WRITING.match(statement)
    return not (writing and writing[1].lower() in _names) or _RETURNING.search(statement) is not None


@contextmanager
def opened(connection: Connection) -> Iterator[None]:
    """Let marked tables be read on this connection; for the gate alone.

    On SQLAlchemy's connection, not the driver's: when its transaction ends early, the permission is gone.
    """
    before = connection.get_execution_options().get(_OPEN, False)
    connection.execution_options(**{_OPEN: True})
    try:
        yield
    finally:
        connection.execution_options(**{_OPEN: before})
