"""Two hundred institutions follow one request at the same moment, through four web processes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from domain import events
from tests.faults.banks import Fair, fair
from tests.faults.town import Town

_BANKS = [f"第{number}村镇银行" for number in range(1, 201)]
_PLACES = 3


@pytest.fixture
async def whole_city(replicas: Town) -> AsyncIterator[Fair]:
    async with fair(replicas, _BANKS) as built:
        yield built


async def test_three_have_a_place_and_the_others_a_turn(replicas: Town, whole_city: Fair) -> None:
    async with replicas.more("web", "web") as others:
        webs = (replicas.left, replicas.right, *others)
        answers = await asyncio.gather(
            *(whole_city.follow(bank, webs[number % len(webs)]) for number, bank in enumerate(_BANKS))
        )
    assert Counter(status for status, _ in answers) == {200: len(_BANKS)}

    follows = await whole_city.follows()
    stored = {row.institution: row.state for row in follows}
    assert stored.keys() == set(_BANKS)
    assert [row.turn for row in follows] == list(range(1, len(_BANKS) + 1))
    expected = ["following"] * _PLACES + ["waiting"] * (len(_BANKS) - _PLACES)
    assert [row.state for row in follows] == expected
    for bank, (_, body) in zip(_BANKS, answers, strict=True):
        said = next(row["state"] for row in body["follows"] if row["institution"] == bank)
        assert said == stored[bank], bank

    steps = await whole_city.steps()
    assert [(step.before, step.after) for step in steps] == [(None, state) for state in expected]
    moves = await whole_city.told(events.FOLLOW_MOVED)
    assert [(move["institution"], move["step"]) for move in moves] == [
        (step.institution, step.id) for step in steps
    ]
    assert await whole_city.told(events.PLACE_OFFERED) == []
