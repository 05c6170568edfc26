"""The access token that all replicas share.

A fetch of WeChat's *stable* token gets the same token until its last five minutes, so a fetch too many does
no harm; a *forced* one kills the token of all others, and is possible twenty times a day, 30 s apart.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

from bot.wechat.errors import AccountMisconfigured, BadAnswer, TokenInvalid
from bot.wechat.transport import Transport

PATH = "/cgi-bin/stable_token"
_EARLY_S = 240
"""Renewed this long before its end: within the five minutes in which WeChat gives out the next one."""
_LOCK_S = 20
_LOCK_WAIT_S = 10
_FORCE_GAP_S = 31
_FORCE_A_DAY = 18
_DAY_S = 86_400

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Token:
    """``until`` is on this process's monotonic clock: clocks of several machines never meet."""

    value: str
    until: float


class AccessTokens:
    """Gives out the account's token, fetched once for all replicas and renewed before it ends.

    Without Redis each process keeps its own copy; the platform still gives the same token to all.
    """

    def __init__(self, transport: Transport, redis: Redis, *, app_id: str, app_secret: str) -> None:
        self._transport = transport
        self._redis = redis
        self._app_id = app_id
        self._app_secret = app_secret
        self._key = f"wechat:token:{app_id}"
        self._copy: _Token | None = None
        self._one_at_a_time = asyncio.Lock()
        self._forced_at = -float(_FORCE_GAP_S)

    async def get(self) -> str:
        """A token to call with; raises ``CallFailed`` when none is to be had."""
        if token := await self._known():
            return token
        async with self._renewing():
            return await self._known() or await self._fetch(force=False)

    async def renew(self, bad: str) -> str:
        """Another token than ``bad``, which was just refused; ``bad`` again if no other can be had yet.

        Most often another replica has it already, or the platform gives it out unforced.
        """
        async with self._renewing():
            shared = await self._known()
            if shared and shared != bad:
                return shared
            fresh = await self._fetch(force=False)
            if fresh == bad and await self._may_force():
                _log.warning("wechat.token_forced")
                fresh = await self._fetch(force=True)
            return fresh

    async def _known(self) -> str | None:
        """The shared token; this process's copy only while Redis is away."""
        try:
            shared = await self._redis.get(self._key)
        except RedisError as error:
            _log.warning("wechat.token_store_away", trouble=type(error).__name__)
            copy = self._copy
            return copy.value if copy and time.monotonic() < copy.until else None
        return shared.decode() if isinstance(shared, bytes) else shared

    async def _fetch(self, *, force: bool) -> str:
        answer = await self._ask(force=force)
        value, lifetime = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(lifetime, int) or lifetime <= 0:
            raise BadAnswer(PATH, "no token in the answer")
        # A token given out late in its life is used for most of what is left, or each call would fetch.
        useful_s = max(1, int(lifetime - min(_EARLY_S, lifetime / 10)))
        self._copy = _Token(value, time.monotonic() + useful_s)
        try:
            await self._redis.set(self._key, value, ex=useful_s)
        except RedisError as error:
            _log.warning("wechat.token_store_away", trouble=type(error).__name__)
        return value

    async def _ask(self, *, force: bool) -> dict[str, Any]:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": force,
        }
        try:
            return await self._transport.exchange(PATH, body)
        except TokenInvalid as error:
            # Asked for a token, the platform means the secret by this code.
            raise AccountMisconfigured(error.errcode, error.errmsg, PATH) from None

    async def _may_force(self) -> bool:
        """Whether, for all replicas, thirty seconds are over and the day's forced renewals not used up."""
        since = time.monotonic() - self._forced_at
        if since < _FORCE_GAP_S:
            return False
        try:
            if not await self._redis.set(f"{self._key}:forced", 1, nx=True, ex=_FORCE_GAP_S):
                return False
            day = f"{self._key}:forced:{int(time.time()) // _DAY_S}"
            used = await self._redis.incr(day)
            await self._redis.expire(day, _DAY_S)
        except RedisError:
            used = 1
        self._forced_at = time.monotonic()
        return int(used) <= _FORCE_A_DAY

    @asynccontextmanager
    async def _renewing(self) -> AsyncIterator[None]:
        """One renewal at a time on all replicas; without Redis, or after a long wait, in this process."""
        lock = self._redis.lock(f"{self._key}:lock", timeout=_LOCK_S, blocking_timeout=_LOCK_WAIT_S)
        async with self._one_at_a_time:
            try:
                held = await lock.acquire()
            except RedisError:
                held = False
            try:
                yield
            finally:
                if held:
                    await _release(lock)


async def _release(lock: Lock) -> None:
    """A lock that ran out, or that Redis took with it, is free already."""
    try:
        await lock.release()
    except (LockError, RedisError) as error:
        _log.info("wechat.token_lock_gone", trouble=type(error).__name__)
