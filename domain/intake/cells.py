"""Cells of tables to values of the formats, as people and Excel write them."""

import re
import types
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from domain.labels import Label

Cell = str | int | float | bool | date | datetime | time | timedelta
# Gives the value, or text that the format will refuse; a ValueError carries a Chinese reason of its own.
Reader = Callable[[Cell], object]

# Beyond it a float, which is all that Excel has, no longer knows each whole number.
_EXACT = 10**15
_YEARS = range(1800, 2200)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+\d{2,}")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_YEAR = re.compile(r"\d{4}年")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BETWEEN = re.compile(r"[|｜]")
_WITHIN = "@"
_NONE_OF_THEM = "无"
_YES_AND_NO = dict.fromkeys(("是", "有", "true", "yes", "y", "1"), True) | dict.fromkeys(
    ("否", "无", "false", "no", "n", "0"), False
)


def reader_of(annotation: Any) -> Reader:
    """What reads a cell for a field of that type."""
    plain = _plain(annotation)
    if get_origin(plain) is tuple:
        return _list_of(reader_of(get_args(plain)[0]))
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return _parts_of(plain)
    if isinstance(plain, type) and issubclass(plain, Label):
        return _label_of(plain)
    if get_origin(plain) is Literal:
        return read_truth
    return _READERS[plain]


def _plain(annotation: Any) -> Any:
    """The type without `None` and without its constraints."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        (only,) = (part for part in get_args(annotation) if part is not type(None))
        return _plain(only)
    return annotation


def read_text(cell: Cell) -> str:
    """Excel turns long digits into rounded figures and codes into dates: what is lost is refused by name."""
    if isinstance(cell, str):
        if _SCIENTIFIC.fullmatch(cell):
            raise ValueError("Excel 把长数字变成了科学计数，末几位已丢失；请把这一列设为“文本”后重新填写")
        return cell
    if isinstance(cell, date | time | timedelta):
        raise ValueError("Excel 把这一格变成了日期或时间；请把这一列设为“文本”后重新填写")  # noqa: TRY004 - the file is wrong, not the caller
    if abs(cell) >= _EXACT:
        raise ValueError("Excel 把长数字存成了数值，末几位已丢失；请把这一列设为“文本”后重新填写")
    return str(int(cell)) if float(cell).is_integer() else str(cell)


def read_number(cell: Cell) -> object:
    if isinstance(cell, bool | date | time | timedelta):
        return str(cell)
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell)
        return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    return cell


def read_truth(cell: Cell) -> object:
    if isinstance(cell, str):
        return _YES_AND_NO.get(cell.lower(), cell)
    return bool(cell) if cell in (0, 1) else str(cell)


def read_day(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else cell
    if isinstance(cell, str):
        return _iso_day(unicodedata.normalize("NFKC", cell))
    if isinstance(cell, int | float):
        if cell in _YEARS:
            return int(cell)
        raise ValueError(f"单元格是数字 {cell:g}，不是日期；请把这一列设为日期格式")
    return cell if isinstance(cell, date) else str(cell)


def _iso_day(text: str) -> str:
    if found := _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        year, month, day = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    if found := _MONTH.fullmatch(text):
        return f"{found[1]}-{found[2]:0>2}"
    return text[:-1] if _YEAR.fullmatch(text) else text


def _label_of(label: type[Label]) -> Reader:
    """Labels by their value or by the Chinese name that people see."""
    names = {name.lower(): item.value for item in label for name in (item.label, item.value)}

    def read(cell: Cell) -> object:
        text = read_text(cell)
        return names.get(text.lower(), text)

    return read


def _list_of(read: Reader) -> Reader:
    """Items between bars; 「无」 alone says that there are none, an empty cell says nothing."""

    def read_all(cell: Cell) -> object:
        if not isinstance(cell, str):
            return [read(cell)]
        if cell == _NONE_OF_THEM:
            return []
        return [read(item) for part in _BETWEEN.split(cell) if (item := part.strip())]

    return read_all


def _parts_of(model: type[BaseModel]) -> Reader:
    """A record within a cell: its fields in their order, between at signs; empty ones are not stated."""
    fields = {name: reader_of(field.annotation) for name, field in model.model_fields.items()}

    def read(cell: Cell) -> object:
        parts = [part.strip() for part in read_text(cell).split(_WITHIN)]
        if len(parts) > len(fields):
            raise ValueError(f"应为 {_WITHIN.join(fields)}，各项以 | 分隔")
        return {
            name: reader(part) for (name, reader), part in zip(fields.items(), parts, strict=False) if part
        }

    return read


_READERS: dict[Any, Reader] = {
    str: read_text,
    int: read_number,
    Decimal: read_number,
    bool: read_truth,
    date: read_day,
}
