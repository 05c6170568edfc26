"""Gives each request its id, one line in the log, and its place in the figures."""

import time
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot import metrics
from bot.wechat.messages import Incoming
from domain import trace

_log = structlog.get_logger(__name__)

CALLBACK = "/wechat"
_REPLIED, _SILENT = "replied", "silent"
# What a machine asks every few seconds, and the sandbox's own talk: not worth a line.
_QUIET = ("/healthz", "/readyz", "/metrics", "/sandbox")
_INCOMING: web.RequestKey[Incoming] = web.RequestKey("incoming", Incoming)


def note(request: web.Request, incoming: Incoming) -> None:
    """Called by the callback once it knows what came, so that line and figures can say it."""
    request[_INCOMING] = incoming


@web.middleware
async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything that comes of this request bears a new id; so does its line in the log."""
    began = time.perf_counter()
    with trace.bound(trace.new()):
        answer: web.StreamResponse = web.HTTPInternalServerError()
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            answer = error
            raise
        finally:
            _write_down(request, answer, time.perf_counter() - began)
        return answer


def _write_down(request: web.Request, answer: web.StreamResponse, seconds: float) -> None:
    if request.path == CALLBACK:
        _write_callback(request, answer, seconds)
    elif not request.path.startswith(_QUIET):
        _log.info(
            "request", method=request.method, route=route_of(request), status=answer.status, ms=_ms(seconds)
        )


def _write_callback(request: web.Request, answer: web.StreamResponse, seconds: float) -> None:
    incoming = request.get(_INCOMING)
    kind = metrics.kind_of(incoming) if incoming else "none"
    outcome = _outcome(request, answer)
    metrics.CALLBACKS.labels(kind, outcome).inc()
    if outcome in {_REPLIED, _SILENT}:
        metrics.ANSWER_SECONDS.labels(kind).observe(seconds)
    _log.info(
        "callback",
        kind=kind,
        outcome=outcome,
        status=answer.status,
        ms=_ms(seconds),
        **({"key": incoming.dedup_key} if incoming else {}),
    )


def _outcome(request: web.Request, answer: web.StreamResponse) -> str:
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "failed"
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return "refused"
    if request.method != "POST":
        return "verified"
    return _REPLIED if answer.content_type == "text/xml" else _SILENT


def route_of(request: web.Request) -> str:
    """The route and not the path: that may name a person."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
