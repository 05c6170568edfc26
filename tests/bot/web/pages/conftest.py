"""The pages as they are mounted, with real Redis and SQLite, before the sandbox's WeChat."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import config
from domain.recommending.rules import ReviewMode
from tests.bot.web.pages.world import WITH_REVIEWS, World, world_of
from tests.domain.databases import SqliteFiles, opened


@pytest.fixture
async def world(sqlite_files: SqliteFiles, tmp_path: Path, shared_valkey: str) -> AsyncIterator[World]:
    url = await sqlite_files.migrated(tmp_path / "rongqiao.db")
    async with opened(url) as database, world_of(database, shared_valkey, registration=WITH_REVIEWS) as world:
        yield world


@pytest.fixture
async def careful(sqlite_files: SqliteFiles, tmp_path: Path, shared_valkey: str) -> AsyncIterator[World]:
    """A city in which an adviser looks at every request before institutions do."""
    review = config.load().review.model_copy(update={"mode": ReviewMode.REQUIRED})
    url = await sqlite_files.migrated(tmp_path / "careful.db")
    async with (
        opened(url) as database,
        world_of(database, shared_valkey, registration=WITH_REVIEWS, review=review) as world,
    ):
        yield world
