"""One message of a person at a time, in the order in which they were written, on any replica."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import metrics
from bot.lines import Line

_log = structlog.get_logger(__name__)

# A process that was killed blocks its person no longer than this, less than WeChat waits to send again.
_HOLD_MS = 3_000
_RENEW_SECONDS = 1.0
# Who waits says so at every look; a ticket that was not renewed belongs to a process that is gone.
_WAITING_MS = 1_000
_LOOK_SECONDS = 0.01
# Past this the message goes ahead: the compare-and-set of the conversation still guards it.
_PATIENCE_SECONDS = 20.0

# KEYS: holder, waiting. ARGV: ticket, hold, waiting. The first of those who wait gets in.
_ENTER = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local free = redis.call('EXISTS', KEYS[1]) == 0
if free and redis.call('EXISTS', KEYS[2]) == 1 then
  local waiting = redis.call('HGETALL', KEYS[2])
  for i = 1, #waiting, 2 do
    if tonumber(waiting[i + 1]) < now then
      redis.call('HDEL', KEYS[2], waiting[i])
    elseif waiting[i] < ARGV[1] then
      free = false
    end
  end
end
if free then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('HDEL', KEYS[2], ARGV[1])
  return 1
end
redis.call('HSET', KEYS[2], ARGV[1], now + ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 0
"""

# KEYS: holder. ARGV: ticket, hold (0: leave).
_KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class PersonLocks:
    """A line for each person: in Redis for all replicas, and in this process for when Redis is away.

    Without Redis the order holds within this process; between replicas the database keeps two turns of a
    person apart.
    """

    def __init__(self, redis: Redis) -> None:
        self._local: WeakValueDictionary[str, Line] = WeakValueDictionary()
        self._enter = redis.register_script(_ENTER)
        self._keep = redis.register_script(_KEEP)

    @asynccontextmanager
    async def hold(self, openid: str, place: str) -> AsyncIterator[bool]:
        """Wait for the person's turn; of several who wait, the one with the lowest `place` is next.

        Yields whether the turn holds on all replicas.
        """
        began = time.perf_counter()
        # Of equal place: who came first.
        ticket = f"{place}:{time.time_ns():020d}:{secrets.token_hex(4)}"
        entered = await self._queue(openid, ticket)
        renewing = asyncio.create_task(self._renew(openid, ticket)) if entered else None
        try:
            async with self._local.setdefault(openid, Line()).turn(place):
                metrics.LOCK_WAIT_SECONDS.observe(time.perf_counter() - began)
                yield entered
        finally:
            if renewing:
                renewing.cancel()
                await self._tell(openid, ticket, 0)

    async def _queue(self, openid: str, ticket: str) -> bool:
        """Whether the ticket came first within the time; False when Redis is away."""
        keys = [f"person:{{{openid}}}", f"person:{{{openid}}}:waiting"]
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not await self._enter(keys, [ticket, _HOLD_MS, _WAITING_MS]):  # noqa: ASYNC110 - in Redis
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            _log.warning("person_lock_overdue")
            return False
        except RedisError as error:
            _log.warning("person_lock_unavailable", error=type(error).__name__)
            return False
        return True

    async def _renew(self, openid: str, ticket: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            await self._tell(openid, ticket, _HOLD_MS)

    async def _tell(self, openid: str, ticket: str, hold_ms: int) -> None:
        try:
            if not await self._keep([f"person:{{{openid}}}"], [ticket, hold_ms]):
                _log.warning("person_lock_lost")
        except RedisError as error:
            _log.warning("person_lock_unavailable", error=type(error).__name__)
