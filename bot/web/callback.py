"""The callback: what WeChat sends, and the answer within its five seconds."""

import structlog
from aiohttp import web

from bot.web.keys import CODEC, PIPELINE
from bot.wechat import messages, replies
from bot.wechat.errors import CallbackError
from bot.wechat.messages import Incoming
from bot.wechat.replies import NoReply, Reply, TextReply

_log = structlog.get_logger(__name__)

routes = web.RouteTableDef()
_SORRY = "系统刚才开了小差，您这条消息没处理成功，麻烦稍后再发一次。"


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
    try:
        envelope = await codec.open(
            request.query, await request.read(), request.headers.get("Content-Type", "")
        )
        incoming = messages.parse(envelope.xml)
    except CallbackError as error:
        return _refused(error)
    reply = await _answer(request, incoming)
    body = codec.seal(replies.render(reply, incoming), envelope)
    return web.Response(text=body, content_type="text/plain" if body == replies.NO_REPLY else "text/xml")


async def _answer(request: web.Request, incoming: Incoming) -> Reply:
    try:
        answer = await request.app[PIPELINE].answer(incoming)
    except Exception:  # noqa: BLE001 - the edge: the pipeline logged it, and the owner must hear of it
        return TextReply(_SORRY) if isinstance(incoming, messages.TextMessage) else NoReply()
    return TextReply(answer.text) if answer.text else NoReply()


def _refused(error: CallbackError) -> web.Response:
    _log.warning("callback_refused", status=error.status, reason=str(error))
    return web.Response(status=error.status, text=str(error))
