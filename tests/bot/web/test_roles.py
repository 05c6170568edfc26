"""Each role that is told to listens for those who watch over it."""

from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from bot import app, config
from bot.app import Role
from bot.embedded import ports


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    port = ports.any_free()
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_CATALOGUE__SEED", "false")
    monkeypatch.setenv("RONGQIAO_SERVER__WORKER_PORT", str(port))
    return port


async def test_a_worker_tells_how_it_is(port: int) -> None:
    async with app.running(config.load(), Role.WORKER), ClientSession(f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/healthz")).status == 200
        ready = await http.get("/readyz")
        assert ready.status == 200
        assert (await ready.json())["parts"] == {"database": "ok", "redis": "ok"}
        assert "rongqiao_outbox_waiting" in await (await http.get("/metrics")).text()
        assert (await http.get("/wechat")).status == 404, "nothing else is served there"


async def test_a_worker_that_is_not_told_to_listens_nowhere(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGQIAO_SERVER__WORKER_PORT", "0")
    async with app.running(config.load(), Role.WORKER), ClientSession() as http:
        with pytest.raises(ClientConnectionError):
            await http.get(f"http://127.0.0.1:{port}/healthz")
