"""The fake WeChat API over HTTP; mount it at any prefix and put that into the product's API address."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.api_pages import add_pages
from bot.sandbox.calls.base import Answer, Payload, Upload, Work
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Break
from bot.sandbox.rules import Rule, rule_of
from bot.sandbox.wechat import FakeWeChat

_LARGEST_UPLOAD = 12 * 1024 * 1024
_GIVES_UP_WITHIN, _LOOKS_EVERY = 60.0, 0.05
_TOKENLESS = {"cgi-bin/token", "cgi-bin/stable_token", "cgi-bin/clear_quota/v2"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def api_app(fake: FakeWeChat) -> web.Application:
    """All paths as WeChat has them: errors come as HTTP 200 with an `errcode`."""
    app = web.Application(client_max_size=_LARGEST_UPLOAD)
    for path, work in fake.calls().items():
        app.router.add_route("*", f"/{path}", _endpoint(fake, path, work))
    add_pages(app, fake)
    return app


def _endpoint(fake: FakeWeChat, path: str, work: Work) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        broken = fake.faults.take_break(path)
        if broken is Break.BEFORE:
            return _hang_up(request)
        await asyncio.sleep(fake.faults.take_delay(path))
        answer = await _answer(fake, path, work, request)
        if broken is Break.HANG:
            await _until_the_caller_is_gone(request)
        if broken is not None:
            return _hang_up(request)
        if isinstance(answer, Upload):
            return web.Response(body=answer.data, content_type=answer.type)
        return web.json_response(answer)

    return handle


async def _until_the_caller_is_gone(request: web.Request) -> None:
    left = _GIVES_UP_WITHIN
    while request.transport is not None and not request.transport.is_closing() and left > 0:
        await asyncio.sleep(_LOOKS_EVERY)
        left -= _LOOKS_EVERY


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _answer(fake: FakeWeChat, path: str, work: Work, request: web.Request) -> Answer | Upload:
    injected = fake.faults.take_failure(path)
    if injected:
        return _refusal(fake, path, ApiError(injected, "injected by the sandbox"))
    try:
        return await _ruled(fake, path, work, request)
    except ApiError as error:
        return _refusal(fake, path, error)


def _refusal(fake: FakeWeChat, path: str, error: ApiError) -> Answer:
    rid = fake.limits.trace(path, error.errcode)
    return {"errcode": error.errcode, "errmsg": f"{error.errmsg} rid: {rid}"} | error.extra


async def _ruled(fake: FakeWeChat, path: str, work: Work, request: web.Request) -> Answer | Upload:
    """A refusal that is the product's own fault is noted."""
    try:
        _check_caller(fake, path, request)
        fake.limits.count(path)
        return work(await _payload(request))
    except ApiError as error:
        rule = rule_of(error.errcode)
        if rule is Rule.LIMIT and not _must_know(fake, path, error.errcode):
            rule = None
        if rule is not None:
            fake.rules.broken(rule, path, str(error))
        raise


def _must_know(fake: FakeWeChat, path: str, errcode: int) -> bool:
    """Whether the product could have known this limit: it is published, or it was told of it before."""
    published = path in _TOKENLESS or "/mass/" in path or "quota" in path
    return fake.rules.told_before("limit", path, str(errcode)) or published


def _check_caller(fake: FakeWeChat, path: str, request: web.Request) -> None:
    if path.startswith("sns/"):
        return
    fake.tokens.check_address(request.remote or "")
    if path not in _TOKENLESS:
        fake.tokens.check(request.query.get("access_token", ""), path)


async def _payload(request: web.Request) -> Payload:
    if request.method == "GET":
        return dict(request.query)
    if request.content_type.startswith("multipart/"):
        return dict(request.query) | await _parts(request)
    if not request.can_read_body:
        return {}
    try:
        payload: Any = json.loads(await request.text())
    except ValueError as error:
        raise ApiError(47001, "data format error") from error
    if not isinstance(payload, dict):
        raise ApiError(47001, "data format error")
    return payload


async def _parts(request: web.Request) -> dict[str, Any]:
    form = await request.post()
    return {
        name: Upload(part.filename, part.content_type, part.file.read())
        if isinstance(part, web.FileField)
        else part
        for name, part in form.items()
    }
