"""Large bodies are read beside what else the process does."""

import asyncio
import json
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web.api.bodies import json_object
from tests.bot.web.conftest import Api

ITEM = {"code": "A", "name": "设备贷", "institution": "苏州银行", "regions": ["320500", "320583"]}


class Turns:
    """What the event loop does beside: how often it came round."""

    def __init__(self) -> None:
        self.number = 0

    async def go_on(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.number += 1


async def read_beside(turns: Turns, content: bytes) -> tuple[Any, int]:
    """The body as the server read it, and how often the event loop came round meanwhile."""

    async def answer(request: web.Request) -> web.Response:
        nonlocal body, meanwhile
        await request.read()
        going_on = asyncio.create_task(turns.go_on())
        await asyncio.sleep(0)
        before = turns.number
        body = await json_object(request)
        meanwhile = turns.number - before
        going_on.cancel()
        return web.Response()

    body, meanwhile = None, 0
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/", answer)
    async with TestClient(TestServer(app)) as client:
        assert (await client.post("/", data=BytesIO(content))).status == 200
    return body, meanwhile


async def test_the_event_loop_goes_on_while_a_large_body_is_read() -> None:
    sent = {"items": [ITEM | {"code": f"A{number}"} for number in range(150_000)]}
    body, turns = await read_beside(Turns(), json.dumps(sent).encode())
    assert body == sent
    assert turns > 1, "the loop came round while a thread read"


@pytest.mark.parametrize("length", [10, 1_000_000])
async def test_what_is_no_json_is_said_at_every_length(api: Api, length: int) -> None:
    status, problem = await api.call("POST", "/products", data=b"[" * length)
    assert (status, problem["detail"]) == (400, "请求体不是有效的 JSON")
