"""`run.py score`: what it says, what it refuses, and that it survives `kill -9`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.score_companies import digest, fill
from bot.sections import PROJECT
from domain.base import today_in_china, utcnow
from domain.credit.marks import ScoreMarkRow
from domain.database import Database
from domain.scores.run import Scoring
from tests.domain.databases import SqliteFiles, on_sqlite, opened
from tests.domain.scores.people import KNOWN, SCORER, STEADY, authorize, credit_score, settle, state

# Two and a half portions of the command.
COMPANIES = 2500


async def started(url: str, folder: Path, *arguments: str, **settings: str) -> asyncio.subprocess.Process:
    environment = os.environ | {
        "RONGQIAO_DATA_DIR": str(folder / "var"),
        "RONGQIAO_DATABASE__URL": url,
        "RONGQIAO_LOG__LEVEL": "ERROR",
        **settings,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "run.py",
        "score",
        *arguments,
        cwd=PROJECT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def told(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def done(database: Database) -> int:
    async with database.reading() as session:
        query = select(func.count()).where(ScoreMarkRow.scored_for.is_not(None))
        return await session.scalar(query) or 0


async def test_killed_at_any_point_it_goes_on_and_doubles_nothing(
    database: Database, database_url: str, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    await fill(database, COMPANIES)
    process = await started(database_url, tmp_path)
    while not await done(database):  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    first = await done(database)
    assert 0 < first <= COMPANIES
    code, out, err = await told(await started(database_url, tmp_path))
    assert (code, err) == (0, "")
    assert out.startswith(f"评分 {COMPANIES - first} 家：")
    assert await done(database) == COMPANIES
    async with opened(await sqlite_files.migrated(tmp_path / "whole.db")) as other:
        await fill(other, COMPANIES)
        await Scoring(other, SCORER).all()
        assert await digest(other) == await digest(database)


@on_sqlite
async def test_one_company_by_its_code(database: Database, database_url: str, tmp_path: Path) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY, now=utcnow())
    await state(database, STEADY, KNOWN[STEADY], today_in_china())
    other = "91320505MA0000000X"
    for _ in range(2):
        code, out, _ = await told(await started(database_url, tmp_path, "--uscc", STEADY, "--uscc", other))
        assert code == 0
        assert "评分 1 家：有评分 1 家" in out
        assert "另有 1 家没有授权平台评分，已略过。" in out
    assert await credit_score(database, STEADY) == 709


@on_sqlite
@pytest.mark.parametrize(
    ("arguments", "scorecard", "said"),
    [
        (("--uscc", "9132"), "reference/scorecard.yml", "统一社会信用代码有误：9132"),
        ((), "reference/nowhere.yml", "nowhere.yml: cannot be read"),
        ((), "reference/regions.csv", "regions.csv: must be a mapping of keys"),
    ],
)
async def test_what_cannot_be_used_is_named(
    database_url: str, tmp_path: Path, arguments: tuple[str, ...], scorecard: str, said: str
) -> None:
    process = await started(database_url, tmp_path, *arguments, RONGQIAO_CREDIT__SCORECARD=scorecard)
    code, _, err = await told(process)
    assert code == 2
    assert said in err
