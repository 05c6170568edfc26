"""Large bodies are read beside what else the process does."""

import asyncio
import json
import time
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web.api.bodies import json_object
from tests.bot.web.conftest import Api

ITEM = {"code": "A", "name": "设备贷", "institution": "苏州银行", "regions": ["320500", "320583"]}


class Beats:
    """What the event loop does beside; `longest` is the process's own time between two of its turns."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def go_on(self) -> None:
        last = time.process_time()
        while True:
            await asyncio.sleep(0)
            now = time.process_time()
            self.longest, last = max(self.longest, now - last), now


async def read_beside(beats: Beats, content: bytes) -> tuple[Any, float]:
    """The body as the server read it, and the process's time that it took."""

    async def answer(request: web.Request) -> web.Response:
        nonlocal body, took
        await request.read()
        beating = asyncio.create_task(beats.go_on())
        await asyncio.sleep(0)
        began = time.process_time()
        body = await json_object(request)
        took = time.process_time() - began
        await asyncio.sleep(0)
        beating.cancel()
        return web.Response()

    body, took = None, 0.0
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/", answer)
    async with TestClient(TestServer(app)) as client:
        assert (await client.post("/", data=BytesIO(content))).status == 200
    return body, took


async def test_the_event_loop_goes_on_while_a_large_body_is_read() -> None:
    beats = Beats()
    sent = {"items": [ITEM | {"code": f"A{number}"} for number in range(150_000)]}
    body, took = await read_beside(beats, json.dumps(sent).encode())
    assert body == sent
    assert beats.longest < took / 2


@pytest.mark.parametrize("length", [10, 1_000_000])
async def test_what_is_no_json_is_said_at_every_length(api: Api, length: int) -> None:
    status, problem = await api.call("POST", "/products", data=b"[" * length)
    assert (status, problem["detail"]) == (400, "请求体不是有效的 JSON")
