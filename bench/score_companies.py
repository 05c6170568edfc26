"""How long the scores of a city take: seconds and memory on SQLite and PostgreSQL, the same figures on both.

Run as `python -m bench.score_companies [companies]`. Each figure is `run.py score` in a process of its own,
start of the interpreter included. Companies are made up: of every indicator that the scorecard reads, seven
in ten are known. «First» is the first run; «again» one on the same day, which finds nobody due; «same» one on
the next day, with nothing changed.
"""

import asyncio
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.callbacks.postgresql import postgresql
from bot import schema
from bot.config import load
from bot.scoring import scorer_of
from bot.sections import PROJECT
from domain.authorizations.gate import Access, authorized_all
from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, PURPOSES, DataPurpose, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.base import table_of, today_in_china, utcnow
from domain.companies import CompanyRow
from domain.credit import documents
from domain.credit.marks import ScoreMarkRow
from domain.credit.registry import Indicator
from domain.credit.registry import Kind as Type
from domain.credit.tables import CreditValueRow
from domain.database import Database
from domain.scores.reading import columns
from domain.scores.run import READER
from domain.scores.tables import ScoreRow

COMPANIES = 100_000
_KNOWN = 0.7
_CLEAN = 0.8
_PORTION = 1000
_DAY = timedelta(days=1)
SCORER = scorer_of(load())
_INDICATORS = [
    SCORER.registry[code] for code in dict.fromkeys(read.indicator for read in SCORER.scorecard.reads)
]
# By type: what lies on both sides of most bounds.
_FIGURES: dict[Type, tuple[float, float]] = {
    Type.RATIO: (-0.5, 1.2),
    Type.NUMBER: (0, 200),
    Type.AMOUNT: (0, 30_000_000),
}


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu_seconds: float
    peak_mb: float


def usccs(count: int) -> list[str]:
    return [f"91320500{number:09}X" for number in range(count)]


def value(indicator: Indicator, chance: random.Random) -> Any:
    match indicator.type:
        case Type.FLAG:
            return chance.random() < (0.03 if indicator.negative else 0.6)
        case Type.CHOICE:
            return chance.choice(indicator.choices)
        case Type.COUNT:
            return 0 if indicator.negative and chance.random() < _CLEAN else chance.randint(0, 48)
        case Type.DATE:
            return date(chance.randint(1995, 2025), chance.randint(1, 12), 15).isoformat()
        case _:
            low, high = _FIGURES[indicator.type]
            figure = chance.uniform(low, high)
            return int(figure) if indicator.type is Type.AMOUNT else round(figure, 4)


def values(companies: list[str], now: datetime) -> Iterator[dict[str, Any]]:
    """What is known of the companies; the same of each, whoever asks."""
    day = today_in_china(now) - timedelta(days=40)
    for uscc in companies:
        chance = random.Random(uscc)
        for indicator in _INDICATORS:
            if chance.random() < _KNOWN:
                yield {
                    "uscc": uscc,
                    "category": indicator.category,
                    "indicator": indicator.code,
                    "as_of": day,
                    "value": value(indicator, chance),
                    "source": "市大数据局",
                    "batch_id": "bench",
                    "digest": "",
                    "received_at": now,
                }


async def fill(database: Database, count: int) -> None:
    now = utcnow()
    for portion in _portions(usccs(count)):
        async with database.unit_of_work() as session:
            await _fill(session, portion, now)


def _portions(items: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(items), _PORTION):
        yield items[begin : begin + _PORTION]


async def _fill(session: AsyncSession, companies: list[str], now: datetime) -> None:
    await _insert(
        session,
        CompanyRow,
        [
            {
                "uscc": uscc,
                "name": f"公司{uscc}",
                "facts": {"region": "320583", "industry": "C"},
                "enrolled": False,
                "notices": [],
                "updated_at": now,
            }
            for uscc in companies
        ],
    )
    await _insert(session, AuthorizationRow, [_authorization(uscc, now) for uscc in companies])
    known = list(values(companies, now))
    await _insert(session, CreditValueRow, known)
    await documents.mark(session, {(row["uscc"], row["category"]) for row in known}, now)
    await documents.put_together(session, now)


def _authorization(uscc: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"AU-{uscc}",
        "kind": Kind.CREDIT_DATA,
        "uscc": uscc,
        "recipient": PLATFORM,
        "scope": ALL_CATEGORIES,
        "purposes": PURPOSES[Kind.CREDIT_DATA],
        "given_at": now - _DAY,
        "until": now + 365 * _DAY,
        "ticket": uscc,
        "evidence": "bench",
    }


