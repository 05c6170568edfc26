"""Alive, ready, and the figures for Prometheus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web import health
from domain.database import Database
from tests.domain.databases import migrated


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with migrated(tmp_path / "rongqiao.db") as database:
        yield database


async def asleep() -> bool:
    return False


async def broken() -> bool:
    raise ConnectionError("redis://:password@10.0.0.1")


def client(checks: dict[str, health.Check]) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    app.add_routes(health.routes)
    app[health.CHECKS] = checks
    return TestClient(TestServer(app))


async def test_ready_when_all_parts_are(database: Database) -> None:
    async with client({"database": database.ready}) as http:
        response = await http.get("/readyz")
        assert response.status == 200
        assert await response.json() == {"status": "ready", "parts": {"database": True}}


@pytest.mark.parametrize("check", [asleep, broken])
async def test_not_ready_says_which_part_and_nothing_more(database: Database, check: health.Check) -> None:
    async with client({"database": database.ready, "redis": check}) as http:
        response = await http.get("/readyz")
        assert response.status == 503
        assert (await response.json())["parts"] == {"database": True, "redis": False}
        assert "password" not in await response.text()
        assert (await http.get("/healthz")).status == 200, "alive all the same"


async def test_a_database_that_cannot_be_opened_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'folder.db'}")
    async with client({"database": database.ready}) as http:
        assert (await http.get("/readyz")).status == 503
    await database.aclose()


async def test_metrics_are_prometheus(database: Database) -> None:
    async with client({"database": database.ready}) as http:
        response = await http.get("/metrics")
        assert response.status == 200
        assert "# TYPE" in await response.text()
