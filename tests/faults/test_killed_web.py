"""A web process killed at each step of the walk of one message: nothing lost, nothing doubled.

The message is the one that publishes a request: it moves the conversation, writes an event and makes a
template message. After each death WeChat sends it again, to the other replica or to the process started anew.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from yarl import URL

from tests.faults.line import line
from tests.faults.phone import Letter, Phone
from tests.faults.replica import Replica
from tests.faults.town import PUBLISH, Town
from tests.faults.waiting import eventually
from tests.journeys.house import until

SecondTry = Callable[[Town], Awaitable[Replica]]


async def to_the_other(town: Town) -> Replica:
    return town.right


async def to_the_restarted(town: Town) -> Replica:
    await town.left.start()
    return town.left


second_try = pytest.mark.parametrize("second_try", [to_the_other, to_the_restarted])


@second_try
async def test_before_the_commit(replicas: Town, second_try: SecondTry) -> None:
    phone = await replicas.about_to_publish()
    letter = phone.write(PUBLISH)
    async with replicas.books.table_held("inbox"):
        first = asyncio.create_task(phone.try_once(letter, replicas.left.port))
        await eventually(replicas.books.waiting)
        await replicas.left.kill()
        assert not (await first).answered
    assert await replicas.books.answers(letter.key) == 0
    await published_once(replicas, phone, letter, await second_try(replicas))


@second_try
async def test_while_the_database_commits(replicas: Town, second_try: SecondTry) -> None:
    phone = await replicas.about_to_publish()
    letter = phone.write(PUBLISH)
    async with replicas.books.commits_held() as release:
        first = asyncio.create_task(phone.try_once(letter, replicas.left.port))
        await eventually(replicas.books.waiting)
        await replicas.left.kill()
        assert not (await first).answered
        await release()
        await eventually(lambda: replicas.books.answers(letter.key))
    await published_once(replicas, phone, letter, await second_try(replicas))


@second_try
async def test_with_the_answer_on_its_way(replicas: Town, second_try: SecondTry) -> None:
    phone = await replicas.about_to_publish()
    letter = phone.write(PUBLISH)
    async with line(URL(replicas.left.address)) as way:
        way.held = True
        first = asyncio.create_task(phone.try_once(letter, way.port))
        await until(lambda: way.answered)
        assert await replicas.books.answers(letter.key) == 1
        await replicas.left.kill()
        assert not (await first).answered
    await published_once(replicas, phone, letter, await second_try(replicas))


@second_try
async def test_after_the_reply(replicas: Town, second_try: SecondTry) -> None:
    phone = await replicas.about_to_publish()
    letter = phone.write(PUBLISH)
    first = await phone.send(letter, replicas.left)
    await replicas.left.kill()
    assert await published_once(replicas, phone, letter, await second_try(replicas)) == first


async def test_after_success_was_said_for_a_late_answer(replicas: Town) -> None:
    """WeChat will not send it again: another process takes it up, and its answer comes as a message."""
    phone = await replicas.about_to_publish()
    said = len(phone.answers())
    letter = phone.write(PUBLISH)
    # Before the inbox: once the turn has promised the connection its answer, nobody says «success».
    async with replicas.books.table_held("conversations"):
        assert await phone.send(letter, replicas.left) == ""
        assert await replicas.books.parked(letter.key) == 1
        await replicas.left.kill()
    assert await replicas.books.answers(letter.key) == 0
    await replicas.books.let_parking_run_out()
    await eventually(lambda: replicas.books.answers(letter.key))

    async def told() -> bool:
        states = await replicas.books.deliveries(phone.openid)
        return sorted(set(states)) == ["delivered", "sent"] and len(phone.cards()) == 1

    await eventually(told)
    answers = phone.answers()[said:]
    assert "已为您发布" in answers[0]
    assert sum("已为您发布" in answer for answer in answers) == 1
    assert await replicas.books.published(phone.openid) == 1
    assert await replicas.books.parked(letter.key) == 0


async def published_once(town: Town, phone: Phone, letter: Letter, replica: Replica) -> str:
    """The answer to WeChat's next try; all the rest of the world has happened exactly once."""
    answer = await phone.send(letter, replica)
    assert "已为您发布" in answer
    assert await phone.send(letter, replica) == answer, "a try too many gets the same"
    assert await town.books.answers(letter.key) == 1
    assert await town.books.steps(phone.openid) == 2
    assert await town.books.published(phone.openid) == 1

    async def delivered() -> bool:
        return await town.books.deliveries(phone.openid) == ["delivered"]

    await eventually(delivered)
    assert len(phone.cards()) == 1
    return answer
