"""The platform's API behind a socket, as its documentation describes it; troubles on demand."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "s3cret-of-the-account"
APP_ID = "wx5823bf96d3bd56c7"


@dataclass
class Platform:
    """``troubles`` are used up one a call, before it is judged: an errcode, or a word of ``_trouble``."""

    lifetime_s: int = 7200
    tokens: list[str] = field(default_factory=lambda: ["stable-0"])
    dead: set[str] = field(default_factory=set)
    fetches: list[bool] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    troubles: deque[int | str] = field(default_factory=deque)
    sent_ids: dict[tuple[str, str], int] = field(default_factory=dict)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self.stable_token)
        app.router.add_route("*", "/{path:.*}", self.call)
        return app

    async def stable_token(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.fetches.append(body["force_refresh"])
        await asyncio.sleep(0.02)  # long enough for a stampede to show
        if body["appid"] != APP_ID:
            return web.json_response({"errcode": 40013, "errmsg": "invalid appid"})
        if body["secret"] != SECRET:
            return web.json_response({"errcode": 40001, "errmsg": "AppSecret error"})
        if body["force_refresh"]:
            self.kill_current()
        return web.json_response({"access_token": self.tokens[-1], "expires_in": self.lifetime_s})

    def kill_current(self) -> None:
        self.dead.add(self.tokens[-1])
        self.tokens.append(f"stable-{len(self.tokens)}")

    async def call(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        path = "/" + request.match_info["path"]
        self.calls.append((path, json.loads(raw) if raw else None))
        self.bodies.append(raw)
        if self.troubles:
            return await self._trouble(request, self.troubles.popleft())
        token = request.query.get("access_token", "")
        if token in self.dead:
            return _error(42001, "access_token expired")
        if token not in self.tokens:
            return _error(40001, "invalid credential")
        return self._answer(path, self.calls[-1][1])

    async def _trouble(self, request: web.Request, trouble: int | str) -> web.StreamResponse:
        match trouble:
            case int():
                return _error(trouble, "on demand rid: 6512-ab")
            case "slow":
                await asyncio.sleep(5)
            case "drop":
                assert request.transport
                request.transport.abort()
            case "502":
                return web.Response(status=502, text="<html>bad gateway</html>")
            case "413":
                return web.Response(status=413, text="too large")
            case "redirect":
                return web.Response(status=302, headers={"Location": "https://example.org/"})
            case _:
                return web.Response(text=trouble)
        return web.Response()

    def _answer(self, path: str, body: Any) -> web.StreamResponse:
        if path == "/cgi-bin/message/template/send":
            key = (body["touser"], body.get("client_msg_id", str(len(self.calls))))
            msg_id = self.sent_ids.setdefault(key, 3_000_000_000_000_000_000 + len(self.sent_ids))
            return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": msg_id})
        if path == "/cgi-bin/template/get_all_private_template":
            template = {"template_id": "T1", "title": "进度", "content": "{{thing1.DATA}}", "example": "x"}
            return web.json_response({"template_list": [template]})
        return _error(0, "ok")


def _error(errcode: int, errmsg: str) -> web.Response:
    return web.json_response({"errcode": errcode, "errmsg": errmsg})
