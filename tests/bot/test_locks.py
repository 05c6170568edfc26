"""One message of a person at a time: within a process, between processes, and without Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from structlog.testing import capture_logs

from bot.lines import Line
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
        self.order: list[str] = []

    async def visit(self, locks: PersonLocks, openid: str, place: str = "1") -> None:
        async with locks.hold(openid, place):
            self.order.append(place)
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(0.01)
            self.inside -= 1
            self.visits += 1


async def all_wait(redis: Redis, number: int) -> None:
    while await redis.hlen("person:{oLi}:waiting") < number:  # noqa: ASYNC110 - the line is in Valkey
        await asyncio.sleep(0.005)


async def test_one_after_the_other_in_a_process(redis: Redis) -> None:
    room, locks = Room(), PersonLocks(redis)
    await asyncio.gather(*(room.visit(locks, "oZhang") for _ in range(10)))
    assert (room.most, room.visits) == (1, 10)


async def test_one_after_the_other_between_processes(redis: Redis) -> None:
    room = Room()
    await asyncio.gather(*(room.visit(PersonLocks(redis), "oLi") for _ in range(5)))
    assert (room.most, room.visits) == (1, 5)


async def test_who_waits_in_several_processes_gets_in_in_the_order_of_the_messages(redis: Redis) -> None:
    room = Room()
    async with PersonLocks(redis).hold("oLi", "0"):
        visits = [
            asyncio.create_task(room.visit(PersonLocks(redis), "oLi", place))
            for place in ("6", "3", "5", "1", "4", "2")
        ]
        await all_wait(redis, len(visits))
    await asyncio.gather(*visits)
    assert room.order == ["1", "2", "3", "4", "5", "6"]
    assert room.most == 1


async def test_who_waits_in_one_process_gets_in_in_the_order_of_the_messages(redis: Redis) -> None:
    room, locks = Room(), PersonLocks(redis)
    async with locks.hold("oLi", "0"):
        visits = [
            asyncio.create_task(room.visit(locks, "oLi", place)) for place in ("6", "3", "5", "1", "4", "2")
        ]
        await all_wait(redis, len(visits))
    await asyncio.gather(*visits)
    assert room.order == ["1", "2", "3", "4", "5", "6"]


async def test_without_redis_too(away: Redis) -> None:
    room, locks = Room(), PersonLocks(away)
    async with locks.hold("oLi", "0") as everywhere:
        assert not everywhere
        visits = [asyncio.create_task(room.visit(locks, "oLi", place)) for place in ("3", "1", "2")]
        await asyncio.sleep(0.1)
    await asyncio.gather(*visits)
    assert room.order == ["1", "2", "3"]


async def test_who_gives_up_waiting_is_passed_over() -> None:
    line, order = Line(), list[str]()

    async def visit(place: str) -> None:
        async with line.turn(place):
            order.append(place)

    async with line.turn("0"):
        visits = [asyncio.create_task(visit(place)) for place in ("1", "2", "3")]
        await asyncio.sleep(0)
        visits[1].cancel()
    # Called already, and cancelled before it could enter.
    visits[0].cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    await visit("4")
    assert order == ["3", "4"]


async def test_a_process_that_died_waiting_holds_nobody_up(redis: Redis) -> None:
    await redis.hset("person:{oLi}:waiting", "0:gone", 1)
    async with asyncio.timeout(5), PersonLocks(redis).hold("oLi", "1"):
        pass
    assert await redis.keys("person:*") == []


async def test_a_process_that_died_inside_holds_nobody_up_for_long(redis: Redis) -> None:
    """Its lock runs out before WeChat sends the message again."""
    async with PersonLocks(redis).hold("oLi", "1"):
        left = await redis.pttl("person:{oLi}")
    assert 0 < left <= 3_000


async def test_who_stays_longer_keeps_the_lock(redis: Redis) -> None:
    async with PersonLocks(redis).hold("oLi", "1"):
        await redis.pexpire("person:{oLi}", 1_500)
        await asyncio.sleep(1.2)
        assert await redis.pttl("person:{oLi}") > 1_500


async def test_different_people_do_not_wait_for_each_other(redis: Redis) -> None:
    room, locks = Room(), PersonLocks(redis)
    async with locks.hold("oZhang", "1"):
        async with asyncio.timeout(5):
            await asyncio.gather(*(room.visit(locks, f"o{place}") for place in range(5)))
    assert room.most > 1


async def test_an_error_inside_frees_the_lock(redis: Redis) -> None:
    async def fail() -> None:
        async with PersonLocks(redis).hold("oZhang", "1"):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with asyncio.timeout(5), PersonLocks(redis).hold("oZhang", "1"):
        pass


async def test_without_redis_the_order_still_holds_in_the_process(away: Redis) -> None:
    room, locks = Room(), PersonLocks(away)
    with capture_logs() as logs:
        await asyncio.gather(*(room.visit(locks, "oZhang") for _ in range(5)))
    assert (room.most, room.visits) == (1, 5)
    assert {entry["event"] for entry in logs} == {"person_lock_unavailable"}


async def test_a_lock_that_was_lost_on_the_way_is_no_error(redis: Redis) -> None:
    with capture_logs() as logs:
        async with PersonLocks(redis).hold("oZhang", "1"):
            await redis.delete("person:{oZhang}")
    assert [entry["event"] for entry in logs] == ["person_lock_lost"]


async def test_nothing_is_remembered_of_who_left(redis: Redis) -> None:
    locks = PersonLocks(redis)
    for place in range(20):
        async with locks.hold(f"o{place}", "1"):
            pass
    assert len(locks._local) == 0
    assert await redis.keys("person:*") == []
