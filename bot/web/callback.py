"""The callback: what WeChat sends, and the answer within its five seconds."""

import time

import structlog
from aiohttp import web

from bot.pipeline import SORRY
from bot.web.keys import CODEC, PIPELINE
from bot.wechat import messages, replies
from bot.wechat.callback import MAX_BODY_BYTES
from bot.wechat.errors import CallbackError, TooLarge
from bot.wechat.messages import Incoming
from bot.wechat.replies import NoReply, Reply, TextReply

_log = structlog.get_logger(__name__)

routes = web.RouteTableDef()
_CHUNK_BYTES = 64 * 1024


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
    codec = request.app[CODEC]
    arrived = time.monotonic()
    try:
        envelope = await codec.open(
            request.query, await _body(request), request.headers.get("Content-Type", "")
        )
        incoming = messages.parse(envelope.xml)
    except CallbackError as error:
        return _refused(error)
    reply = await _answer(request, incoming, time.monotonic() - arrived)
    body = codec.seal(replies.render(reply, incoming), envelope)
    return web.Response(text=body, content_type="text/plain" if body == replies.NO_REPLY else "text/xml")


async def _body(request: web.Request) -> bytes:
    """The body, read no further than a callback may be long."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
    return bytes(body)


async def _answer(request: web.Request, incoming: Incoming, spent_seconds: float) -> Reply:
    try:
        answer = await request.app[PIPELINE].answer(incoming, spent_seconds=spent_seconds)
    except Exception as error:
        # The edge; the pipeline logged it. Who typed must hear of it, and an event is sent again by
        # WeChat if it is not taken.
        if isinstance(incoming, messages.TextMessage):
            return TextReply(SORRY)
        raise web.HTTPServiceUnavailable from error
    return TextReply(answer.text) if answer.text else NoReply()


def _refused(error: CallbackError) -> web.Response:
    _log.warning("callback_refused", status=error.status, reason=str(error))
    return web.Response(status=error.status, text=str(error))
