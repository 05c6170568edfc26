"""The access token that all replicas share.

A fetch of WeChat's *stable* token gets the same token until its last five minutes, so a fetch too many does
no harm; a *forced* one kills the token of all others, and is possible twenty times a day, 30 s apart.
"""

import time
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.wechat import metrics
from bot.wechat.errors import BadAnswer
from bot.wechat.refusals import AccountMisconfigured, TokenInvalid
from bot.wechat.shared import SharedValue
from bot.wechat.transport import Call, Transport

PATH = "/cgi-bin/stable_token"
_FORCE_GAP_S = 31
_FORCE_A_DAY = 18
_DAY_S = 86_400

_log = structlog.get_logger()


class AccessTokens:
    """Gives out the account's token, fetched once for all replicas and renewed before it ends.

    Without Redis each process keeps its own copy; the platform still gives the same token to all.
    """

    def __init__(self, transport: Transport, redis: Redis, *, app_id: str, app_secret: str) -> None:
        self._transport = transport
        self._redis = redis
        self._app_id = app_id
        self._app_secret = app_secret
        self._shared = SharedValue(redis, f"wechat:token:{app_id}")
        self._forced_at = -float(_FORCE_GAP_S)

    async def get(self) -> str:
        """A token to call with; raises `CallFailed` when none is to be had."""
        return await self._shared.get(self._fetch)

    async def renew(self, bad: str) -> str:
        """Another token than ``bad``, which was just refused; ``bad`` again if no other can be had yet.

        Most often another replica has it already, or the platform gives it out unforced.
        """
        async with self._shared.renewing():
            shared = await self._shared.known()
            if shared and shared != bad:
                return shared
            fresh = await self._fetch()
            if fresh == bad and await self._may_force():
                _log.warning("wechat.token_forced")
                fresh = await self._fetch(force=True)
            return fresh

    async def _fetch(self, *, force: bool = False) -> str:
        metrics.FETCHES.labels("forced_token" if force else "token").inc()
        answer = await self._ask(force=force)
        value, lifetime = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(lifetime, int) or lifetime <= 0:
            raise BadAnswer(PATH, "no token in the answer")
        await self._shared.keep(value, lifetime)
        return value

    async def _ask(self, *, force: bool) -> dict[str, Any]:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": force,
        }
        try:
            return await self._transport.exchange(Call("POST", PATH, body=body))
        except TokenInvalid as error:
            # Asked for a token, the platform means the secret by this code.
            raise AccountMisconfigured(error.errcode, error.errmsg, PATH) from None

    async def _may_force(self) -> bool:
        """Whether, for all replicas, thirty seconds are over and the day's forced renewals not used up."""
        since = time.monotonic() - self._forced_at
        if since < _FORCE_GAP_S:
            return False
        marker = f"{self._shared.key}:forced"
        try:
            if not await self._redis.set(marker, 1, nx=True, ex=_FORCE_GAP_S):
                return False
            day = f"{marker}:{int(time.time()) // _DAY_S}"
            used = await self._redis.incr(day)
            await self._redis.expire(day, _DAY_S)
        except RedisError:
            used = 1
        self._forced_at = time.monotonic()
        return int(used) <= _FORCE_A_DAY
