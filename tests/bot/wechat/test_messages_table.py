"""docs/wechat.md: each kind that is read or written is in its table, with fields and a test that exists."""

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest

from bot.sections import PROJECT
from bot.wechat import callback, errors, events, messages, parsing, replies
from tests.bot.wechat.pushes import EVENTS, MESSAGES, Sample

PAGE = (PROJECT / "docs" / "wechat.md").read_text(encoding="utf-8").partition("## Error codes")[0]
_NAMED = re.compile(r"`(\w+)/(test_\w+)\.py::(\w+)(?:\[([^\]`]+)\])?`")


def rows(heading: str) -> dict[str, list[str]]:
    """The table under that heading: the cells by the first of them."""
    section = re.search(rf"^#+ {heading}$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    lines = [line for line in section[1].splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip("` ") for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0]: row for row in cells}


@pytest.mark.parametrize("test", sorted(set(_NAMED.findall(PAGE))), ids="::".join)
def test_every_test_that_is_named_exists(test: tuple[str, str, str, str]) -> None:
    room, module, name, case = test
    function = getattr(importlib.import_module(f"tests.bot.{room}.{module}"), name)
    assert not case or case in set(_cases(function))


def _cases(function: Any) -> Iterator[str]:
    """The ids of the cases of a test."""
    for mark in function.pytestmark:
        yield from mark.kwargs.get("ids") or (case.id for case in mark.args[1])


def test_every_row_names_a_test() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(lines) > 45
    assert [line for line in lines if not _NAMED.search(line)] == []


@pytest.mark.parametrize(
    ("heading", "group", "samples", "readers"),
    [
        ("Messages", "message", MESSAGES, parsing.MESSAGES),
        ("Events", "event", EVENTS, events.EVENTS),
    ],
)
def test_every_kind_that_is_read_has_its_row(
    heading: str, group: str, samples: Mapping[str, Sample], readers: Mapping[str, object]
) -> None:
    table = rows(heading)
    assert {name.lower() for name in table} == readers.keys()
    assert table.keys() == samples.keys()
    for name, (_, value, fields, _, test) in table.items():
        assert value == samples[name].kind.__name__
        assert set(re.findall(r"\w+", fields)) - {"none"} == set(_names(samples[name].fields)) - COMMON
        assert test == f"wechat/test_messages.py::test_each_kind[{group} {name}]"


COMMON = {"MsgType", "Event", "MsgDataId", "Idx"}


def _names(value: object) -> Iterator[str]:
    """Every field in a push, however deep."""
    if isinstance(value, Mapping):
        yield from value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _names(inner)


def test_every_value_stands_in_a_table() -> None:
    concrete = {
        kind.__name__
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, messages.Incoming) and not kind.__subclasses__()
    }
    shown = {row[1] for heading in ("Messages", "Events") for row in rows(heading).values()}
    assert concrete == shown | {"UnknownIncoming"}
    assert "UnknownIncoming" in PAGE


def test_every_mode_has_its_row() -> None:
    table = [
        line.split("`")[1] for line in PAGE.splitlines() if re.match(r"\| `(plain|compatible|safe)`", line)
    ]
    assert table == list(callback.Mode)


def test_every_refusal_has_its_row() -> None:
    found = set(re.findall(r"^\| `(\d+)` \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert found == {(str(kind.status), kind.__name__) for kind in errors.CallbackError.__subclasses__()}


def test_every_reply_has_its_row() -> None:
    assert {row[1] for row in rows("Replies").values()} == {kind.__name__ for kind in get_args(replies.Reply)}
