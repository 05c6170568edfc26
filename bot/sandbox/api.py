"""The fake WeChat API over HTTP; mount it at any prefix and put that into the product's API address."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from aiohttp import web

from bot.sandbox.api_calls import ApiDesk
from bot.sandbox.errors import ApiError
from bot.sandbox.wechat import FakeWeChat

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Work = Callable[[web.Request], Awaitable[dict[str, Any]]]


def api_app(fake: FakeWeChat) -> web.Application:
    """`/cgi-bin/…` as WeChat has it: errors come as HTTP 200 with an `errcode`."""
    desk = ApiDesk(fake)
    app = web.Application()
    app.router.add_get("/cgi-bin/token", _endpoint(fake, "token", partial(_token, desk)))
    app.router.add_post(
        "/cgi-bin/stable_token", _endpoint(fake, "stable_token", partial(_stable_token, desk))
    )
    for path in desk.paths():
        app.router.add_route("*", f"/cgi-bin/{path}", _endpoint(fake, path, partial(_call, desk, path)))
    return app


def _endpoint(fake: FakeWeChat, path: str, work: Work) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(fake.faults.take_delay(path))
        try:
            answer = await work(request)
        except ApiError as error:
            trace = f"rid: {secrets.token_hex(8)}"
            answer = {"errcode": error.errcode, "errmsg": f"{error.errmsg} {trace}"}
        if fake.faults.take_drop(path) and request.transport is not None:
            request.transport.abort()
        return web.json_response(answer)

    return handle


async def _token(desk: ApiDesk, request: web.Request) -> dict[str, Any]:
    return desk.token(request.query)


async def _stable_token(desk: ApiDesk, request: web.Request) -> dict[str, Any]:
    return desk.stable_token(await _payload(request))


async def _call(desk: ApiDesk, path: str, request: web.Request) -> dict[str, Any]:
    payload = request.query if request.method == "GET" else await _payload(request)
    return desk.call(path, request.query.get("access_token", ""), payload)


async def _payload(request: web.Request) -> Mapping[str, Any]:
    try:
        payload = json.loads(await request.text())
    except ValueError as error:
        raise ApiError(47001, "data format error") from error
    if not isinstance(payload, dict):
        raise ApiError(47001, "data format error")
    return payload
