"""Reading for scores through the gate: columns of indicators, and scores that were given before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import func, select

from domain.authorizations.gate import Access
from domain.bulk import look_up_by_keys
from domain.credit import reading
from domain.credit.registry import Registry
from domain.credit.tables import CreditValueRow
from domain.scores.columns import Column
from domain.scores.scorecard import Read
from domain.scores.tables import ScoreRow


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a company's latest score: since when it holds, its figure, a hash of what it says."""

    since: date
    score: int | None
    content: str


async def columns(
    access: Access, registry: Registry, wanted: Collection[Read], as_of: date
) -> dict[Read, Column]:
    """A column for each read, in the order of the access's companies.

    Empty where it is beyond the scope, and without the values that are older than its lookback.
    """
    found = await reading.figures(access, registry, {read.indicator for read in wanted})
    nothing = np.full(len(access.usccs), np.nan)
    never = np.zeros(len(access.usccs), dtype=np.bool_)
    columns = {
        read: Column(
            found.values.get(read.indicator, nothing).copy(), found.disputed.get(read.indicator, never)
        )
        for read in wanted
    }
    await _drop_old(access, columns, as_of)
    return columns


async def _drop_old(access: Access, columns: Mapping[Read, Column], as_of: date) -> None:
    """Set to NaN the latest values from before their lookback."""
    places = {uscc: place for place, uscc in enumerate(access.usccs)}
    await look_up_by_keys(access.session)
    for months in {read.lookback_months for read in columns}:
        reads = {read.indicator: read for read in columns if read.lookback_months == months}
        for uscc, code in await _old(access, reads, _months_before(as_of, months)):
            columns[reads[code]].values[places[uscc]] = np.nan


async def _old(access: Access, codes: Collection[str], earliest: date) -> Sequence[tuple[str, str]]:
    """Companies and indicators whose latest value is older; the index holds all that is asked for."""
    query = (
        select(CreditValueRow.uscc, CreditValueRow.indicator)
        .where(
            CreditValueRow.uscc.in_(access.usccs),
            CreditValueRow.indicator.in_(codes),
            CreditValueRow.superseded_at.is_(None),
        )
        .group_by(CreditValueRow.uscc, CreditValueRow.indicator)
        .having(func.max(CreditValueRow.as_of) < earliest)
    )
    return (await access.session.execute(query)).all()


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


async def kept(access: Access) -> dict[str, Kept]:
    """The latest score of each company that has one."""
    last = (
        select(ScoreRow.uscc, func.max(ScoreRow.since).label("since"))
        .where(ScoreRow.uscc.in_(access.usccs))
        .group_by(ScoreRow.uscc)
        .subquery()
    )
    query = select(ScoreRow.uscc, ScoreRow.since, ScoreRow.score, ScoreRow.content).join(
        last, (ScoreRow.uscc == last.c.uscc) & (ScoreRow.since == last.c.since)
    )
    rows = await access.session.execute(query)
    return {uscc: Kept(since, score, content) for uscc, since, score, content in rows}


async def all_of(access: Access) -> Sequence[ScoreRow]:
    """Every score of the company of the access, the oldest first."""
    query = select(ScoreRow).where(ScoreRow.uscc == access.uscc).order_by(ScoreRow.since)
    return (await access.session.scalars(query)).all()
