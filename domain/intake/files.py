"""Files of records: the format is known by the content, and by the name where that leaves it open."""

from pathlib import Path

from domain.base import Value
from domain.intake.columns import Columns
from domain.intake.delimited import delimited_file
from domain.intake.entries import Source, UnreadableFile
from domain.intake.json_files import json_array, json_lines
from domain.intake.lines import TextFile, text_file
from domain.intake.workbook import workbook

_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def open_file(path: Path, model: type[Value]) -> Source:
    """The records in a file, to be read one by one.

    Raises:
        UnreadableFile: it is not there, in no known format, or its header does not fit the records.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(8)
        if beginning.startswith(_EXCEL):
            return workbook(path, Columns(model))
        return _text_source(text_file(path), model)
    except OSError as error:
        raise UnreadableFile(f"读不到文件：{error.strerror or error}") from error


def _text_source(file: TextFile, model: type[Value]) -> Source:
    first = next((line.text.strip() for line in file.lines() if line.text.strip() or line.reason), "")
    suffix = file.path.suffix.lower()
    if suffix in {".csv", ".tsv"} or not (first.startswith(("{", "[")) or suffix.startswith(".json")):
        return delimited_file(file, Columns(model))
    # An object that ends on its line is a line of JSON Lines; one that goes on is a document.
    if first.startswith("[") or (suffix == ".json" and not first.endswith("}")):
        return json_array(file)
    return json_lines(file)
