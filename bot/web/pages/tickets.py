"""A form counts once: its ticket remembers where the first submission led, for the second tap of a finger."""

import re
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.web.pages.sessions import Visit, fresh

# Longer than a person looks at a form; while the first one is at work, shorter than he waits for it.
_KEPT_SECONDS = 3600
_AT_WORK_SECONDS = 60
_FORM = re.compile(r"[A-Za-z0-9_-]{20,64}")
_AT_WORK = b""


@dataclass(frozen=True, slots=True)
class Used:
    """The ticket was seen before; `location` is where that led, empty while it is at work."""

    location: str


class Tickets:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @staticmethod
    def new() -> str:
        return fresh()

    @staticmethod
    def well_formed(ticket: str) -> bool:
        return _FORM.fullmatch(ticket) is not None

    async def take(self, visit: Visit, ticket: str) -> Used | None:
        """None for the first who comes with it; he has to `keep` or `give_back` it."""
        before = await self._redis.set(_key(visit, ticket), _AT_WORK, nx=True, get=True, ex=_AT_WORK_SECONDS)
        return Used(before.decode()) if isinstance(before, bytes) else None

    async def keep(self, visit: Visit, ticket: str, location: str) -> None:
        await self._redis.set(_key(visit, ticket), location, ex=_KEPT_SECONDS)

    async def give_back(self, visit: Visit, ticket: str) -> None:
        """Nothing was done: the form may be sent again."""
        await self._redis.delete(_key(visit, ticket))


def _key(visit: Visit, ticket: str) -> str:
    return f"{visit.key}:ticket:{ticket}"
