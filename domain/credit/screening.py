"""Institutions look for companies by indicators, among those alone that authorized them by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field
from sqlalchemy import or_, select

from domain import regions
from domain.authorizations.gate import Access, Reader, authorized_all
from domain.authorizations.labels import DataPurpose
from domain.base import Value
from domain.companies import CompanyRow
from domain.credit.reading import Figures, as_float, as_stored, figures
from domain.credit.registry import Indicator, Kind, Registry
from domain.credit.values import Stored, Unfit, parsed
from domain.database import Database
from domain.errors import ValueOutOfRange
from domain.labels import Industry
from domain.products import RegionCode

# Companies judged by the gate at once, and read beyond a full page at most.
_PORTION = 1000
_MOST_CONDITIONS = 20
Mask = npt.NDArray[np.bool_]


class Operator(StrEnum):
    """How a value is compared."""

    LEAST = ">="
    MOST = "<="
    MORE = ">"
    LESS = "<"
    EQUAL = "="
    OTHER = "!="
    AMONG = "in"


class Condition(Value):
    """One indicator compared with a value, or with a list of them for `in`."""

    indicator: Annotated[str, Field(min_length=1, max_length=64)]
    op: Operator
    value: Any


class Screening(Value):
    """What is looked for; all conditions must hold. Empty `regions` and `industries` mean any."""

    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=_MOST_CONDITIONS)]
    regions: Annotated[tuple[RegionCode, ...], Field(max_length=100)] = ()
    industries: tuple[Industry, ...] = ()
    page_size: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: Annotated[str, Field(max_length=18)] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The values by which a company was found; None where it is under objection."""

    uscc: str
    name: str
    values: dict[str, Stored | None]


@dataclass(frozen=True, slots=True)
class Page:
    """Companies in the order of their codes; `cursor` is None on the last page."""

    items: tuple[Match, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class _Test:
    """A condition ready for arrays."""

    indicator: Indicator
    holds: Callable[[npt.NDArray[np.float64]], Mask]


async def screen(database: Database, registry: Registry, reader: Reader, wanted: Screening) -> Page:
    """A page of companies; what is not known of one does not match, what is under objection does.

    Raises:
        ValueOutOfRange: a condition does not fit its indicator.
    """
    tests = [_test(place, item, registry) for place, item in enumerate(wanted.conditions)]
    scope = {test.indicator.category for test in tests}

    async def matching(access: Access) -> dict[str, dict[str, Stored | None]]:
        return _matching(await figures(access, registry, {test.indicator.code for test in tests}), tests)

    items: list[Match] = []
    last = wanted.cursor or ""
    while names := await _candidates(database, wanted, last):
        found = authorized_all(database, reader, scope, DataPurpose.PRE_LOAN, matching, among=names)
        async for portion in found:
            items += [Match(uscc, names[uscc], values) for uscc, values in portion.items()]
        if len(items) > wanted.page_size:
            full = tuple(items[: wanted.page_size])
            return Page(full, full[-1].uscc)
        last = max(names)
    return Page(tuple(items), None)


def _test(place: int, condition: Condition, registry: Registry) -> _Test:
    indicator = registry.get(condition.indicator)
    if indicator is None or indicator.type is Kind.TEXT or indicator.personal:
        raise ValueOutOfRange(f"conditions.{place}.indicator", "没有这个指标，或它不能用于筛选。")
    by_size = condition.op in {Operator.LEAST, Operator.MOST, Operator.MORE, Operator.LESS}
    if by_size and not (indicator.is_figure or indicator.type is Kind.DATE):
        raise ValueOutOfRange(f"conditions.{place}.op", f"{indicator.name}只能用 =、!= 或 in 比较。")
    stated = condition.value if condition.op is Operator.AMONG else [condition.value]
    if not isinstance(stated, list) or not stated:
        raise ValueOutOfRange(f"conditions.{place}.value", "in 要与一个列表比较。")
    try:
        operands = np.array([as_float(indicator, parsed(indicator, item)) for item in stated])
    except Unfit as unfit:
        raise ValueOutOfRange(f"conditions.{place}.value", f"{unfit.reason}。") from unfit
    return _Test(indicator, _comparison(condition.op, operands))


def _comparison(op: Operator, operands: npt.NDArray[np.float64]) -> Callable[[npt.NDArray[np.float64]], Mask]:
    """NaN, which is what is not known, fails every one of them."""
    one = operands[0]
    return {
        Operator.LEAST: lambda values: values >= one,
        Operator.MOST: lambda values: values <= one,
        Operator.MORE: lambda values: values > one,
        Operator.LESS: lambda values: values < one,
        Operator.EQUAL: lambda values: values == one,
        Operator.OTHER: lambda values: (values != one) & ~np.isnan(values),
        Operator.AMONG: lambda values: np.isin(values, operands),
    }[op]


def _matching(found: Figures, tests: Sequence[_Test]) -> dict[str, dict[str, Stored | None]]:
    mask = np.ones(len(found.usccs), np.bool_)
    for test in tests:
        code = test.indicator.code
        mask &= test.holds(found.values[code]) | found.disputed[code]
    return {
        found.usccs[place]: {test.indicator.code: _shown(found, test.indicator, place) for test in tests}
        for place in np.flatnonzero(mask).tolist()
    }


def _shown(found: Figures, indicator: Indicator, place: int) -> Stored | None:
    if found.disputed[indicator.code][place]:
        return None
    return as_stored(indicator, float(found.values[indicator.code][place]))


async def _candidates(database: Database, wanted: Screening, last: str) -> dict[str, str]:
    """Companies behind the last one by region and industry: code and name."""
    region = CompanyRow.facts["region"].as_string()
    query = select(CompanyRow.uscc, CompanyRow.name).where(CompanyRow.uscc > last)
    if wanted.regions:
        query = query.where(or_(*(region.startswith(regions.prefix(code)) for code in wanted.regions)))
    if wanted.industries:
        query = query.where(CompanyRow.facts["industry"].as_string().in_(wanted.industries))
    async with database.reading() as session:
        return dict((await session.execute(query.order_by(CompanyRow.uscc).limit(_PORTION))).all())
