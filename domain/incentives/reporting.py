"""The report of a year: as it was closed, or else as the records have it now; and closing it.

A year that is not closed is calculated from the year after the last closed one on, or from the first year of
the rules. What is carried over is therefore the same whenever and wherever it is asked for, and a closed year
stays as it was paid, whatever becomes of loans, companies' consents and rules.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.database import Database
from domain.errors import NotAllowedNow, NotFound
from domain.incentives.calculating import Statement, chain
from domain.incentives.facts import Carry
from domain.incentives.gathering import gathered
from domain.incentives.lines import Line
from domain.incentives.rules import Rules
from domain.incentives.tables import IncentiveYearRow


@dataclass(frozen=True, slots=True)
class Report:
    """A year's lines by institution, in the form of the answer; `closed_at` is None while they may change."""

    year: int
    version: str
    rules: str
    inputs: str
    closed_at: datetime | None
    lines: dict[str, list[dict[str, Any]]]

    def of(self, institution: str) -> dict[str, list[dict[str, Any]]]:
        return {institution: self.lines[institution]} if institution in self.lines else {}


async def report(database: Database, rules: Rules, year: int, today: date) -> Report:
    """The report of the year.

    Raises:
        NotFound: it lies before the first year of the rules, or has not begun.
    """
    async with database.reading() as session:
        closed = await session.get(IncentiveYearRow, year)
    if closed is not None:
        return Report(year, closed.version, closed.rules, closed.inputs, closed.closed_at, closed.lines)
    statement = await _statement(database, rules, year, today)
    return Report(
        year, rules.version, rules.checksum, statement.inputs, None, _by_institution(statement.lines)
    )


async def close(
    database: Database, rules: Rules, year: int, *, by: str, now: datetime, today: date
) -> Report:
    """Keep the year's report as it is now, for good.

    Raises:
        NotFound: it lies before the first year of the rules.
        NotAllowedNow: the year is not over, is closed, or others must be closed first.
    """
    if year >= today.year:
        raise NotAllowedNow(f"{year}年还没有结束，不能结账。")
    async with database.reading() as session:
        _check_turn(await _last_closed(session), year)
    statement = await _statement(database, rules, year, today)
    lines = _by_institution(statement.lines)
    row = IncentiveYearRow(
        year=year,
        closed_at=now,
        closed_by=by,
        version=rules.version,
        rules=rules.checksum,
        inputs=statement.inputs,
        lines=lines,
        carry=statement.carry.as_json(),
    )
    await _keep(database, row)
    return Report(year, rules.version, rules.checksum, statement.inputs, now, lines)


async def _keep(database: Database, row: IncentiveYearRow) -> None:
    async with database.unit_of_work() as session:
        # Somebody else may have closed a year while this one was calculated, or does so at this moment.
        _check_turn(await _last_closed(session), row.year)
        session.add(row)
        try:
            await session.flush()
        except IntegrityError as error:
            raise NotAllowedNow(f"{row.year}年刚刚已经结账。") from error


async def _last_closed(session: AsyncSession, before: int | None = None) -> IncentiveYearRow | None:
    query = select(IncentiveYearRow).order_by(IncentiveYearRow.year.desc()).limit(1)
    if before is not None:
        query = query.where(IncentiveYearRow.year < before)
    return await session.scalar(query)


def _check_turn(last: IncentiveYearRow | None, year: int) -> None:
    """Years are closed in their order: what is carried over is then what was paid. The first may be any."""
    if last is None or year == last.year + 1:
        return
    if year <= last.year:
        raise NotAllowedNow(f"已经结账到{last.year}年，{year}年不能再结账。")
    raise NotAllowedNow(f"请先结{last.year + 1}年的账。")


async def _statement(database: Database, rules: Rules, year: int, today: date) -> Statement:
    if not rules.first_year <= year <= today.year:
        raise NotFound(f"只能查询{rules.first_year}年至{today.year}年的奖励。")
    async with database.reading() as session:
        last = await _last_closed(session, before=year)
    since = last.year + 1 if last else rules.first_year
    carry = Carry.from_json(last.carry) if last else Carry()
    facts = await gathered(database, rules, since)
    # Seconds for a city's loans of many years.
    return await asyncio.to_thread(chain, rules, facts, range(since, year + 1), carry, today)


def _by_institution(lines: Sequence[Line]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        found.setdefault(line.institution, []).append(line.as_json())
    return found
