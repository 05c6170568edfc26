"""The API as an application of its own: who may call, and how errors look."""

import asyncio
import hmac

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.api import catalogue, deliveries, match, openapi, requests
from bot.web.keys import API_TOKEN, MATCH_SLOTS
from bot.web.problems import Problem
from bot.web.tracing import route_of

_log = structlog.get_logger(__name__)


def api_app() -> web.Application:
    app = web.Application(middlewares=[_as_problems, _authorized])
    app[MATCH_SLOTS] = asyncio.Semaphore(1)
    for module in (requests, catalogue, match, deliveries, openapi):
        app.add_routes(module.routes)
    return app


@web.middleware
async def _authorized(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A bearer token; compared in constant time, and never without one configured."""
    if request.match_info.handler is openapi.describe:
        return await handler(request)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = request.app[API_TOKEN]
    matches = hmac.compare_digest(given.strip().encode(errors="replace"), expected.encode())
    if scheme.lower() != "bearer" or not expected or not matches:
        raise Problem(401, "Unauthorized", "需要有效的访问令牌（Authorization: Bearer …）")
    return await handler(request)


@web.middleware
async def _as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        if problem.status == web.HTTPUnauthorized.status_code:
            problem.headers["WWW-Authenticate"] = "Bearer"
        raise
    except web.HTTPException as error:
        raise Problem(error.status, error.reason) from error
    except Exception as error:
        _log.exception("api_failed", method=request.method, route=route_of(request))
        raise Problem(500, "Internal Server Error", "服务出了故障，已记录") from error
