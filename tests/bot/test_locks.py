"""One message of a person at a time: within a process, between processes, and without Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from structlog.testing import capture_logs

from bot.locks import PersonLocks


@pytest.fixture
async def redis(shared_valkey: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(shared_valkey) as client:
        yield client


@pytest.fixture
async def away() -> AsyncIterator[Redis]:
    """A client of a Redis that is not there."""
    async with Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)) as client:
        yield client


class Room:
    """Counts how many are in at once."""

    def __init__(self) -> None:
        self.inside = self.most = self.visits = 0

    async def visit(self, locks: PersonLocks, openid: str) -> None:
        async with locks.hold(openid):
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(0.01)
            self.inside -= 1
            self.visits += 1


async def test_one_after_the_other_in_a_process(redis: Redis) -> None:
    room, locks = Room(), PersonLocks(redis)
    await asyncio.gather(*(room.visit(locks, "oZhang") for _ in range(10)))
    assert (room.most, room.visits) == (1, 10)


async def test_one_after_the_other_between_processes(redis: Redis) -> None:
    room = Room()
    await asyncio.gather(*(room.visit(PersonLocks(redis), "oLi") for _ in range(5)))
    assert (room.most, room.visits) == (1, 5)


async def test_different_people_do_not_wait_for_each_other(redis: Redis) -> None:
    room, locks = Room(), PersonLocks(redis)
    async with locks.hold("oZhang"):
        async with asyncio.timeout(5):
            await asyncio.gather(*(room.visit(locks, f"o{place}") for place in range(5)))
    assert room.most > 1


async def test_an_error_inside_frees_the_lock(redis: Redis) -> None:
    async def fail() -> None:
        async with PersonLocks(redis).hold("oZhang"):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with asyncio.timeout(5), PersonLocks(redis).hold("oZhang"):
        pass


async def test_without_redis_the_order_still_holds_in_the_process(away: Redis) -> None:
    room, locks = Room(), PersonLocks(away)
    with capture_logs() as logs:
        await asyncio.gather(*(room.visit(locks, "oZhang") for _ in range(5)))
    assert (room.most, room.visits) == (1, 5)
    assert {entry["event"] for entry in logs} == {"person_lock_unavailable"}


async def test_a_lock_that_was_lost_on_the_way_is_no_error(redis: Redis) -> None:
    with capture_logs() as logs:
        async with PersonLocks(redis).hold("oZhang"):
            await redis.delete("person:oZhang")
    assert [entry["event"] for entry in logs] == ["person_lock_not_released"]


async def test_nothing_is_remembered_of_who_left(redis: Redis) -> None:
    locks = PersonLocks(redis)
    for place in range(20):
        async with locks.hold(f"o{place}"):
            pass
    assert len(locks._local) == 0
    assert await redis.keys("person:*") == []
