"""A worker killed in the middle of lapsing: follows lapse, and places are offered, once and in their turn."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from domain import events
from domain.market.lapsing import Lapses
from domain.market.rules import FollowState, MarketRules
from tests.faults.banks import Fair, fair
from tests.faults.town import Town
from tests.faults.waiting import eventually

_BANKS = [f"第{number}农商银行" for number in range(1, 12)]
_RULES = MarketRules()
_PLACES = _RULES.places
_IN_PLACE, _NEXT = _BANKS[:_PLACES], _BANKS[_PLACES : 2 * _PLACES]
# Nobody but who takes a step of a follow writes to it.
_TABLE = "follow_steps"


@pytest.fixture
async def line(replicas: Town) -> AsyncIterator[Fair]:
    """Three follow, eight wait."""
    async with fair(replicas, _BANKS) as built:
        for bank in _BANKS:
            status, _ = await built.follow(bank, replicas.right)
            assert status == 200
        yield built


async def test_before_the_commit(replicas: Town, line: Fair) -> None:
    async with replicas.books.table_held(_TABLE):
        await run_out_until_one_stands_still(replicas, line)
        await replicas.worker.kill()
    assert await lapsed(line) == []
    await replicas.worker.start()
    await offered_once(line)


async def test_while_the_database_commits(replicas: Town, line: Fair) -> None:
    async with replicas.books.commits_held(_TABLE) as release:
        await run_out_until_one_stands_still(replicas, line)
        await replicas.worker.kill()
        assert await lapsed(line) == []
        await release()
        await eventually(lambda: lapsed(line))
    await replicas.worker.start()
    await offered_once(line)


async def test_with_another_worker_behind(replicas: Town, line: Fair) -> None:
    """Who stood behind goes on, down to the end of the line."""
    async with AsyncExitStack() as stack:
        async with replicas.books.table_held(_TABLE):
            await run_out_until_one_stands_still(replicas, line)
            await stack.enter_async_context(replicas.more("worker"))

            async def both_stand_still() -> bool:
                return await replicas.books.waiting() > 1

            await eventually(both_stand_still)
            await replicas.worker.kill()
        await offered_once(line)
        while len(before := await lapsed(line)) < len(_BANKS):
            await replicas.books.let_follows_run_out(line.request_id)
            await lapsed_besides(line, len(before))
    assert await lapsed(line) == _BANKS
    assert await offered(line) == _BANKS[_PLACES:]
    assert {row.state for row in await line.follows()} == {FollowState.LAPSED}


async def run_out_until_one_stands_still(town: Town, line: Fair) -> None:
    await town.books.let_follows_run_out(line.request_id)
    await eventually(town.books.waiting)


async def offered_once(line: Fair) -> None:
    """What is left is worked off: each lapses once, each place is offered once, all is told once."""

    async def worked_off() -> bool:
        return len(await offered(line)) >= len(_NEXT)

    await eventually(worked_off)
    assert await Lapses(line.database, _RULES).run_once() == 0, "nothing is left to whoever comes second"
    assert await lapsed(line) == _IN_PLACE
    assert await offered(line) == _NEXT
    steps = [(step.institution, step.after) for step in (await line.steps())[len(_BANKS) :]]
    assert steps == [(bank, "lapsed") for bank in _IN_PLACE] + [(bank, "waiting") for bank in _NEXT]
    states = ["lapsed"] * _PLACES + ["waiting"] * (len(_BANKS) - _PLACES)
    assert [row.state for row in await line.follows()] == states


async def lapsed_besides(line: Fair, before: int) -> None:
    async def more() -> bool:
        return len(await lapsed(line)) > before

    await eventually(more)


async def lapsed(line: Fair) -> list[str]:
    """Whose lapse was told, in that order."""
    moves = await line.told(events.FOLLOW_MOVED)
    return [move["institution"] for move in moves if move["after"] == FollowState.LAPSED]


async def offered(line: Fair) -> list[str]:
    """Who was told of a place, in that order."""
    return [offer["institution"] for offer in await line.told(events.PLACE_OFFERED)]
