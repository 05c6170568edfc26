"""An institution's system on a socket: it takes events well, slowly, or not at all, as its path says."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def is_signed_with(self, secret: str) -> bool:
        """By the documentation, not by the code that signs."""
        time, _, digest = self.headers["X-Rongqiao-Signature"].partition(",")
        signed = time.removeprefix("t=").encode() + b"." + self.body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return digest == f"v1={expected}"


@dataclass
class Receiver:
    """`slow` requests wait for `let_go`."""

    server: TestServer
    got: list[Received] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most_at_once: int = 0
    status: int = 200
    arrival: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, way: str) -> str:
        return str(self.server.make_url(f"/{way}"))

    def at(self, way: str) -> list[Received]:
        return [one for one in self.got if one.path == f"/{way}"]

    async def has(self, number: int, way: str) -> None:
        """Wait until so many came that way."""
        async with self.arrival:
            await self.arrival.wait_for(lambda: len(self.at(way)) >= number)

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self.arrival:
            self.got.append(Received(request.path, dict(request.headers), body))
            self.arrival.notify_all()
        match request.match_info["way"]:
            case "slow":
                return await self._slowly()
            case "broken":
                return web.Response(status=500, text="x" * 100_000)
            case "dropped":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "redirect":
                return web.Response(status=302, headers={"Location": self.url("ok")})
            case _:
                return web.Response(status=self.status)

    async def _slowly(self) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.let_go.wait()
        finally:
            self.at_once -= 1
        return web.Response()


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    app = web.Application()
    server = TestServer(app)
    receiver = Receiver(server)
    app.router.add_post("/{way}", receiver.take)
    async with server:
        yield receiver
        receiver.let_go.set()
