"""A form counts once: its ticket remembers where the first submission led, for the second tap of a finger.

While the first is at work the second waits for it. A process that dies at work leaves the ticket to the next
who comes with it, a few seconds later.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.web.pages.sessions import Visit, fresh

# Longer than a person looks at a form.
_KEPT_SECONDS = 3600
# Who is at work renews it: it outlives a slow second of his, and his death not for long.
_AT_WORK_SECONDS, _RENEWED_EVERY_SECONDS = 5, 1.5
_WAITED_SECONDS, _LOOKED_EVERY_SECONDS = 10, 0.1
_FORM = re.compile(r"[A-Za-z0-9_-]{20,64}")
_AT_WORK = b""


@dataclass(frozen=True, slots=True)
class Used:
    """The ticket was seen before; `location` is where that led, empty where it is at work for very long."""

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
        """None for the first who comes with it; he has to be `at_work`, then to `keep` or `give_back` it."""
        key = _key(visit, ticket)
        try:
            async with asyncio.timeout(_WAITED_SECONDS):
                while (before := await self._claimed_before(key)) == _AT_WORK:  # noqa: ASYNC110 - in Redis
                    await asyncio.sleep(_LOOKED_EVERY_SECONDS)
        except TimeoutError:
            return Used("")
        return Used(before.decode()) if isinstance(before, bytes) else None

    async def _claimed_before(self, key: str) -> object:
        """What stands there; None where that was nothing, and the claim is ours."""
        claimed: object = await self._redis.set(key, _AT_WORK, nx=True, get=True, ex=_AT_WORK_SECONDS)
        return claimed

    @asynccontextmanager
    async def at_work(self, visit: Visit, ticket: str) -> AsyncIterator[None]:
        """Nobody else works for the ticket meanwhile."""
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(_key(visit, ticket), done))
        try:
            yield
        finally:
            # Waited for, not cancelled: an expiry under way must not come after what is kept next.
            done.set()
            await renewing

    async def _renew(self, key: str, done: asyncio.Event) -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), _RENEWED_EVERY_SECONDS)
                return
            with suppress(RedisError):
                await self._redis.expire(key, _AT_WORK_SECONDS)

    async def keep(self, visit: Visit, ticket: str, location: str) -> None:
        await self._redis.set(_key(visit, ticket), location, ex=_KEPT_SECONDS)

    async def give_back(self, visit: Visit, ticket: str) -> None:
        """Nothing was done: the form may be sent again."""
        await self._redis.delete(_key(visit, ticket))


def _key(visit: Visit, ticket: str) -> str:
    return f"{visit.key}:ticket:{ticket}"
