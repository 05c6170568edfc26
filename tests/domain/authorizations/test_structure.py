"""No code reads credit data but with an `Access`, and nobody but the gate makes one."""

import ast
import gc
import importlib

import pytest

from bot import schema
from domain import gated
from domain.base import Row
from domain.prepared import Prepared
from tests.domain.authorizations import structure

GATE = "domain/authorizations/gate.py"
# INSERT … SELECT from marked tables into marked ones: the data do not leave the database, and the guard,
# which sees the whole statement, lets it pass for that reason alone.
STAYS_INSIDE = {"domain/credit/documents.py"}


def marked_classes() -> set[str]:
    """The classes of the marked tables of the whole schema."""
    assert schema.METADATA.tables
    return {
        mapper.class_.__name__
        for mapper in Row.registry.mappers
        if getattr(mapper.local_table, "info", {}).get("gated")
    }


def test_every_function_that_reads_credit_data_takes_an_access() -> None:
    classes = marked_classes()
    found = [
        (str(path), reading)
        for path, tree in structure.sources()
        for reading in structure.readings(tree, classes)
    ]
    without = [(path, reading) for path, reading in found if not reading.takes_access]
    assert [place for place in without if place[0] not in STAYS_INSIDE] == []
    assert {path for path, _ in without} == STAYS_INSIDE, "an exemption that nobody needs any more"
    assert len(found) >= len(classes), "whoever marks a table has somebody who reads it"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("async def f(session): await session.execute(select(Secret))", [False]),
        ("async def f(access: Access): await access.session.execute(select(Secret.value))", [True]),
        ("async def f(session): return await session.get(Secret, 1)", [False]),
        ("async def f(session): return await session.get(tables.Secret, 1)", [False]),
        ("from x import Secret as S\ndef f(): return select(S)", [False]),
        ("T = table_of(Secret)\ndef f(): return select(T.c.value)", [False]),
        ("Q = select(Secret)", [False]),
        ("def f(): return select(Open).join(Secret)", [False]),
        ("def f(): return select(Open).where(exists().where(Open.id == 1), exists(Secret.id))", [False]),
        ("def f(access: Access):\n    def g(): return select(Secret)\n    return g", [True]),
        ("def f(): return insert(Secret).values(id=1)", []),
        ("def f(): return update(Secret).where(Secret.id == 1).values(id=2)", []),
        ("def f(): return update(Secret).values(id=2).returning(Secret.value)", [False]),
        ("def f(): return delete(Secret).where(Secret.id.in_(select(Secret.id).limit(1)))", []),
        ("def f(): return Secret(id=1)", []),
        ("def f(): return select(Open)", []),
    ],
)
def test_the_finder_finds(source: str, expected: list[bool]) -> None:
    found = structure.readings(ast.parse(source), {"Secret"})
    assert [reading.takes_access for reading in found][: len(expected) or 1] == expected


def test_only_the_gate_makes_an_access_or_opens_a_connection() -> None:
    makers = {
        (name, str(path))
        for path, tree in structure.sources()
        for name in ("Access", "opened")
        for call in structure.calls_of(tree, name)
        if name == "Access" or structure.mentions(call.func, {"gated"})
    }
    assert makers == {("Access", GATE), ("opened", GATE)}


def test_records_are_written_in_one_place_and_changed_in_none() -> None:
    places = {
        (name, str(path))
        for path, tree in structure.sources()
        for name in ("insert", "upsert", "update", "delete", "AccessRow")
        for call in structure.calls_of(tree, name)
        if name == "AccessRow"
        or any(structure.mentions(item, {"AccessRow", "_ACCESSES"}) for item in call.args)
    }
    assert places == {("insert", "domain/authorizations/records.py")}


def test_no_statement_past_the_guard_names_a_marked_table() -> None:
    """Prepared ones are given to SQLite's driver as they are."""
    for path, tree in structure.sources():
        if structure.calls_of(tree, Prepared.__name__):
            importlib.import_module(".".join(path.with_suffix("").parts))
    prepared = [item for item in gc.get_objects() if isinstance(item, Prepared)]
    assert prepared
    for item in prepared:
        statement = str(item._statement)
        assert [name for name in gated.marked() if name in statement] == []
