"""A value of the platform that all replicas use: the access token, the JS-SDK ticket."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

_EARLY_S = 240
"""Renewed this long before its end: within the five minutes in which WeChat gives out the next one."""
_LOCK_S = 20
_LOCK_WAIT_S = 10

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Copy:
    """``until`` is on this process's monotonic clock: clocks of several machines never meet."""

    value: str
    until: float


class SharedValue:
    """Kept in Redis until shortly before its end, fetched by one replica while the others wait.

    Without Redis each process keeps its own copy.
    """

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self.key = key
        self._copy: _Copy | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self, fetch: Callable[[], Awaitable[str]]) -> str:
        """The known value, else that of ``fetch``, which keeps what it got."""
        if value := await self.known():
            return value
        async with self.renewing():
            return await self.known() or await fetch()

    async def known(self) -> str | None:
        """The shared value; this process's copy only while Redis is away."""
        try:
            shared = await self._redis.get(self.key)
        except RedisError as error:
            self._store_away(error)
            copy = self._copy
            return copy.value if copy and time.monotonic() < copy.until else None
        return shared.decode() if isinstance(shared, bytes) else shared

    async def keep(self, value: str, lifetime_s: int) -> None:
        """A value given out late in its life is used for most of what is left, or each call would fetch."""
        useful_s = max(1, int(lifetime_s - min(_EARLY_S, lifetime_s / 10)))
        self._copy = _Copy(value, time.monotonic() + useful_s)
        try:
            await self._redis.set(self.key, value, ex=useful_s)
        except RedisError as error:
            self._store_away(error)

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator[None]:
        """One renewal at a time on all replicas; without Redis, or after a long wait, in this process."""
        lock = self._redis.lock(f"{self.key}:lock", timeout=_LOCK_S, blocking_timeout=_LOCK_WAIT_S)
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

    def _store_away(self, error: RedisError) -> None:
        _log.warning("wechat.shared_store_away", key=self.key, trouble=type(error).__name__)


async def _release(lock: Lock) -> None:
    """A lock that ran out, or that Redis took with it, is free already."""
    try:
        await lock.release()
    except (LockError, RedisError) as error:
        _log.info("wechat.shared_lock_gone", trouble=type(error).__name__)
