"""One log line a call to WeChat: by aiohttp's own hooks, so that the client need not know of it."""

import time
from types import SimpleNamespace

import structlog
from aiohttp import (
    ClientSession,
    TraceConfig,
    TraceRequestEndParams,
    TraceRequestExceptionParams,
    TraceRequestStartParams,
)

_log = structlog.get_logger(__name__)


def logged() -> TraceConfig:
    """For `ClientSession(trace_configs=…)`. The path alone is written: the query holds the access token."""
    hooks: TraceConfig = TraceConfig()
    hooks.on_request_start.append(_begin)
    hooks.on_request_end.append(_end)
    hooks.on_request_exception.append(_fail)
    return hooks


async def _begin(_: ClientSession, call: SimpleNamespace, __: TraceRequestStartParams) -> None:
    call.began = time.perf_counter()


async def _end(_: ClientSession, call: SimpleNamespace, given: TraceRequestEndParams) -> None:
    _log.info("wechat_call", path=given.url.path, status=given.response.status, ms=_ms(call))


async def _fail(_: ClientSession, call: SimpleNamespace, given: TraceRequestExceptionParams) -> None:
    _log.warning("wechat_call", path=given.url.path, error=type(given.exception).__name__, ms=_ms(call))


def _ms(call: SimpleNamespace) -> float:
    began: float = call.began
    return round((time.perf_counter() - began) * 1000, 1)
