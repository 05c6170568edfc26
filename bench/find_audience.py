"""Whom a policy admits among a million companies: arrays in memory, mapped from a file, and plain SQL.

Run as `nice -n 10 python -m bench.find_audience [companies]`. The companies are made up and lie in the
embedded PostgreSQL, where the service's own feed reads them; «read» is the first question of a process,
«caught up» one after a thousand companies changed. Every way must come to the same counts. SQL is asked
twice: of the table that the service has, with the facts as JSONB, and of one with a typed column a fact.
"""

import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from bench.callbacks.postgresql import postgresql
from bench.import_companies import companies as made_up
from bot import schema
from bot.audience import Audiences
from domain.base import utcnow
from domain.companies import CompanyFacts, facts
from domain.database import Database
from domain.policies import Policy
from matching.audience.columns import Columns
from matching.audience.finding import find

COMPANIES = 1_000_000
ROUNDS = 7
TODAY = date(2026, 11, 23)
_BATCH = 20_000
_CHANGED = 1000
# What may be unknown of a company: each fact of a tenth of them.
_UNKNOWN = 0.1

POLICY = Policy.model_validate(
    {
        "code": "Z1",
        "title": "设备更新贴息",
        "issuer": "苏州市财政局",
        "level": "city",
        "kind": "subsidy",
        "regions": ["320500", "340111"],
        "industries": ["C", "I", "M"],
        "conditions": {
            "founded_months_min": 24,
            "revenue_min": 5_000_000,
            "employees_max": 500,
            "debt_ratio_max": "0.7",
            "qualifications_any": ["high_tech", "specialised_new", "tech_sme"],
            "no_overdue": True,
        },
    }
)
# A condition holds, fails, or is null: not known. A region known to the city only is not among those made up.
_CONDITIONS = (
    "(left({region}, 4) = '3205' OR {region} = '340111')",
    "{industry} IN ('C', 'I', 'M')",
    "{founded} <= DATE '2024-11-23'",
    "{revenue} >= 5000000",
    "{employees} <= 500",
    "{liabilities} <= 0.7 * nullif({assets}, 0)",
    "{titles}",
    "NOT {overdue}",
)
_TYPED = {
    "region": "text",
    "industry": "text",
    "founded": "date",
    "revenue": "bigint",
    "employees": "bigint",
    "assets": "bigint",
    "liabilities": "bigint",
    "overdue": "boolean",
}
_TITLES = "ARRAY['high_tech', 'specialised_new', 'tech_sme']"


def _query(source: str, columns: dict[str, str]) -> str:
    """How many companies fail nothing, and of how many nothing is open either."""
    conditions = [condition.format(**columns) for condition in _CONDITIONS]
    nothing_failed = " AND ".join(f"({condition}) IS NOT FALSE" for condition in conditions)
    certain = " AND ".join(f"({condition})" for condition in conditions)
    return f"SELECT count(*), count(*) FILTER (WHERE {certain}) FROM {source} WHERE {nothing_failed}"  # noqa: S608 - made of the constants above


JSONB = _query(
    "companies",
    {name: f"(facts->>'{name}')::{kind}" for name, kind in _TYPED.items()}
    | {"titles": f"facts->'qualifications' ?| {_TITLES}"},
)
TYPED = _query("typed", {name: name for name in _TYPED} | {"titles": f"qualifications && {_TITLES}"})
_AS_COLUMNS = ", ".join(f"(facts->>'{name}')::{kind} AS {name}" for name, kind in _TYPED.items())
_TYPED_TABLE = f"""
CREATE TABLE typed AS SELECT uscc, {_AS_COLUMNS},
    CASE WHEN facts ? 'qualifications'
        THEN ARRAY(SELECT jsonb_array_elements_text(facts->'qualifications'))
    END AS qualifications
FROM companies
"""  # noqa: S608 - likewise


