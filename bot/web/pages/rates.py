"""How often forms may be sent and logins tried: by session, and by address for who has none."""

from redis.asyncio import Redis

from bot.web.pages.sessions import hashed

_WINDOW_SECONDS = 60
# A person fills in a few forms a minute; an office or a village may share one address.
PER_SESSION = 30
PER_ADDRESS = 240


class Rates:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def allow(self, whose: str, most: int) -> bool:
        """Whether this is one of the first ``most`` of the minute; only the hash of ``whose`` is kept."""
        key = f"pages:rate:{hashed(whose)}"
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, nx=True, ex=_WINDOW_SECONDS)
            pipe.incr(key)
            _, count = await pipe.execute()
        return int(count) <= most
