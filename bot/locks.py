"""One message of a person at a time: a lock in this process, and one in Redis for all replicas."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

_log = structlog.get_logger(__name__)

# Longer than any turn: a lock that outlives its holder by this much blocks one person, nobody else.
_HOLD_SECONDS = 30.0
_WAIT_SECONDS = 20.0
_POLL_SECONDS = 0.02


class PersonLocks:
    """Keeps a person's messages in order.

    Without Redis the order holds within this process; between replicas the compare-and-set of the
    conversation still keeps two turns from overwriting each other.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._local: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, openid: str) -> AsyncIterator[None]:
        async with self._local.setdefault(openid, asyncio.Lock()), AsyncExitStack() as stack:
            await self._enter_shared(openid, stack)
            yield

    async def _enter_shared(self, openid: str, stack: AsyncExitStack) -> None:
        lock = self._redis.lock(
            f"person:{openid}", timeout=_HOLD_SECONDS, blocking_timeout=_WAIT_SECONDS, sleep=_POLL_SECONDS
        )
        try:
            if await lock.acquire():
                stack.push_async_callback(_release, lock)
        except RedisError as error:
            _log.warning("person_lock_unavailable", error=type(error).__name__)


async def _release(lock: object) -> None:
    try:
        await lock.release()  # type: ignore[attr-defined]  # redis' lock classes share no public base
    except (LockError, RedisError) as error:
        _log.warning("person_lock_not_released", error=type(error).__name__)
