"""Reading credit data: every function takes an `Access` of the gate and looks nowhere beyond it."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Row, Select, Text, cast, exists, select

from domain.authorizations.gate import Access
from domain.credit.registry import Indicator, Kind, Registry
from domain.credit.tables import CreditDocumentRow, CreditObjectionRow, CreditValueRow
from domain.credit.values import Stored

# Kept as texts, and numbered for arrays.
_CODED = frozenset({Kind.DATE, Kind.CHOICE})
_NOTHING = "[]"
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Known:
    """A value as its source stated it; `disputed`: 「异议处理中」, and not held against the company."""

    id: int
    uscc: str
    indicator: Indicator
    value: Stored
    as_of: date
    source: str
    received_at: datetime
    ended_on: date | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The latest values of the companies of an access, one array an indicator.

    `values[code]` is float64 of shape (companies,), NaN where nothing is known: amounts, numbers, ratios and
    counts as they are, flags as 0 and 1, dates as days since 1970, choices by their place in the register.
    `disputed[code]` is bool of the same shape. Texts are not among them.
    """

    usccs: tuple[str, ...]
    values: dict[str, npt.NDArray[np.float64]]
    disputed: dict[str, npt.NDArray[np.bool_]]


async def latest(access: Access, registry: Registry) -> list[Known]:
    """What is known last of each indicator, company by company, in the register's order."""
    newest = _current(access).order_by(CreditValueRow.uscc, CreditValueRow.as_of)
    # A later day takes the place of an earlier one.
    found = {(item.uscc, item.indicator.code): item for item in await _known(access, registry, newest)}
    places = {code: place for place, code in enumerate(registry)}
    return sorted(found.values(), key=lambda item: (item.uscc, places[item.indicator.code]))


async def history(access: Access, registry: Registry, code: str) -> list[Known]:
    """All that is stated of one indicator without what was corrected, newest first."""
    query = _current(access).where(CreditValueRow.indicator == code).order_by(CreditValueRow.as_of.desc())
    return await _known(access, registry, query)


async def figures(access: Access, registry: Registry, codes: Collection[str] | None = None) -> Figures:
    """The figures of every company of the access: of all indicators, or of `codes`; none beyond the scope."""
    wanted = [
        indicator
        for indicator in registry.values()
        if indicator.category in access.scope
        and indicator.type is not Kind.TEXT
        and (codes is None or indicator.code in codes)
    ]
    companies = len(access.usccs)
    found = Figures(
        access.usccs,
        {item.code: np.full(companies, np.nan) for item in wanted},
        {item.code: np.zeros(companies, np.bool_) for item in wanted},
    )
    query = select(
        CreditDocumentRow.uscc,
        CreditDocumentRow.category,
        CreditDocumentRow.figures,
        # As text: of nearly all companies it says that there is nothing.
        cast(CreditDocumentRow.disputed, Text),
    ).where(
        CreditDocumentRow.uscc.in_(access.usccs),
        CreditDocumentRow.category.in_({item.category for item in wanted}),
    )
    documents = (await access.session.execute(query)).all()
    _fill(found, wanted, documents)
    return found


def _fill(found: Figures, wanted: Sequence[Indicator], documents: Sequence[Row[str, str, str, str]]) -> None:
    places = {uscc: place for place, uscc in enumerate(found.usccs)}
    # All of them at once: the parser takes longer to begin than to read one.
    latest = json.loads(f"[{','.join(text for _, _, text, _ in documents)}]")
    rows: defaultdict[str, tuple[list[int], list[dict[str, Stored]]]] = defaultdict(lambda: ([], []))
    for (uscc, category, _, disputed), stored in zip(documents, latest, strict=True):
        rows[category][0].append(places[uscc])
        rows[category][1].append(stored)
        for code in json.loads(disputed) if disputed != _NOTHING else ():
            if code in found.disputed:
                found.disputed[code][places[uscc]] = True
    for category, (at, values) in rows.items():
        _fill_category(found, [item for item in wanted if item.category == category], at, values)


def _fill_category(
    found: Figures, wanted: Sequence[Indicator], at: list[int], stored: list[dict[str, Stored]]
) -> None:
    """The companies at those places. Whole rows are turned into floats at once, None into NaN."""
    plain = [item.code for item in wanted if item.type not in _CODED]
    table = np.array([list(map(values.get, plain)) for values in stored], np.float64)
    for number, code in enumerate(plain):
        found.values[code][at] = table[:, number]
    for item in wanted:
        if item.type in _CODED:
            column = (values.get(item.code) for values in stored)
            found.values[item.code][at] = [
                np.nan if value is None else as_float(item, value) for value in column
            ]


def as_float(indicator: Indicator, value: Stored) -> float:
    """The value as it stands in an array; NaN for a choice that has left the register."""
    if indicator.type is Kind.DATE:
        return date.fromisoformat(str(value)).toordinal() - _EPOCH
    if indicator.type is Kind.CHOICE:
        return indicator.choices.index(str(value)) if value in indicator.choices else np.nan
    return float(value)


def as_stored(indicator: Indicator, figure: float) -> Stored:
    """The way back."""
    match indicator.type:
        case Kind.DATE:
            return date.fromordinal(int(figure) + _EPOCH).isoformat()
        case Kind.CHOICE:
            return indicator.choices[int(figure)]
        case Kind.FLAG:
            return bool(figure)
        case Kind.AMOUNT | Kind.COUNT:
            return int(figure)
    return figure


def _current(access: Access) -> Select[CreditValueRow, bool]:
    disputed = exists().where(
        CreditObjectionRow.value_id == CreditValueRow.id, CreditObjectionRow.closed_at.is_(None)
    )
    return select(CreditValueRow, disputed).where(
        CreditValueRow.uscc.in_(access.usccs),
        CreditValueRow.category.in_(access.scope),
        CreditValueRow.superseded_at.is_(None),
    )


async def _known(access: Access, registry: Registry, query: Select[CreditValueRow, bool]) -> list[Known]:
    """The rows as values; what is no longer in the register stays out."""
    return [
        Known(
            id=row.id,
            uscc=row.uscc,
            indicator=registry[row.indicator],
            value=row.value,
            as_of=row.as_of,
            source=row.source,
            received_at=row.received_at,
            ended_on=row.ended_on,
            disputed=disputed,
        )
        for row, disputed in (await access.session.execute(query))
        if row.indicator in registry
    ]
