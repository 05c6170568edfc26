"""Signatures for pages that use WeChat's JS-SDK."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.wechat import metrics
from bot.wechat.answers import number_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.limits import check_url
from bot.wechat.shared import SharedValue

TICKET = "/cgi-bin/ticket/getticket"


@dataclass(frozen=True, slots=True)
class JsConfig:
    """What a page passes to ``wx.config``."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


class JsSdk:
    """The ticket behind the signatures is shared by all replicas like the access token."""

    def __init__(self, caller: Caller, redis: Redis, *, app_id: str) -> None:
        self._caller = caller
        self._app_id = app_id
        self._shared = SharedValue(redis, f"wechat:ticket:{app_id}")

    async def config(self, url: str) -> JsConfig:
        """For the page at ``url``, as the browser shows it; what follows ``#`` does not count."""
        check_url("url", url)
        ticket = await self._shared.get(self._fetch)
        nonce, timestamp = secrets.token_hex(8), int(time.time())
        signature = sign(ticket, nonce=nonce, timestamp=timestamp, url=url)
        return JsConfig(self._app_id, timestamp, nonce, signature)

    async def _fetch(self) -> str:
        metrics.FETCHES.labels("ticket").inc()
        answer = await self._caller.get(TICKET, type="jsapi")
        ticket = text_of(answer, "ticket", TICKET)
        await self._shared.keep(ticket, number_of(answer, "expires_in", TICKET))
        return ticket


def sign(ticket: str, *, nonce: str, timestamp: int, url: str) -> str:
    page = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
