"""Columns of tables: from the header to fields, and from rows to records."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from domain.base import Value
from domain.conditions import Conditions
from domain.intake.cells import Cell, Reader, reader_of
from domain.intake.entries import Entry, Rejected, UnreadableFile
from domain.intake.names import CONDITION_NAMES, NAMES
from domain.intake.problems import PERSONAL, shown

# What people add to a header without changing its meaning; 万元 would change it.
_DECORATION = re.compile(r"[*\s]|\((元|人民币元|人|月|个月|天|%|年化%|必填|选填)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its header there, the field that it holds, and what reads its cells."""

    header: str
    field: str
    read: Reader


class Columns:
    """The columns that a format can have, by the names under which they are accepted."""

    def __init__(self, model: type[Value]) -> None:
        self._readers = _readers(model)
        self._required = [name for name, field in model.model_fields.items() if field.is_required()]
        self._fields = {_normal(field): field for field in self._readers}
        for field, names in (NAMES | CONDITION_NAMES).items():
            if field in self._readers:
                self._fields |= {_normal(name): field for name in names}

    def known(self, header: Sequence[Cell]) -> int:
        """How many of these names are columns."""
        return sum(_normal(str(name)) in self._fields for name in header)

    def layout(self, header: Sequence[Cell]) -> "Layout":
        """The columns of a file.

        Raises:
            UnreadableFile: a required column is missing, or two mean the same.
        """
        columns: list[Column | None] = []
        ignored: list[str] = []
        for name in (str(cell).strip() for cell in header):
            field = self._fields.get(_normal(name))
            columns.append(Column(name, field, self._readers[field]) if field else None)
            if name and not field:
                ignored.append(self._with_guess(name))
        fields = [column.field for column in columns if column]
        twice = sorted({field for field in fields if fields.count(field) > 1})
        if twice:
            raise UnreadableFile(f"表头中有重复的列：{'、'.join(map(label, twice))}")
        missing = [label(name) for name in self._required if name not in fields]
        if missing:
            raise UnreadableFile(f"表头缺少必填列：{'、'.join(missing)}")
        return Layout(tuple(columns), tuple(dict.fromkeys(ignored)))

    def _with_guess(self, name: str) -> str:
        close = difflib.get_close_matches(_normal(name), self._fields, n=1, cutoff=0.75)
        return f"{name}（是不是 {label(self._fields[close[0]])}？）" if close else name


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, in their order; None where nobody knows the column."""

    columns: tuple[Column | None, ...]
    ignored: tuple[str, ...]

    def entry(self, place: int, cells: Sequence[Cell]) -> Entry | None:
        """The record in a row; None if the row is empty."""
        data: dict[str, Any] = {}
        problems: list[Rejected] = []
        for column, raw in zip(self.columns, cells, strict=False):
            cell = raw.strip() if isinstance(raw, str) else raw
            if column is None or cell == "":
                continue
            try:
                _put(data, column.field, column.read(cell))
            except ValueError as error:
                value = shown(cell, personal=column.field in PERSONAL)
                problems.append(Rejected(place, column.field, str(error), value))
        beyond = [cell for cell in cells[len(self.columns) :] if str(cell).strip()]
        if beyond:
            problems.append(Rejected(place, "", f"比表头多出 {len(beyond)} 格，请检查分隔符和引号"))
        return Entry(place, data, tuple(problems)) if data or problems else None

    def header_of(self, field: str) -> str:
        """The header as the sender wrote it; for an item of a list, that of the list."""
        for column in self.columns:
            if column and (field == column.field or field.startswith(f"{column.field}.")):
                return column.header
        return field


def label(field: str) -> str:
    """A field with the Chinese name of its column."""
    names = (NAMES | CONDITION_NAMES).get(field)
    return f"{field}（{names[0]}）" if names else field


def _readers(model: type[BaseModel]) -> dict[str, Reader]:
    readers: dict[str, Reader] = {}
    for name, field in model.model_fields.items():
        if field.annotation is Conditions:
            readers |= {f"{name}.{key}": reader for key, reader in _readers(Conditions).items()}
        else:
            readers[name] = reader_of(field.annotation)
    return readers


def _normal(name: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _put(data: dict[str, Any], field: str, value: object) -> None:
    group, dot, name = field.partition(".")
    if dot:
        data.setdefault(group, {})[name] = value
    else:
        data[field] = value
