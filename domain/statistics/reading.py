"""Figures of every group, and of all together."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.apart import read_apart
from domain.database import Database
from domain.statistics.figures import Figures
from domain.statistics.queries import KEY, WHOLE, questions
from domain.statistics.scope import Scope


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures by the key of their group, in its order; `None` groups what has no such property."""

    groups: dict[str | None, Figures]
    total: Figures


async def statistics(database: Database, scope: Scope) -> Statistics:
    """What the event record says, all of it at one moment."""

    async def read(session: AsyncSession) -> Statistics:
        return await _read(session, scope)

    return await read_apart(database, read)


async def with_city(database: Database, scope: Scope) -> tuple[Statistics, Statistics]:
    """The figures of the institution of the scope, and at the same moment those of all institutions."""

    async def read(session: AsyncSession) -> tuple[Statistics, Statistics]:
        return await _read(session, scope), await _read(session, replace(scope, institution=None))

    return await read_apart(database, read)


async def _read(session: AsyncSession, scope: Scope) -> Statistics:
    nothing = {"companies_registered": 0} if scope.counts_registrations else {}
    groups: defaultdict[str | None, dict[str, Any]] = defaultdict(nothing.copy)
    total: dict[str, Any] = {}
    for question in questions(scope):
        for row in (await session.execute(question)).mappings():
            (total if row[WHOLE] else groups[row[KEY]]).update(row)
    ordered = sorted(groups, key=lambda key: (key is None, key or ""))
    return Statistics({key: Figures.of(groups[key]) for key in ordered}, Figures.of(total))
