"""Macro figures by region and industry; what would tell of fewer than five companies is left out."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from domain import regions
from domain.authorizations.gate import Access, Reader, authorized_all
from domain.authorizations.labels import DataPurpose
from domain.companies import CompanyRow
from domain.credit.reading import figures
from domain.credit.registry import Indicator, Kind, Registry
from domain.database import Database
from domain.errors import ValueOutOfRange

FEWEST = 5
USUAL = (
    "employees",
    "revenue",
    "revenue_growth",
    "net_margin",
    "debt_ratio",
    "tax_paid_12m",
    "electricity_growth",
    "loan_balance",
    "average_loan_rate",
    "exports_12m",
)


class By(StrEnum):
    """What companies are grouped by."""

    REGION = "region"
    INDUSTRY = "industry"


@dataclass(frozen=True, slots=True)
class Summary:
    """Of an indicator within a group: of how many companies it is known, mean and median; flags as shares."""

    known: int
    mean: float
    median: float


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A region or industry; an indicator known of fewer than five companies is missing."""

    key: str
    companies: int
    figures: dict[str, Summary]


async def summarise(
    database: Database,
    registry: Registry,
    by: By,
    codes: Collection[str] = USUAL,
    within: Sequence[str] = (),
) -> list[GroupFigures]:
    """Groups of at least five companies that authorized the platform, in the order of their keys.

    `within`: only companies of these regions; empty means all.

    Raises:
        ValueOutOfRange: an indicator is unknown, or cannot be averaged.
    """
    wanted = [_averaged(code, registry) for code in dict.fromkeys(codes)]
    scope = {indicator.category for indicator in wanted}

    async def rows_of(access: Access) -> dict[str, tuple[str | None, npt.NDArray[np.float64]]]:
        found = await figures(access, registry, {item.code for item in wanted})
        table = np.stack([found.values[item.code] for item in wanted], axis=1)
        for place, item in enumerate(wanted):
            table[found.disputed[item.code], place] = np.nan
        keys = await _keys(access, by, within)
        return {uscc: (keys.get(uscc), table[row]) for row, uscc in enumerate(found.usccs)}

    groups: defaultdict[str, list[npt.NDArray[np.float64]]] = defaultdict(list)
    reader = Reader.platform("statistics")
    async for portion in authorized_all(database, reader, scope, DataPurpose.SCORING, rows_of):
        for key, row in portion.values():
            if key is not None:
                groups[key].append(row)
    return [
        _summarised(key, np.array(rows), wanted)
        for key, rows in sorted(groups.items())
        if len(rows) >= FEWEST
    ]


def _averaged(code: str, registry: Registry) -> Indicator:
    indicator = registry.get(code)
    if indicator is None or not (indicator.is_figure or indicator.type is Kind.FLAG) or indicator.personal:
        raise ValueOutOfRange("indicators", f"没有指标 {code}，或它不能汇总。")
    return indicator


async def _keys(access: Access, by: By, within: Sequence[str]) -> dict[str, str]:
    """The group of each company that has one."""
    region, industry = CompanyRow.facts["region"].as_string(), CompanyRow.facts["industry"].as_string()
    query = select(CompanyRow.uscc, region, industry).where(CompanyRow.uscc.in_(access.usccs))
    rows = (await access.session.execute(query)).all()
    return {
        uscc: key
        for uscc, place, section in rows
        if (key := place if by is By.REGION else section)
        and (not within or (place and any(regions.contains(code, place) for code in within)))
    }


def _summarised(key: str, table: npt.NDArray[np.float64], wanted: Sequence[Indicator]) -> GroupFigures:
    found = {}
    for indicator, column in zip(wanted, table.T, strict=True):
        known = column[~np.isnan(column)]
        if len(known) >= FEWEST:
            found[indicator.code] = Summary(len(known), float(known.mean()), float(np.median(known)))
    return GroupFigures(key, len(table), found)
