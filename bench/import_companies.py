"""How fast a city's companies are taken over: rows a second, seconds, memory, by format and database.

Run as `python -m bench.import_companies [rows]`. Each figure is `run.py import companies FILE` in a process
of its own on an empty database, start of the interpreter included. «Waited» is what somebody else who
writes to the same database had to wait meanwhile, one small transaction every 20 ms. «Again» imports
the CSV once more: nothing changed.
"""

import asyncio
import csv
import json
import os
import random
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench.callbacks.postgresql import postgresql
from bot import schema
from bot.sections import PROJECT
from domain.database import Database
from domain.labels import Collateral, Industry, Qualification, TaxGrade
from domain.secrets import new_key

ROWS = 100_000
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_REGIONS = ("320583", "320506", "340111", "330102", "460105")
_PAUSE = 0.02
_REST = 10


@dataclass(frozen=True)
class Figures:
    seconds: float
    cpu_seconds: float
    peak_mb: float
    waited: "Waits"


@dataclass(frozen=True)
class Waits:
    """Milliseconds that a small transaction took beside the import."""

    p99: float
    longest: float


def companies(count: int) -> Iterator[dict[str, Any]]:
    """Made-up companies with every field that a registry would fill."""
    chance = random.Random(count)
    for number in range(count):
        yield {
            "uscc": f"9132{number:08}" + "".join(chance.choices(_ALPHABET, k=6)),
            "name": f"苏州第{number}精密机械有限公司",
            "region": chance.choice(_REGIONS),
            "industry": chance.choice(list(Industry)).value,
            "founded": f"{chance.randint(1995, 2025)}-{chance.randint(1, 12):02}-15",
            "registered_capital": chance.randint(1, 500) * 100_000,
            "revenue": chance.randint(1, 9000) * 10_000,
            "employees": chance.randint(1, 900),
            "assets": chance.randint(1, 9000) * 10_000,
            "liabilities": chance.randint(0, 5000) * 10_000,
            "tax_grade": chance.choice(list(TaxGrade)).value,
            "credit_score": chance.randint(400, 900),
            "qualifications": [item.value for item in chance.sample(list(Qualification), 2)],
            "first_loan": chance.choice([True, False]),
            "overdue": False,
            "collaterals": [chance.choice(list(Collateral)).value],
            "openid": f"o{number:027}",
            "contact": "张建国",
            "phone": f"138{number:08}",
            "enrolled": True,
        }


def _flat(row: dict[str, Any]) -> list[Any]:
    return ["|".join(value) if isinstance(value, list) else value for value in row.values()]


def write_files(folder: Path, count: int) -> dict[str, Path]:
    files = {name: folder / f"companies.{name}" for name in ("csv", "xlsx", "jsonl")}
    header = list(next(companies(1)))
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(header)
    with files["csv"].open("w", encoding="utf-8", newline="") as table, files["jsonl"].open("w") as lines:
        rows = csv.writer(table)
        rows.writerow(header)
        for company in companies(count):
            rows.writerow(_flat(company))
            sheet.append(_flat(company))
            lines.write(json.dumps(company, ensure_ascii=False) + "\n")
    book.save(files["xlsx"])
    return files


async def measure(url: str, folder: Path, file: Path) -> Figures:
    """One import as an operator runs it."""
    environment = os.environ | {
        "RONGQIAO_DATA_DIR": str(folder),
        "RONGQIAO_DATABASE__URL": url,
        "RONGQIAO_SECRETS__ENCRYPTION_KEY": _KEY,
        "RONGQIAO_LOG__LEVEL": "ERROR",
    }
    command = [sys.executable, "run.py", "import", "companies", str(file)]
    database = Database(url or f"sqlite:///{folder / 'rongqiao.db'}")
    await schema.migrate(database)
    waiting = asyncio.create_task(_wait(database))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-IS", "-c", _BETWEEN, *command, cwd=PROJECT, env=environment, stdout=PIPE
    )
    told, _ = await process.communicate()
    waiting.cancel()
    waits = await waiting
    await database.aclose()
    failed, seconds, cpu_seconds, peak_mb = json.loads(told)
    if failed:
        raise SystemExit(f"the import of {file.name} failed")
    return Figures(seconds, cpu_seconds, peak_mb, waits)


# A small process in between: the peak that Linux notes of a child begins with that of the process that
# started it, and this one has just written a workbook.
_BETWEEN = """
import json, resource, subprocess, sys, time
begin = time.perf_counter()
failed = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.perf_counter() - begin
print(json.dumps([failed, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
_KEY = new_key()


async def _wait_at_rest(folder: Path) -> Waits:
    """The same without an import, for ten seconds: what the machine alone makes people wait."""
    database = Database(f"sqlite:///{folder / 'rest.db'}")
    await schema.migrate(database)
    waiting = asyncio.create_task(_wait(database))
    await asyncio.sleep(_REST)
    waiting.cancel()
    waits = await waiting
    await database.aclose()
    return waits


async def _wait(database: Database) -> Waits:
    """What somebody who writes now and then has to wait; until cancelled."""
    spans = [0.0]
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(_PAUSE)
            begin = time.perf_counter()
            async with database.unit_of_work() as session:
                await session.execute(text("DELETE FROM inbox WHERE key = 'nobody'"))
            spans.append(1000 * (time.perf_counter() - begin))
    spans.sort()
    return Waits(spans[len(spans) * 99 // 100], spans[-1])


async def _measure_all(server: str, files: dict[str, Path], folder: Path) -> None:
    count = len(files["csv"].read_text(encoding="utf-8").splitlines()) - 1
    print(f"waited without an import: {await _wait_at_rest(folder)}")
    print("database | file | rows/s | seconds | of CPU | peak MB | waited ms p99 | longest")
    for name, urls in (("sqlite", dict.fromkeys(files, "")), ("postgresql", await _databases(server, files))):
        for kind in (*files, "again"):
            what = "csv" if kind == "again" else kind
            found = await measure(urls[what], folder / f"{name}-{what}", files[what])
            rate = count / found.seconds
            cost = (rate, found.seconds, found.cpu_seconds, found.peak_mb)
            figures = (*cost, found.waited.p99, found.waited.longest)
            print(name, kind, *(f"{figure:.0f}" for figure in figures), sep=" | ", flush=True)


async def _databases(server: str, names: Iterable[str]) -> dict[str, str]:
    """The addresses of empty databases, made now."""
    database = Database(server)
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for name in names:
            await connection.execute(text(f"CREATE DATABASE {name}"))
    await database.aclose()
    return {name: make_url(server).set(database=name).render_as_string(hide_password=False) for name in names}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory(prefix="rq-", dir="/tmp") as place:
        folder = Path(place)
        files = write_files(folder, count)
        for name in ("sqlite", "postgresql"):
            for kind in files:
                (folder / f"{name}-{kind}").mkdir()
        sizes = (f"{kind} {file.stat().st_size / 2**20:.0f} MB" for kind, file in files.items())
        print(f"{count} companies:", ", ".join(sizes))
        with postgresql(folder / "pg") as server:
            asyncio.run(_measure_all(server, files, folder))


if __name__ == "__main__":
    main()
