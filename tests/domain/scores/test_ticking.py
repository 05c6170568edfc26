"""The worker's loop: changed data at once, who is new by night, everybody once a month."""

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.credit import marks
from domain.database import Database
from domain.scores.run import Scoring, Tally
from domain.scores.ticking import Ticks
from tests.domain.databases import on_postgresql, opened
from tests.domain.scores.people import (
    KNOWN,
    NOW,
    SCORER,
    SHAKY,
    STEADY,
    authorize,
    credit_score,
    settle,
    state,
)


class Clock:
    """What the loop takes for now."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def city(database: Database) -> Database:
    for uscc, known in KNOWN.items():
        await settle(database, uscc)
        await authorize(database, uscc)
        await state(database, uscc, known)
    await all_looked_at(database)
    return database


async def all_looked_at(database: Database) -> None:
    """As if what was told so far had been scored long ago."""
    async with database.unit_of_work() as session:
        await marks.looked_at(session, await marks.waiting(session, 100))


async def rounds(ticks: Ticks) -> int:
    """How many steps there is something to do."""
    count = 0
    while await ticks.run_once():
        count += 1
    return count


async def test_everybody_is_scored_by_night_once_a_month(city: Database) -> None:
    clock = Clock(NOW)
    ticks = Ticks(Scoring(city, SCORER, portion=2, clock=clock))
    assert await rounds(ticks) == 2
    assert await rounds(ticks) == 0
    clock.now += timedelta(days=1)
    assert await rounds(ticks) == 0
    clock.now += timedelta(days=7)
    assert clock.now.month == NOW.month + 1
    assert await rounds(ticks) == 2


async def test_who_agrees_is_scored_in_the_next_night(city: Database) -> None:
    clock = Clock(NOW)
    ticks = Ticks(Scoring(city, SCORER, clock=clock))
    assert await rounds(ticks) == 1
    await settle(city, new := "91320505MA00000001")
    await authorize(city, new)
    await state(city, new, KNOWN[STEADY])
    clock.now += timedelta(days=1)
    assert await rounds(ticks) == 1
    assert await credit_score(city, new) == 709


async def test_the_night_begins_at_two_oclock(city: Database) -> None:
    # 17:30 in London is 01:30 in Shanghai, of the next day.
    clock = Clock(NOW.replace(hour=17, minute=30))
    ticks = Ticks(Scoring(city, SCORER, clock=clock))
    assert await rounds(ticks) == 0
    clock.now += timedelta(minutes=30)
    assert await rounds(ticks) == 1


async def test_changed_data_do_not_wait_for_the_night(city: Database) -> None:
    ticks = Ticks(Scoring(city, SCORER, clock=Clock(NOW.replace(hour=17, minute=30))))
    async with city.unit_of_work() as session:
        await marks.changed(session, [STEADY, "91320505MA00000001"], NOW)
    assert await rounds(ticks) == 1
    assert await credit_score(city, STEADY) == 709
    assert await credit_score(city, SHAKY) is None
    async with city.reading() as session:
        assert await marks.waiting(session, 10) == {}


async def test_another_process_finds_nothing_left(city: Database) -> None:
    first, second = (Ticks(Scoring(city, SCORER, clock=Clock(NOW))) for _ in range(2))
    assert await rounds(first) == 1
    assert await rounds(second) == 0


@on_postgresql
async def test_several_processes_score_nobody_twice(city: Database, database_url: str) -> None:
    async with opened(database_url) as other:
        scorings = [Scoring(database, SCORER, portion=1, clock=lambda: NOW) for database in (city, other)]
        tallies = await asyncio.gather(*(scoring.all() for scoring in scorings))
        assert sum(tally.scored for tally in tallies) == len(KNOWN)
        async with city.unit_of_work() as session:
            await marks.changed(session, [STEADY], NOW)
        again = [Tally(), Tally()]
        await asyncio.gather(*(scoring.marked(tally) for scoring, tally in zip(scorings, again, strict=True)))
        assert sum(tally.scored for tally in again) == 1
