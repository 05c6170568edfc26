"""Several processes of the service started at once on an empty database."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from sqlalchemy import func, select

from bot import schema
from bot.sections import PROJECT
from domain import catalogue
from domain.policies import PolicyRow
from domain.products import ProductRow
from tests.domain.databases import POSTGRESQL, opened

PROCESSES = 4
# Products and policies, each imported in one go.
CHANGES_BY_ONE_SEED = 2


async def start_together(url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.grounding", url, str(PROCESSES), cwd=PROJECT, stderr=PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def test_they_bring_up_one_schema_and_one_catalogue(empty_database_url: str, backend: str) -> None:
    await start_together(empty_database_url)
    async with opened(empty_database_url) as database:
        assert await schema.differences(database) == []
        async with database.reading() as session:
            for row, file in ((ProductRow, "products"), (PolicyRow, "policies")):
                lines = (PROJECT / "catalogue" / f"{file}.jsonl").read_text("utf-8").splitlines()
                assert await session.scalar(select(func.count()).select_from(row)) == len(lines)
            if backend == POSTGRESQL:
                assert await catalogue.version(session) == CHANGES_BY_ONE_SEED
