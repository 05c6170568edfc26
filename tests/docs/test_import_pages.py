"""The pages about import say what the code does, and their examples can be imported."""

import re
from itertools import chain
from pathlib import Path

import pytest

from bot.sections import PROJECT
from domain.database import Database
from domain.importing import take_over
from domain.intake.columns import Columns
from domain.intake.files import open_file
from domain.intake.kinds import FORMATS, KINDS, Kind
from domain.intake.names import CONDITION_NAMES, NAMES
from domain.secrets import Cipher, decode_key, new_key

EXAMPLES = PROJECT / "docs" / "examples"
PAGE = (PROJECT / "docs" / "import.md").read_text(encoding="utf-8")
SUFFIXES = ("csv", "xlsx", "jsonl")


def example(kind: Kind, suffix: str) -> Path:
    return EXAMPLES / f"{kind}.{suffix}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", SUFFIXES)
async def test_every_example_is_taken_whole(database: Database, kind: Kind, suffix: str) -> None:
    source = open_file(example(kind, suffix), FORMATS[kind])
    assert source.ignored == ()
    cipher = Cipher(decode_key(new_key()))
    report = await take_over(database, kind, source, cipher=cipher, all_or_nothing=True)
    assert (report.accepted, report.rejected) == (source.total, ())


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_say_the_same_in_every_format(kind: Kind) -> None:
    read = [
        [
            FORMATS[kind].model_validate(entry.data)
            for entry in open_file(example(kind, suffix), FORMATS[kind])
        ]
        for suffix in SUFFIXES
    ]
    assert read[0] == read[1] == read[2]


def test_no_other_table_lies_among_the_examples() -> None:
    tables = {file.name for file in EXAMPLES.iterdir() if file.suffix.removeprefix(".") in SUFFIXES}
    assert tables == {f"{kind}.{suffix}" for kind in KINDS for suffix in SUFFIXES}


def test_the_table_of_headers_is_that_of_the_code() -> None:
    described = {
        field: tuple(names.split("、"))
        for field, names in re.findall(r"^\| `([\w.]+)` \| (\S+) \|", PAGE, re.MULTILINE)
    }
    columns = NAMES | CONDITION_NAMES
    assert {field: described.get(field) for field in columns} == columns


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_chinese_header_that_means_one_field(kind: Kind) -> None:
    readers = Columns(FORMATS[kind])._readers
    assert readers.keys() <= (NAMES | CONDITION_NAMES).keys()
    names = list(chain.from_iterable((NAMES | CONDITION_NAMES)[field] for field in readers))
    assert len(names) == len(set(names))
