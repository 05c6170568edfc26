"""Every table and every column is declared: nobody adds personal data without saying what becomes of them."""

import re

import pytest
from sqlalchemy import LargeBinary

from bot.config import Settings
from bot.schema import METADATA
from bot.sections import PROJECT
from domain.personal_data.holding import DELETION_ID, Holding, everything
from domain.personal_data.registry import HOLDINGS, IMPERSONAL, PASSING
from domain.secrets_columns import SEALED

_PICTURES = re.compile(r"face|photo|picture|image|selfie|portrait|video|frame|biometr", re.IGNORECASE)
_each = pytest.mark.parametrize("holding", HOLDINGS, ids=[holding.table for holding in HOLDINGS])


def test_every_table_is_declared_once() -> None:
    declared = [holding.table for holding in HOLDINGS] + [*PASSING, *IMPERSONAL]
    assert sorted(declared) == sorted(METADATA.tables)


@_each
def test_every_column_is_shown_to_its_person_or_hidden(holding: Holding) -> None:
    assert sorted([*holding.shown, *holding.hidden]) == sorted(holding.of.columns.keys())
    assert {*holding.labels, *holding.masks} <= holding.shown.keys()
    assert len(set(holding.shown.values())) == len(holding.shown), "two columns under one heading"


@_each
def test_people_read_chinese(holding: Holding) -> None:
    kept = holding.kept
    said = [holding.title, *holding.shown.values(), *((kept.why, kept.until) if kept else ())]
    assert all(re.search("[\u4e00-\u9fff]", words) for words in said)


@_each
def test_what_is_reduced_fits_its_column(holding: Holding) -> None:
    for name, value in holding.kept.reduced.items() if holding.kept else ():
        column = holding.of.c[name]
        assert not column.primary_key
        assert column.nullable if value is None else value is not DELETION_ID or column.type.length >= 32


def test_names_and_numbers_of_people_are_masked_where_they_are_shown() -> None:
    personal = {"name", "contact", "phone", "id_number"}
    for column in SEALED:
        holding = next((one for one in HOLDINGS if one.table == column.table), None)
        if holding and column.column in personal:
            assert column.column in holding.masks, column.name


def test_children_go_before_their_parents() -> None:
    order = {holding.table: place for place, holding in enumerate(HOLDINGS)}
    all_stay = {holding.table for holding in HOLDINGS if holding.kept and holding.kept.which is everything}
    for holding in HOLDINGS:
        for parent in {key.column.table.name for key in holding.of.foreign_keys} - all_stay:
            assert parent not in order or order[holding.table] < order[parent]


def test_settings_that_are_named_exist() -> None:
    named = [holding.gone_after for holding in HOLDINGS if holding.gone_after]
    named += re.findall(r"`([a-z_.]+)`", " ".join(after for _, after in PASSING.values()))
    for key in named:
        kind: type = Settings
        for part in key.split("."):
            kind = kind.model_fields[part].annotation


def test_there_is_no_room_for_a_face() -> None:
    """Bytes are ciphertexts of text, and of papers from who would not show his face; none is a picture."""
    for table in METADATA.tables.values():
        for column in table.columns:
            assert not _PICTURES.search(f"{table.name} {column.name}"), f"{table.name}.{column.name}"
    files = {column.name for column in SEALED if column.column == "content"}
    assert files == {"parked_messages.content", "identity_materials.content"}
    known = {(column.table, column.column) for column in SEALED}
    stray = [
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and (table.name, column.name) not in known
    ]
    assert stray == []


def test_no_answer_of_a_provider_brings_a_picture_along() -> None:
    """What a provider's answer is read for: fields of text alone."""
    for file in sorted((PROJECT / "bot" / "identity").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\b(BestFrame|VideoData|IdCardData|LivenessFrame)\b(?!\s*=\s*None)", text), (
            file.name
        )
