"""`/healthz`, `/readyz` and `/metrics`: alike for every role that listens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_log = structlog.get_logger(__name__)

# Whoever asks gives up after a few seconds: what hangs must be named before that.
_PATIENCE_SECONDS = 1.5
_OK, _AWAY, _SILENT = "ok", "away", "silent"

Check = Callable[[], Awaitable[bool]]
Gauge = Callable[[], Awaitable[None]]


class Readiness:
    """Asks all parts at once. One that hangs is asked once, not once a probe."""

    def __init__(self, checks: Mapping[str, Check], *, patience: float = _PATIENCE_SECONDS) -> None:
        self._checks = checks
        self._patience = patience
        self._asked: dict[str, asyncio.Task[str]] = {}

    async def states(self) -> dict[str, str]:
        """`ok`, `away`, or `silent` for what gave no answer in time, by part."""
        for name, check in self._checks.items():
            if name not in self._asked:
                self._asked[name] = asyncio.create_task(_ask(name, check), name=f"readiness of {name}")
        done, _ = await asyncio.wait(self._asked.values(), timeout=self._patience)
        states = {name: task.result() if task in done else _SILENT for name, task in self._asked.items()}
        self._asked = {name: task for name, task in self._asked.items() if task not in done}
        return states

    async def aclose(self) -> None:
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)


READINESS = web.AppKey("readiness", Readiness)
GAUGES = web.AppKey("gauges", Sequence[Gauge])

routes = web.RouteTableDef()


@routes.get("/healthz")
async def alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def ready(request: web.Request) -> web.Response:
    """503 while something that answers depend on is away, and which."""
    states = await request.app[READINESS].states()
    missing = [name for name, state in states.items() if state != _OK]
    return web.json_response(
        {"status": "not ready" if missing else "ready", "not_ready": missing, "parts": states},
        status=503 if missing else 200,
    )


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """What is counted as it happens, and what is asked for now; the latter must not keep the former back."""
    for observe in request.app[GAUGES]:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await observe()
        except Exception as error:  # noqa: BLE001 - a figure that cannot be had stays as it was
            _log.warning("gauge_unavailable", error=type(error).__name__)
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _ask(name: str, check: Check) -> str:
    try:
        return _OK if await check() else _AWAY
    except Exception as error:  # noqa: BLE001 - a check may fail in any way; all mean «not ready»
        _log.warning("not_ready", part=name, error=type(error).__name__)
        return _AWAY
