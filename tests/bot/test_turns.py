"""Turns: one at a time for each name, in the order in which they came, and nothing kept afterwards."""

import asyncio
from weakref import ref

from bot.turns import Turns


async def test_one_at_a_time_in_order() -> None:
    turns, seen = Turns(), list[tuple[str, int]]()

    async def come(number: int) -> None:
        async with turns.of("request"):
            seen.append(("in", number))
            await asyncio.sleep(0)
            seen.append(("out", number))

    await asyncio.gather(*map(come, range(5)))
    assert seen == [(way, number) for number in range(5) for way in ("in", "out")]


async def test_others_do_not_wait() -> None:
    turns = Turns()
    async with turns.of("one"):
        assert turns.of("one").locked()
        assert not turns.of("other").locked()


async def test_what_nobody_wants_is_forgotten() -> None:
    turns = Turns()
    async with turns.of("request"):
        kept = ref(turns.of("request"))
    assert kept() is None
