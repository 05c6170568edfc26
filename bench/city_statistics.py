"""How long the statistics of a city take, and what the writer and the event loop feel of them.

Run as `python -m bench.city_statistics [requests]`, on SQLite and PostgreSQL. Requests, follows with their
steps, loans and companies are made up: in five years, by 75 institutions, in ten districts. «Writes» are
units of work of one row each, written one after the other while figures are made, with the longest of them;
«loop» is the longest time for which the event loop did not turn.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench.callbacks.postgresql import postgresql
from bot import schema
from domain import events
from domain.base import Row, utcnow
from domain.companies import CompanyRow
from domain.database import Database
from domain.labels import Industry
from domain.loans import LoanRow, LoanState
from domain.market.rules import FollowState
from domain.market.tables import FollowRow, FollowStepRow
from domain.requests import RequestRow, RequestStatus
from domain.statistics.reading import statistics
from domain.statistics.scope import By, Scope

REQUESTS = 100_000
_COMPANIES = 0.5
_LOANS = 0.35
_PORTION = 5_000
_BEGIN = datetime(2022, 1, 1, tzinfo=UTC)
_DAYS = 1826
_REGIONS = [f"3205{number:02}" for number in (5, 6, 7, 8, 9, 81, 82, 83, 84, 85)]
_ROUNDS = 5
_CHANCE = random.Random(1)


def _moment() -> datetime:
    return _BEGIN + timedelta(seconds=_CHANCE.randrange(_DAYS * 86_400))


def _uscc(number: int) -> str:
    return f"9132{number:014}"


def companies(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        facts = {"region": _CHANCE.choice(_REGIONS), "industry": _CHANCE.choice(list(Industry))}
        yield {
            "uscc": _uscc(number),
            "name": f"企业{number}",
            "facts": facts,
            "enrolled": True,
            "notices": [],
            "updated_at": _BEGIN,
        }


def requests(count: int, firms: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        at = _moment()
        yield {
            "id": f"RQ{number:08}",
            "openid": f"o{number % firms}",
            "status": RequestStatus.PUBLISHED,
            "company": f"企业{number % firms}",
            "uscc": _uscc(number % firms),
            "amount_max": _CHANCE.randrange(1, 100) * 100_000,
            "purpose_text": "流动资金周转，采购原材料和发工资",
            "guarantee": ["credit"],
            "institutions": [],
            "declared": {"region": "320583", "industry": "C", "founded": "2019-05-10"},
            "region": _CHANCE.choice(_REGIONS),
            "industry": _CHANCE.choice(list(Industry)),
            "created_at": at,
            "updated_at": at,
            "published_at": at,
        }


def steps(published: list[tuple[str, datetime]]) -> Iterator[dict[str, Any]]:
    """One to three follows each, that end in a decision or lapse."""
    for request_id, at in published:
        for bank in _CHANCE.sample(range(75), _CHANCE.randint(1, 3)):
            began = at + timedelta(hours=_CHANCE.random() * 48)
            ended = began + timedelta(hours=_CHANCE.random() * 120)
            after = _CHANCE.choice([FollowState.APPROVED, FollowState.REJECTED, FollowState.LAPSED])
            step = {"request_id": request_id, "institution": f"银行{bank}", "actor": "client:1", "note": ""}
            yield step | {"at": began, "since": None, "before": None, "after": FollowState.FOLLOWING}
            yield step | {"at": ended, "since": began, "before": FollowState.FOLLOWING, "after": after}


def follow_of(step: dict[str, Any]) -> dict[str, Any]:
    return {
        "request_id": step["request_id"],
        "institution": step["institution"],
        "decision_days": 5,
        "state": step["after"],
        "version": 2,
        "turn": 1,
        "followed_by": "client:1",
        "place_at": step["since"],
        "decided_at": step["at"],
        "note": "",
        "updated_at": step["at"],
    }


def loans(count: int, firms: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        day, amount = _moment().date(), _CHANCE.randrange(1, 100) * 100_000
        yield {
            "loan_id": f"JK{number:08}",
            "uscc": _uscc(_CHANCE.randrange(firms)),
            "institution": f"银行{_CHANCE.randrange(75)}",
            "amount": amount,
            "balance": amount // 2,
            "rate": _CHANCE.randrange(300, 600) / 100,
            "granted_on": day,
            "due_on": day + timedelta(days=365),
            "state": _CHANCE.choices(list(LoanState), [80, 2, 17, 1])[0],
            "updated_at": _BEGIN,
        }


async def fill(database: Database, count: int) -> None:
    firms = max(1, int(count * _COMPANIES))
    made = list(requests(count, firms))
    taken = list(steps([(row["id"], row["published_at"]) for row in made]))
    await write(database, CompanyRow, list(companies(firms)))
    await write(database, RequestRow, made)
    await write(database, FollowStepRow, taken)
    await write(database, FollowRow, [follow_of(step) for step in taken if step["since"]])
    await write(database, LoanRow, list(loans(int(count * _LOANS), firms)))
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def write(database: Database, table: type[Row], rows: list[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), _PORTION):
        async with database.unit_of_work() as session:
            await session.execute(insert(table), rows[begin : begin + _PORTION])


class Feeling:
    """Writes one row after the other and watches the event loop, until it is told to stop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.writes: list[float] = []
        self.loop = 0.0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._turn())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            begin = time.perf_counter()
            async with self._database.unit_of_work() as session:
                events.record(session, "bench", {}, utcnow())
            self.writes.append(time.perf_counter() - begin)
            await asyncio.sleep(0.01)

    async def _turn(self) -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(0.001)
            self.loop = max(self.loop, time.perf_counter() - begin - 0.001)


def scopes() -> Iterator[tuple[str, Scope]]:
    for by in By:
        yield f"{by}, all", Scope(by)
    yield "month, one year", Scope(By.MONTH, first=date(2025, 1, 1), last=date(2025, 12, 31))
    yield "region, one month", Scope(By.REGION, first=date(2025, 3, 1), last=date(2025, 3, 31))
    yield "month, one institution", Scope(By.MONTH, institution="银行7")


async def measure(name: str, url: str, count: int) -> None:
    database = Database(url)
    try:
        await schema.migrate(database)
        await fill(database, count)
        for label, scope in scopes():
            feeling, spans = Feeling(database), []
            async with feeling.watching():
                for _ in range(_ROUNDS):
                    begin = time.perf_counter()
                    await statistics(database, scope)
                    spans.append(time.perf_counter() - begin)
            print(
                f"{name:10} {label:24} {sorted(spans)[_ROUNDS // 2] * 1000:8.0f} ms   writes "
                f"{len(feeling.writes):4}, longest {max(feeling.writes) * 1000:5.0f} ms   "
                f"loop {feeling.loop * 1000:5.0f} ms"
            )
    finally:
        await database.aclose()


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        await measure("SQLite", f"sqlite:///{folder / 'bench.db'}", count)
        with postgresql(folder / "pg") as url:
            await measure("PostgreSQL", url, count)


if __name__ == "__main__":
    asyncio.run(main())