async def _insert(session: AsyncSession, table: Any, rows: list[dict[str, Any]]) -> None:
    statement = insert(table_of(table))
    await session.run_sync(lambda sync: sync.connection().execute(statement, rows))


async def measure(url: str, folder: Path) -> Cost:
    """One run as an operator starts it."""
    environment = os.environ | {
        "RONGQIAO_DATA_DIR": str(folder / "var"),
        "RONGQIAO_DATABASE__URL": url,
        "RONGQIAO_LOG__LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-IS",
        "-c",
        _BETWEEN,
        sys.executable,
        "run.py",
        "score",
        cwd=PROJECT,
        env=environment,
        stdout=PIPE,
    )
    told, _ = await process.communicate()
    failed, *cost = json.loads(told)
    if failed:
        raise SystemExit("the run failed")
    return Cost(*cost)


# A small process in between: the peak that Linux notes of a child begins with that of the process that
# started it.
_BETWEEN = """
import json, resource, subprocess, sys, time
begin = time.perf_counter()
failed = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.perf_counter() - begin
print(json.dumps([failed, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


async def a_day_passes(database: Database) -> None:
    """What was scored today becomes what was scored yesterday."""
    yesterday = today_in_china() - _DAY
    async with database.unit_of_work() as session:
        await session.execute(update(table_of(ScoreMarkRow)).values(scored_for=yesterday))
        await session.execute(update(table_of(ScoreRow)).values(since=yesterday, as_of=yesterday))


async def digest(database: Database) -> str:
    """A hash of everybody's score, probability, confidence and explanation."""
    figures = ScoreRow.uscc, ScoreRow.score, ScoreRow.pd, ScoreRow.confidence, ScoreRow.content

    async def read(access: Access) -> dict[str, str]:
        rows = await access.session.execute(select(*figures).where(ScoreRow.uscc.in_(access.usccs)))
        return {row.uscc: repr(tuple(row)) for row in rows}

    found = hashlib.sha256()
    async for portion in authorized_all(database, READER, ALL_CATEGORIES, DataPurpose.SCORING, read):
        for uscc in sorted(portion):
            found.update(portion[uscc].encode())
    return found.hexdigest()[:16]


async def arithmetic(database: Database) -> tuple[float, float]:
    """Milliseconds a thousand companies: reading their columns, and scoring them, explanations included."""
    now, spans = utcnow(), []

    async def read(access: Access) -> dict[str, None]:
        begin = time.perf_counter()
        known = await columns(access, SCORER.registry, SCORER.scorecard.reads, today_in_china(now))
        middle = time.perf_counter()
        SCORER.scores(access.usccs, known, today_in_china(now), now)
        spans.append((middle - begin, time.perf_counter() - middle))
        return {}

    some = usccs(10 * _PORTION)
    async for _ in authorized_all(
        database, READER, ALL_CATEGORIES, DataPurpose.SCORING, read, among=some, portion=_PORTION
    ):
        pass
    reading, scoring = (sorted(span)[len(span) // 2] * 1000 for span in zip(*spans, strict=True))
    return reading, scoring


async def _measure_all(name: str, url: str, folder: Path, count: int) -> None:
    database = Database(url)
    await schema.migrate(database)
    await fill(database, count)
    for what in ("first", "again", "same"):
        if what == "same":
            await a_day_passes(database)
        cost = await measure(url, folder)
        print(
            name,
            what,
            *(f"{figure:.0f}" for figure in (cost.seconds, cost.cpu_seconds, cost.peak_mb)),
            sep=" | ",
        )
    reading, scoring = await arithmetic(database)
    print(f"{name}: a thousand companies are read in {reading:.0f} ms and scored in {scoring:.0f} ms")
    print(f"{name}: figures {await digest(database)}", flush=True)
    await database.aclose()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COMPANIES
    with tempfile.TemporaryDirectory(prefix="rq-", dir="/tmp") as place:
        folder = Path(place)
        print(f"{count} companies, {len(_INDICATORS)} indicators")
        print("database | run | seconds | of CPU | peak MB", flush=True)
        asyncio.run(_measure_all("sqlite", f"sqlite:///{folder / 'rongqiao.db'}", folder, count))
        with postgresql(folder / "pg") as server:
            asyncio.run(_measure_all("postgresql", server, folder, count))


if __name__ == "__main__":
    main()
