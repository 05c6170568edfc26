"""`/healthz`, `/readyz` and `/metrics`."""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]
CHECKS = web.AppKey("checks", Mapping[str, Check])

routes = web.RouteTableDef()


@routes.get("/healthz")
async def alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def ready(request: web.Request) -> web.Response:
    """503 while something that answers depend on is away, and which."""
    parts = {name: await _holds(check) for name, check in request.app[CHECKS].items()}
    well = all(parts.values())
    return web.json_response(
        {"status": "ready" if well else "not ready", "parts": parts}, status=200 if well else 503
    )


@routes.get("/metrics")
async def metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _holds(check: Check) -> bool:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - a check may fail in any way; all mean «not ready»
        _log.warning("not_ready", error=type(error).__name__)
        return False
