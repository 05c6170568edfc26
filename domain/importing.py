"""Taking over records of other systems: each row checked, each refused row with its field and reason."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from domain import catalogue, companies, institutions, policies, products
from domain.base import Value, utcnow
from domain.companies import Company
from domain.database import Database
from domain.institutions import Institution
from domain.policies import Policy
from domain.products import Product
from domain.secrets import Cipher

Kind = Literal["products", "policies", "companies", "institutions"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FORMATS: dict[Kind, type[Value]] = {
    "products": Product,
    "policies": Policy,
    "companies": Company,
    "institutions": Institution,
}
# About half a second of the one writer that SQLite has.
_PORTION = 500
_IN_CATALOGUE: frozenset[Kind] = frozenset({"products", "policies"})

_REASONS = {
    "missing": "缺少必填项",
    "extra_forbidden": "没有这个字段",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "应为整数",
    "finite_number": "应为有限的数字",
    "decimal_parsing": "应为数字",
    "decimal_type": "应为数字",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "tuple_type": "应为列表",
    "model_type": "应为对象",
    "date_from_datetime_inexact": "应为日期，如 2026-01-31",
    "date_from_datetime_parsing": "应为日期，如 2026-01-31",
    "date_parsing": "应为日期，如 2026-01-31",
    "date_type": "应为日期，如 2026-01-31",
}

# The same for reasons that name a bound; the braces are keys of pydantic's error context.
_BOUND_REASONS = {
    "enum": "只能是 {expected} 之一",
    "literal_error": "只能是 {expected} 之一",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_long": "不能超过 {max_length} 个字",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}",
    "value_error": "{error}",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its place (from 0), the field (dots between levels), and why, in Chinese."""

    index: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the rows; with `rejected` and nothing `accepted` the data are as before."""

    accepted: int
    rejected: tuple[Rejected, ...]


async def import_rows(
    database: Database,
    kind: Kind,
    rows: Sequence[Mapping[str, Any]],
    *,
    cipher: Cipher,
    all_or_nothing: bool = False,
    dry_run: bool = False,
) -> Report:
    """Insert or update the good rows by their key; the bad ones are reported.

    Rows are checked before any transaction opens and kept in portions, so that owners who write
    meanwhile do not wait. With `all_or_nothing` it is one portion or none.
    """
    good, rejected = await asyncio.to_thread(_checked, _FORMATS[kind], rows)
    report = Report(len(good), tuple(rejected))
    if all_or_nothing and rejected:
        return Report(0, report.rejected)
    if dry_run:
        return report
    size = len(good) if all_or_nothing else _PORTION
    for start in range(0, len(good), max(size, 1)):
        async with database.unit_of_work() as session:
            for value in good[start : start + size]:
                await _save(session, value, cipher, utcnow())
            if kind in _IN_CATALOGUE:
                await catalogue.changed(session)
    return report


def _checked(model: type[Value], rows: Iterable[Mapping[str, Any]]) -> tuple[list[Value], list[Rejected]]:
    good: list[Value] = []
    rejected: list[Rejected] = []
    for index, row in enumerate(rows):
        try:
            good.append(model.model_validate(row))
        except ValidationError as error:
            rejected.extend(rejections(index, error))
    return good, rejected


def rejections(index: int, error: ValidationError) -> list[Rejected]:
    """Everything that is wrong with a row, in Chinese."""
    return [
        Rejected(index, ".".join(str(part) for part in item["loc"]), _reason(item))
        for item in error.errors(include_url=False, include_input=False)
    ]


def _reason(item: Mapping[str, Any]) -> str:
    kind = str(item["type"])
    if kind in _REASONS:
        return _REASONS[kind]
    if kind in _BOUND_REASONS:
        return _BOUND_REASONS[kind].format(**item["ctx"])
    return str(item["msg"])


async def _save(session: AsyncSession, value: Value, cipher: Cipher, now: datetime) -> None:
    match value:
        case Product():
            await products.save(session, value, now)
        case Policy():
            await policies.save(session, value, now)
        case Company():
            await companies.save(session, value, cipher, now)
        case Institution():
            await institutions.save(session, value, now)
        case _:
            raise TypeError(f"nobody keeps {type(value).__name__}")
