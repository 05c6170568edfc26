"""The callback: what WeChat sends, and the answer within its five seconds."""

import asyncio
import time

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.pipeline import SORRY, NotTaken
from bot.web import tracing
from bot.web.keys import CODEC, PIPELINE
from bot.wechat import messages, parsing, replies
from bot.wechat.callback import MAX_BODY_BYTES, Envelope
from bot.wechat.errors import CallbackError, Malformed, TooLarge, UnsupportedMedia
from bot.wechat.messages import Incoming
from bot.wechat.replies import NoReply, Reply, TextReply

_log = structlog.get_logger(__name__)

routes = web.RouteTableDef()
_CHUNK_BYTES = 64 * 1024
_BODY_SECONDS = 2.5
"""Half of WeChat's patience: a body that comes later could hardly be answered in time."""


@routes.get("/wechat")
async def verify(request: web.Request) -> web.Response:
    """WeChat asks whether this address is ours."""
    try:
        echo = request.app[CODEC].verify_url(request.query)
    except CallbackError as error:
        return _refused(error)
    return web.Response(text=echo, content_type="text/plain")


@routes.post("/wechat")
async def receive(request: web.Request) -> web.Response:
    arrived = time.monotonic()
    try:
        envelope = await _opened(request)
        incoming = parsing.parse(envelope.fields)
        tracing.note(request, incoming)
    except CallbackError as error:
        return _refused(error)
    reply = await _answer(request, incoming, time.monotonic() - arrived)
    body = request.app[CODEC].seal(replies.render(reply, incoming), envelope)
    return web.Response(text=body, content_type="text/plain" if body == replies.NO_REPLY else "text/xml")


async def _opened(request: web.Request) -> Envelope:
    content_type = request.headers.get("Content-Type", "")
    return await request.app[CODEC].open(request.query, await _body(request), content_type)


async def _body(request: web.Request) -> bytes:
    """The body, read no further than a callback may be long; raises nothing but ``CallbackError``."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMedia("the body is compressed")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise TooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await _at_most(request, MAX_BODY_BYTES)
    except TimeoutError as error:
        raise Malformed("the body did not arrive in time") from error
    except (HttpProcessingError, web.RequestPayloadError) as error:  # which, depends on aiohttp's parser
        raise Malformed("the body is not what HTTP announced") from error


async def _at_most(request: web.Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"the body has more than {limit} bytes")
    return bytes(body)


async def _answer(request: web.Request, incoming: Incoming, spent_seconds: float) -> Reply:
    try:
        answer = await request.app[PIPELINE].answer(incoming, spent_seconds=spent_seconds)
    except NotTaken as error:
        raise web.HTTPServiceUnavailable from error
    except Exception as error:
        # The edge; the pipeline logged it. Who typed must hear of it, and an event is sent again by
        # WeChat if it is not taken.
        if isinstance(incoming, messages.TextMessage):
            return TextReply(SORRY)
        raise web.HTTPServiceUnavailable from error
    return TextReply(answer.text) if answer.text else NoReply()


def _refused(error: CallbackError) -> web.Response:
    _log.warning("callback_refused", status=error.status, kind=type(error).__name__, reason=error.reason)
    return web.Response(status=error.status, text=error.reason)