def _rows(count: int) -> Iterable[tuple[Any, ...]]:
    chance, now = random.Random(count), utcnow()
    for company in made_up(count):
        known = {
            name: value
            for name, value in company.items()
            if name in CompanyFacts.model_fields and chance.random() >= _UNKNOWN
        }
        stored = json.dumps(facts(CompanyFacts.model_validate(known)))
        yield company["uscc"], company["name"], stored, False, "[]", now


async def _fill(database: Database, count: int) -> None:
    fields = ["uscc", "name", "facts", "enrolled", "notices", "updated_at"]
    async with database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.copy_records_to_table("companies", records=_rows(count), columns=fields)
        await connection.execute(text(_TYPED_TABLE))


def _timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of the first call, and the median of some more."""
    spans = []
    for _ in range(1 + ROUNDS):
        begin = time.perf_counter()
        work()
        spans.append(1000 * (time.perf_counter() - begin))
    return spans[0], median(spans[1:])


async def _of_sql(database: Database, query: str) -> tuple[tuple[int, int], tuple[float, float]]:
    async with database.engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = 0"))
        found = (await connection.execute(text(query))).one()
        spans = await connection.run_sync(_timed_sql, query)
    return (found[0], found[1]), spans


def _timed_sql(connection: Connection, query: str) -> tuple[float, float]:
    return _timed(lambda: connection.execute(text(query)).one())


def _mapped(columns: Columns, folder: Path) -> Columns:
    """The same arrays, mapped from files."""
    arrays = {}
    for name, array in columns.arrays.items():
        np.save(folder / f"{name}.npy", array)
        arrays[name] = np.load(folder / f"{name}.npy", mmap_mode="r")
    return Columns(columns.dictionaries, arrays)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _line(what: str, milliseconds: tuple[float, float]) -> None:
    first, usual = milliseconds
    print(f"{what}: first {first:.0f} ms, then {usual:.1f} ms, load {os.getloadavg()[0]:.1f}", flush=True)


async def _measure(url: str, folder: Path, count: int) -> None:
    database = Database(url)
    await schema.migrate(database)
    await _fill(database, count)
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))
    before = _peak()
    asked = Audiences(database)
    begin = time.perf_counter()
    audience = await asked.of(POLICY)
    print(f"read and asked: {time.perf_counter() - begin:.1f} s; peak {before:.0f} → {_peak():.0f} MB")
    columns = asked._companies  # noqa: SLF001 - what is measured
    print(f"{len(columns)} companies, {columns.nbytes / 2**20:.0f} MB of arrays")
    print(f"admitted {audience.count}, certain {audience.certain}")
    _line("in memory", _timed(lambda: find(columns, POLICY, TODAY).count))
    mapped = _mapped(columns, folder)
    _line("mapped from files", _timed(lambda: find(mapped, POLICY, TODAY).count))
    for name, query in (("SQL on JSONB", JSONB), ("SQL on typed columns", TYPED)):
        counts, spans = await _of_sql(database, query)
        _line(name, spans)
        found = find(columns, POLICY, TODAY)
        if counts != (found.count, found.certain):
            raise SystemExit(f"{name} found {counts}")
    await _measure_catching_up(database, asked)
    print(f"peak memory: {_peak():.0f} MB, load {os.getloadavg()[0]:.1f}")
    await database.aclose()


async def _measure_catching_up(database: Database, asked: Audiences) -> None:
    for changed in (0, 1, _CHANGED):
        async with database.unit_of_work() as session:
            await session.execute(
                text(
                    "UPDATE companies SET facts ="
                    " facts || jsonb_build_object('employees', CAST(:heads AS int))"
                    " WHERE uscc IN (SELECT uscc FROM companies ORDER BY uscc LIMIT :changed)"
                ),
                {"heads": changed, "changed": changed},
            )
        begin = time.perf_counter()
        await asked.of(POLICY)
        print(f"caught up with {changed}, and asked: {1000 * (time.perf_counter() - begin):.0f} ms")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COMPANIES
    print(f"load average at the beginning: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="rq-", dir="/tmp") as place:
        folder = Path(place)
        with postgresql(folder / "pg") as url:
            asyncio.run(_measure(url, folder, count))


if __name__ == "__main__":
    main()
