"""One person's quick messages to two web processes: answered in order, each once, whatever dies meanwhile.

The order is told by what is answered: the messages tell a story in which each answer depends on all before
it, and who writes quickly must get what another gets who waits for each answer. The database is asked too.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from tests.faults.books import Release
from tests.faults.phone import Letter, Phone
from tests.faults.town import Town
from tests.faults.waiting import eventually

STORY = (
    "我想贷款",
    "80万",
    "进一批原材料",
    "一年",
    "纯信用",
    "合肥包河区",
    "开饭店的",
    "不对，是90万",
    "金额改成100万",
    "确认",
)
_APART_SECONDS = 0.005
_REQUEST = re.compile(r"RQ[0-9A-Z-]+")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Ten messages under way: the first stands in its commit until `release`, the others wait behind it."""

    phone: Phone
    letters: list[Letter]
    tries: list[asyncio.Task[str]]
    release: Release

    async def answers(self) -> list[str]:
        await self.release()
        return await asyncio.gather(*self.tries)


async def test_ten_quick_messages(replicas: Town) -> None:
    patient = await replicas.newcomer()
    expected = [await patient.say(text, replicas.left) for text in STORY]
    async with ten_under_way(replicas) as crowd:
        answers = await crowd.answers()
        assert [anonymous(text) for text in answers] == [anonymous(text) for text in expected]
        await each_once(replicas, crowd)
        assert await replicas.books.order(crowd.phone.openid) == [letter.key for letter in crowd.letters]


async def test_redis_killed_in_the_middle(replicas: Town) -> None:
    async with Redis.from_url(replicas.redis_url) as redis:
        number = (await redis.info("server"))["process_id"]
    async with ten_under_way(replicas) as crowd:
        os.kill(number, signal.SIGKILL)
        await crowd.answers()
        await each_once(replicas, crowd)


async def test_a_web_process_killed_in_the_middle(replicas: Town) -> None:
    async with ten_under_way(replicas) as crowd:
        await replicas.left.kill()
        await crowd.answers()
        await each_once(replicas, crowd)


@asynccontextmanager
async def ten_under_way(town: Town) -> AsyncIterator[Crowd]:
    """A new person's story, sent to both processes in turn a few milliseconds apart, no answer waited for."""
    phone = await town.newcomer()
    letters = [phone.write(text) for text in STORY]
    processes = (town.left, town.right)

    def send(number: int) -> asyncio.Task[str]:
        first, second = processes[number % 2], processes[1 - number % 2]
        return asyncio.create_task(phone.send_until_taken(letters[number], first, second))

    async with town.books.commits_held() as release:
        tries = [send(0)]
        await eventually(town.books.waiting)
        for number in range(1, len(letters)):
            tries.append(send(number))
            await asyncio.sleep(_APART_SECONDS)
        # Who answers this has read what was sent before it.
        assert [await process.alive() for process in processes] == [True, True]
        yield Crowd(phone, letters, tries, release)


async def each_once(town: Town, crowd: Crowd) -> None:
    """Every message has one row, one turn and one answer, at once or as a customer message."""
    phone, letters = crowd.phone, crowd.letters

    async def all_said() -> bool:
        return len(phone.answers()) >= len(letters)

    await eventually(all_said)
    rows = [await town.books.answers(letter.key) for letter in letters]
    assert rows == [1] * len(letters), "\n".join((*phone.answers(), town.left.log(), town.right.log()))
    assert await town.books.steps(phone.openid) == len(letters)
    assert len(phone.answers()) == len(letters)


def anonymous(answer: str) -> str:
    """Without the number of the request, which is each person's own."""
    return _REQUEST.sub("RQ", answer)
