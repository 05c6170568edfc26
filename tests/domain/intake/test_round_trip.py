"""Any valid record, written as a person or a program would write it, reads back equal."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.base import Value
from domain.intake.entries import UnreadableFile
from domain.intake.files import open_file
from domain.intake.kinds import FORMATS, KINDS, Kind
from tests.domain.intake.records import (
    RECORDS,
    cells,
    write_csv,
    write_json_array,
    write_json_lines,
    write_xlsx,
)

# The folder is the same for all examples, which overwrite each other's file.
several = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read_back(file: Path, kind: Kind) -> list[Value]:
    source = open_file(file, FORMATS[kind])
    entries = list(source)
    assert [entry.problems for entry in entries if entry.problems] == []
    assert source.ignored == ()
    return [FORMATS[kind].model_validate(entry.data) for entry in entries]


def as_text(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As Python and most programs write CSV: truths in words, days as ISO 8601."""
    words = {True: "true", False: "false"}
    return [
        {
            key: words[value]
            if isinstance(value, bool)
            else value.isoformat()
            if isinstance(value, date)
            else value
            for key, value in row.items()
        }
        for row in rows
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "gb18030"), (",", "gb18030")]
)
@several
@given(data=st.data())
def test_csv(tmp_path: Path, kind: Kind, delimiter: str, encoding: str, data: st.DataObject) -> None:
    records = data.draw(st.lists(RECORDS[kind], min_size=1, max_size=4))
    file = tmp_path / "rows.csv"
    write_csv(file, as_text([cells(item) for item in records]), delimiter=delimiter, encoding=encoding)
    assert read_back(file, kind) == records


@pytest.mark.parametrize("kind", KINDS)
@several
@given(data=st.data())
def test_excel(tmp_path: Path, kind: Kind, data: st.DataObject) -> None:
    records = data.draw(st.lists(RECORDS[kind], min_size=1, max_size=4))
    file = tmp_path / "rows.xlsx"
    write_xlsx(file, [cells(item) for item in records])
    assert read_back(file, kind) == records


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("write", [write_json_lines, write_json_array])
@several
@given(data=st.data())
def test_json(tmp_path: Path, kind: Kind, write: Any, data: st.DataObject) -> None:
    records = data.draw(st.lists(RECORDS[kind], min_size=1, max_size=4))
    file = tmp_path / "rows.json"
    write(file, records)
    assert read_back(file, kind) == records


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json", ".xlsx", ".txt"])
@several
@given(
    beginning=st.sampled_from([b"", b"uscc,name\n", b"uscc;name\n", b'{"uscc"', b"[{", b"PK\x03\x04"]),
    rest=st.lists(st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\xef\xbb\xbf"]) | st.binary(max_size=9)),
)
def test_whatever_is_in_a_file_it_is_read_or_refused(
    tmp_path: Path, suffix: str, beginning: bytes, rest: list[bytes]
) -> None:
    file = tmp_path / f"rows{suffix}"
    file.write_bytes(beginning + b"".join(rest))
    try:
        source = open_file(file, FORMATS["companies"])
    except UnreadableFile:
        return
    places = [entry.place for entry in source]
    assert places == sorted(set(places))
    assert [entry.place for entry in source] == places
