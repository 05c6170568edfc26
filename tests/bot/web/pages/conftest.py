"""The pages as they are mounted, with real Redis and SQLite, before the sandbox's WeChat."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.web.pages.world import WITH_REVIEWS, World, world_of
from tests.domain.databases import SqliteFiles, opened


@pytest.fixture
async def world(sqlite_files: SqliteFiles, tmp_path: Path, shared_valkey: str) -> AsyncIterator[World]:
    url = await sqlite_files.migrated(tmp_path / "rongqiao.db")
    async with opened(url) as database, world_of(database, shared_valkey, registration=WITH_REVIEWS) as world:
        yield world
