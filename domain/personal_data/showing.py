"""Values of rows in words: Chinese headings, Chinese labels, times of Shanghai, numbers of people masked."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from domain.base import SHANGHAI
from domain.intake.names import NAMES
from domain.labels import Label
from domain.personal_data.holding import Holding
from domain.secrets import Cipher, UnreadableSecret
from domain.secrets_columns import SEALED

_PURPOSES = {(column.table, column.column): column.purpose for column in SEALED}
_UNREADABLE = "（无法读取）"


def shown(holding: Holding, row: RowMapping, cipher: Cipher) -> dict[str, Any]:
    """The row under its headings; what is empty is left out."""
    values = {
        heading: _shown(holding, column, row[column], cipher) for column, heading in holding.shown.items()
    }
    return {heading: value for heading, value in values.items() if value not in (None, "", [], {})}


def _shown(holding: Holding, column: str, value: Any, cipher: Cipher) -> Any:
    if isinstance(value, bytes):
        value = _opened(value, _PURPOSES[holding.table, column], cipher)
    if value and (mask := holding.masks.get(column)):
        return mask(value)
    return plain(value, holding.labels.get(column))


def _opened(blob: bytes, purpose: str, cipher: Cipher) -> str:
    """Of a key that is lost the person is told so; all else he gets."""
    try:
        return cipher.decrypt(blob, purpose)
    except UnreadableSecret:
        return _UNREADABLE


def plain(value: Any, label: type[Label] | None = None) -> Any:
    """The value as JSON has it, for a reader of Chinese."""
    match value:
        case Label():
            return value.label
        case Mapping():
            return {_heading(key): plain(inner) for key, inner in value.items()}
        case set() | frozenset():
            return sorted(plain(inner, label) for inner in value)
        case list() | tuple():
            return [plain(inner, label) for inner in value]
        case _:
            return _simple(value, label)


def _simple(value: Any, label: type[Label] | None) -> Any:
    match value:
        case bool():
            return "是" if value else "否"
        case datetime():
            return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case str() if label and value in set(label):
            return label(value).label
        case _:
            return value


def _heading(key: Any) -> str:
    """What is nested has the names of the data formats, of which most are columns of imports too."""
    names = NAMES.get(str(key))
    return names[0] if names else str(key)
