"""The platform's API behind a socket, as its documentation describes it; troubles on demand."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "s3cret-of-the-account"
APP_ID = "wx5823bf96d3bd56c7"


@dataclass(frozen=True)
class Received:
    """One request; `query` without the access token, `body` as parsed if it is JSON."""

    method: str
    path: str
    query: dict[str, str]
    raw: bytes
    content_type: str
    length: int | None

    @property
    def body(self) -> Any:
        return json.loads(self.raw) if self.raw and self.content_type == "application/json" else None


@dataclass
class Platform:
    """Answers `{"errcode": 0}` unless `answers` says otherwise for the path.

    `troubles` are used up one a call, before it is judged: an errcode, or a word of `_trouble`.
    """

    lifetime_s: int = 7200
    tokens: list[str] = field(default_factory=lambda: ["stable-0"])
    dead: set[str] = field(default_factory=set)
    fetches: list[bool] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    troubles: deque[int | str] = field(default_factory=deque)
    token_troubles: deque[int] = field(default_factory=deque)
    sent_ids: dict[tuple[str, str], int] = field(default_factory=dict)
    connections: set[Any] = field(default_factory=set)
    tickets: int = 0
    under_way: int = 0
    most_under_way: int = 0
    gate: asyncio.Event | None = None

    @property
    def calls(self) -> list[tuple[str, Any]]:
        """Path and JSON body of each call that was not for a token."""
        return [(request.path, request.body) for request in self.received]

    @property
    def last(self) -> Received:
        return self.received[-1]

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/cgi-bin/stable_token", self.stable_token)
        app.router.add_route("*", "/{path:.*}", self.call)
        return app

    async def stable_token(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.fetches.append(body["force_refresh"])
        await asyncio.sleep(0.02)  # long enough for a stampede to show
        if self.token_troubles:
            return _error(self.token_troubles.popleft(), "on demand")
        if body["appid"] != APP_ID:
            return _error(40013, "invalid appid")
        if body["secret"] != SECRET:
            return _error(40001, "AppSecret error")
        if body["force_refresh"]:
            self.kill_current()
        return web.json_response({"access_token": self.tokens[-1], "expires_in": self.lifetime_s})

    def kill_current(self) -> None:
        self.dead.add(self.tokens[-1])
        self.tokens.append(f"stable-{len(self.tokens)}")

    async def call(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._call(request)
        finally:
            self.under_way -= 1

    async def _call(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        path = "/" + request.match_info["path"]
        own_token = path.startswith("/sns/") or path.endswith("/v2")
        token = None if own_token else query.pop("access_token", "")
        received = Received(
            request.method, path, query, await request.read(), request.content_type, request.content_length
        )
        self.received.append(received)
        if self.gate is not None:
            await self.gate.wait()
        if self.troubles:
            return await self._trouble(request, self.troubles.popleft())
        if token in self.dead:
            return _error(42001, "access_token expired")
        if token is not None and token not in self.tokens:
            return _error(40001, "invalid credential")
        return self._answer(received)

    async def _trouble(self, request: web.Request, trouble: int | str) -> web.StreamResponse:
        assert request.transport
        match trouble:
            case int():
                return _error(trouble, "on demand rid: 6512abcd-0123cdef-4567aaaa")
            case "slow":
                await asyncio.sleep(5)
            case "drop":
                request.transport.abort()
            case "truncated":
                return await _truncated(request)
            case "redirect":
                return web.Response(status=302, headers={"Location": "https://example.org/"})
            case "502" | "413":
                return web.Response(status=int(trouble), text="<html>from a gateway</html>")
            case _:
                return web.Response(text=trouble)
        return web.Response()

    def _answer(self, request: Received) -> web.StreamResponse:
        if request.path in self.answers:
            answer = self.answers[request.path]
            if isinstance(answer, deque):
                answer = answer.popleft()
            if isinstance(answer, web.Response):
                return web.Response(body=answer.body, headers=answer.headers)
            return web.json_response(answer)
        if request.path == "/cgi-bin/message/template/send":
            key = (request.body["touser"], request.body.get("client_msg_id", str(len(self.received))))
            msg_id = self.sent_ids.setdefault(key, 3_000_000_000_000_000_000 + len(self.sent_ids))
            return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": msg_id})
        if request.path == "/cgi-bin/ticket/getticket":
            self.tickets += 1
            ticket = {"errcode": 0, "ticket": f"ticket-{self.tickets}", "expires_in": self.lifetime_s}
            return web.json_response(ticket)
        return _error(0, "ok")


async def _truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"errcode":')
    assert request.transport
    request.transport.close()
    return response


def _error(errcode: int, errmsg: str) -> web.Response:
    return web.json_response({"errcode": errcode, "errmsg": errmsg})
