"""Nonces of callbacks, remembered in Redis for all replicas."""

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.wechat.callback import WINDOW_S

_log = structlog.get_logger()


class RedisNonces:
    """The ``NonceMemory`` of the service.

    Without Redis every callback passes: its signature and its time were checked, and the message's own key
    still keeps it from counting twice.
    """

    def __init__(self, redis: Redis, prefix: str = "wechat:nonce:") -> None:
        self._redis = redis
        self._prefix = prefix

    async def remember(self, nonce: str, timestamp: int, digest: str) -> bool:
        key = f"{self._prefix}{timestamp}:{nonce}"
        try:
            earlier = await self._redis.set(key, digest, nx=True, get=True, ex=2 * WINDOW_S)
        except RedisError as error:
            _log.warning("wechat.nonce_memory_away", trouble=type(error).__name__)
            return True
        return earlier is None or earlier in (digest, digest.encode())
