"""The phone in the browser: its page, its JSON endpoints and its stream of events."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionResetError, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.sandbox.acts import ACTS, act, change_agent, change_tokens, set_faults
from bot.sandbox.errors import SandboxError
from bot.sandbox.views import news_json, person_json, phone, state
from bot.sandbox.wechat import FakeWeChat

_HERE = Path(__file__).parent
_FAKE = web.AppKey("fake", FakeWeChat)
_HEARTBEAT = 15.0
_LARGEST_PICTURE = 14 * 1024 * 1024
"""Ten megabytes, which WeChat takes, in base64."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
        "connect-src 'self'; frame-src 'self' http: https:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def sandbox_app(fake: FakeWeChat) -> web.Application:
    """To be mounted at a prefix; the page lies at the prefix itself."""
    app = web.Application(middlewares=[_same_origin, _refusals], client_max_size=_LARGEST_PICTURE)
    app[_FAKE] = fake
    app.router.add_get("", _page, name="page")
    app.router.add_static("/static", _HERE / "static", name="static")
    app.router.add_get("/phones", _phones)
    app.router.add_get("/state", _state)
    app.router.add_get("/events", _events)
    app.router.add_get("/people/{openid}/history", _history)
    app.router.add_get("/people/{openid}", _phone)
    app.router.add_post("/people", _add_person)
    app.router.add_post("/people/{openid}/{act}", _act)
    app.router.add_get("/pictures/{name}", _picture)
    app.router.add_post("/faults", _faults)
    app.router.add_post("/tokens", _tokens)
    app.router.add_post("/agents", _agents)
    app.router.add_post("/violations/forget", _forget)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_end_streams)
    return app


@web.middleware
async def _same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site can make a browser post here, but neither as JSON nor with our own origin."""
    if request.method == "POST":
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="只接受本页发出的请求")
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="只接受 JSON")
    return await handler(request)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except SandboxError as error:
        return web.json_response({"error": str(error)}, status=409)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _end_streams(app: web.Application) -> None:
    app[_FAKE].hub.close()


async def _page(request: web.Request) -> web.Response:
    return _rendered(request, "phone.html")


async def _phones(request: web.Request) -> web.Response:
    """Several phones side by side, each a frame of its own."""
    return _rendered(request, "phones.html")


def _rendered(request: web.Request, template: str) -> web.Response:
    base = str(request.app.router["page"].url_for()).rstrip("/")
    html = _pages.get_template(template).render(base=base, name=request.app[_FAKE].name)
    return web.Response(text=html, content_type="text/html")


async def _state(request: web.Request) -> web.Response:
    return web.json_response(state(request.app[_FAKE]))


async def _history(request: web.Request) -> web.Response:
    entries = request.app[_FAKE].history(request.match_info["openid"])
    return web.json_response({"entries": [asdict(entry) for entry in entries]})


async def _phone(request: web.Request) -> web.Response:
    return web.json_response(phone(request.app[_FAKE], request.match_info["openid"]))


async def _picture(request: web.Request) -> web.Response:
    picture = request.app[_FAKE].pictures.get(request.match_info["name"])
    if picture is None:
        raise web.HTTPNotFound
    return web.Response(body=picture.data, content_type=picture.type)


async def _add_person(request: web.Request) -> web.Response:
    body = await _json(request)
    openid, nickname = str(body.get("openid") or ""), str(body.get("nickname") or "")
    return web.json_response(person_json(request.app[_FAKE].add_person(openid, nickname)))


async def _act(request: web.Request) -> web.Response:
    name = request.match_info["act"]
    if name not in ACTS:
        raise web.HTTPNotFound
    base = f"{request.scheme}://{request.host}{request.app.router['page'].url_for()}".rstrip("/")
    body = await _json(request) | {"base": base}
    entries = await act(request.app[_FAKE], request.match_info["openid"], name, body)
    return web.json_response({"entries": [asdict(entry) for entry in entries]})


async def _faults(request: web.Request) -> web.Response:
    return web.json_response(set_faults(request.app[_FAKE].faults, await _json(request)))


async def _tokens(request: web.Request) -> web.Response:
    change_tokens(request.app[_FAKE], await _json(request))
    return web.json_response({"frozen": request.app[_FAKE].tokens.frozen})


async def _agents(request: web.Request) -> web.Response:
    change_agent(request.app[_FAKE], await _json(request))
    return web.json_response({})


async def _forget(request: web.Request) -> web.Response:
    request.app[_FAKE].rules.forget()
    return web.json_response({})


async def _events(request: web.Request) -> web.StreamResponse:
    """Server-sent events, named as in the hub; ends when the sandbox closes."""
    fake = request.app[_FAKE]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    with fake.hub.listen() as queue:
        await response.prepare(request)
        try:
            await response.write(b": hello\n\n")
            while (line := await _next_line(fake, queue)) is not None:
                await response.write(line)
        except ClientConnectionResetError:
            return response
    return response


async def _next_line(fake: FakeWeChat, queue: asyncio.Queue[Any]) -> bytes | None:
    try:
        news = await asyncio.wait_for(queue.get(), _HEARTBEAT)
    except TimeoutError:
        return b": still here\n\n"
    if news is None:
        return None
    data = json.dumps(news_json(fake, *news), ensure_ascii=False)
    return f"event: {news[0]}\ndata: {data}\n\n".encode()


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise web.HTTPBadRequest(text="请求不是 JSON") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="请求不是 JSON 对象")
    return body
