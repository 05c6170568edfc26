"""Alive, ready, and the figures for Prometheus."""

import asyncio
import socket
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis
from sqlalchemy import select

from bot import metrics
from bot.web import health
from domain.base import utcnow
from domain.database import Database
from domain.events import OutboxRow, record
from notify import backlog
from tests.domain.databases import on_sqlite


async def asleep() -> bool:
    return False


async def broken() -> bool:
    raise ConnectionError("redis://:password@10.0.0.1")


async def hanging() -> bool:
    await asyncio.Event().wait()
    return True


def client(
    checks: dict[str, health.Check], gauges: list[health.Gauge] | None = None
) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    app.add_routes(health.routes)
    app[health.READINESS] = readiness = health.Readiness(checks, patience=0.3)
    app[health.GAUGES] = gauges or []
    app.on_cleanup.append(lambda _: readiness.aclose())
    return TestClient(TestServer(app))


async def test_ready_when_all_parts_are(database: Database) -> None:
    async with client({"database": database.ready}) as http:
        response = await http.get("/readyz")
        assert response.status == 200
        assert await response.json() == {"status": "ready", "not_ready": [], "parts": {"database": "ok"}}


@on_sqlite
@pytest.mark.parametrize(("check", "state"), [(asleep, "away"), (broken, "away"), (hanging, "silent")])
async def test_not_ready_says_which_part_and_nothing_more(
    database: Database, check: health.Check, state: str
) -> None:
    async with client({"database": database.ready, "redis": check}) as http:
        response = await http.get("/readyz")
        assert response.status == 503
        answer = await response.json()
        assert answer["parts"] == {"database": "ok", "redis": state}
        assert answer["not_ready"] == ["redis"]
        assert "password" not in await response.text()
        assert (await http.get("/healthz")).status == 200, "alive all the same"


async def test_one_that_hangs_is_asked_once_until_it_answers() -> None:
    asked, answer = [], asyncio.Event()

    async def slow() -> bool:
        asked.append(1)
        await answer.wait()
        return True

    async with client({"nlu": slow}) as http:
        for _ in range(3):
            assert (await http.get("/readyz")).status == 503
        assert len(asked) == 1
        answer.set()
        assert (await http.get("/readyz")).status == 200
        assert (await http.get("/readyz")).status == 200
        assert len(asked) == 2


async def test_a_redis_that_takes_connections_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        redis = Redis(port=mute.getsockname()[1], socket_timeout=60)

        async def pong() -> bool:
            return bool(await redis.ping())

        async with client({"redis": pong}) as http:
            response = await http.get("/readyz")
            assert response.status == 503
            assert (await response.json())["parts"] == {"redis": "silent"}
        await redis.aclose()


async def test_a_database_that_cannot_be_opened_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'no' / 'folder.db'}")
    async with client({"database": database.ready}) as http:
        assert (await http.get("/readyz")).status == 503
    await database.aclose()


async def figures(http: TestClient[web.Request, web.Application]) -> dict[str, float]:
    """Every sample that `/metrics` shows, by name and labels."""
    response = await http.get("/metrics")
    assert response.status == 200
    lines = [line for line in (await response.text()).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_the_figures_of_what_waits_and_of_the_pool(database: Database) -> None:
    observe = [partial(backlog.observe, database), partial(metrics.observe_pool, database.engine)]
    async with client({}, observe) as http:
        shown = await figures(http)
        assert shown["rongqiao_outbox_waiting"] == 0
        assert shown["rongqiao_outbox_oldest_seconds"] == 0
        long_ago = utcnow().replace(year=2020)
        async with database.unit_of_work() as session:
            record(session, "request.published", {}, long_ago)
            record(session, "request.published", {}, utcnow())
        async with database.reading():
            shown = await figures(http)
        assert shown["rongqiao_outbox_waiting"] == 2
        assert shown["rongqiao_outbox_oldest_seconds"] > 86_400
        assert 'rongqiao_database_connections{state="in_use"}' in shown
        async with database.unit_of_work() as session:
            for row in await session.scalars(select(OutboxRow)):
                row.handled_at = utcnow()
        assert (await figures(http))["rongqiao_outbox_waiting"] == 0


async def test_a_figure_that_cannot_be_had_keeps_none_of_the_others_back(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'no' / 'folder.db'}")
    async with client({}, [partial(backlog.observe, away)]) as http:
        assert "process_start_time_seconds" in await figures(http)
    await away.aclose()
