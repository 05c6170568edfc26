"""What the clock does, moved to and fro; and that a worker that was away does the same, once."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from domain import events as names
from domain import institutions
from domain.database import Database
from domain.institutions import Institution
from domain.market import deciding, following, reading
from domain.market.moving import CLOCK
from domain.market.reading import shown_until
from domain.market.rules import MarketRules
from domain.market.tables import FollowRow
from tests.domain.market.fair import (
    BANKS,
    DAY,
    HOUR,
    NOW,
    RULES,
    TERMS,
    A,
    B,
    C,
    D,
    E,
    F,
    clock,
    events,
    follow_of,
    opened_market,
    states,
    status,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def request_id(database: Database) -> str:
    """Three follow, three wait."""
    request_id = await opened_market(database)
    for bank in BANKS:
        await follow(database, request_id, bank)
    return request_id


async def follow(
    database: Database, request_id: str, bank: str, *, hours: float = 0, rules: MarketRules = RULES
) -> str:
    async with database.unit_of_work() as session:
        now = NOW + hours * HOUR
        return (await following.follow(session, request_id, bank, by="client", now=now, rules=rules)).state


async def test_nothing_happens_before_its_time(database: Database, request_id: str) -> None:
    assert await clock(database, NOW + 4 * DAY - HOUR) == 0
    assert list((await states(database, request_id)).values()) == ["following"] * 3 + ["waiting"] * 3


async def test_one_reminder_a_day_before(database: Database, request_id: str) -> None:
    for hours in (0, 1, 5):
        await clock(database, NOW + 4 * DAY + hours * HOUR)
    assert await events(database, names.FOLLOW_DUE) == [
        {"request_id": request_id, "institution": bank, "until": (NOW + 5 * DAY).isoformat()}
        for bank in (A, B, C)
    ]


async def test_a_short_deadline_is_reminded_of_half_way(database: Database) -> None:
    request_id = await opened_market(database)
    async with database.unit_of_work() as session:
        await following.follow(session, request_id, A, by="x", now=NOW, rules=RULES, decision_days=1)
    await clock(database, NOW + 11 * HOUR)
    assert await events(database, names.FOLLOW_DUE) == []
    await clock(database, NOW + 12 * HOUR)
    assert len(await events(database, names.FOLLOW_DUE)) == 1


async def test_who_decided_is_not_reminded(database: Database, request_id: str) -> None:
    async with database.unit_of_work() as session:
        await deciding.approve(session, request_id, A, TERMS, by="x", now=NOW, rules=RULES)
    await clock(database, NOW + 4 * DAY)
    assert [told["institution"] for told in await events(database, names.FOLLOW_DUE)] == [B, C]


async def test_what_is_over_lapses_and_those_who_wait_are_asked(database: Database, request_id: str) -> None:
    await clock(database, NOW + 5 * DAY)
    assert list((await states(database, request_id)).values()) == ["lapsed"] * 3 + ["waiting"] * 3
    assert [told["institution"] for told in await events(database, names.PLACE_OFFERED)] == [D, E, F]
    assert await status(database, request_id) == "published"
    async with database.reading() as session:
        lapse = (await reading.steps_of(session, request_id, A))[-1]
        assert (lapse.actor, lapse.after, lapse.reason) == (CLOCK, "lapsed", "undecided")
        assert lapse.since == NOW
    assert (await follow_of(database, request_id, A)).cause == "undecided"


async def test_an_offer_that_is_not_taken_goes_to_the_next(database: Database, request_id: str) -> None:
    async with database.unit_of_work() as session:
        await following.leave(session, request_id, A, by="x", now=NOW, rules=RULES)
    await clock(database, NOW + DAY)
    assert (await follow_of(database, request_id, D)).cause == "not_taken"
    next_one = await follow_of(database, request_id, E)
    assert (next_one.until, next_one.state) == (NOW + 2 * DAY, "waiting")
    # Who let it pass stands at the end now.
    assert await follow(database, request_id, D, hours=25) == "waiting"
    assert (await follow_of(database, request_id, D)).turn > (await follow_of(database, request_id, F)).turn


async def test_after_days_without_a_worker_nobody_loses_the_time_to_answer(
    database: Database, request_id: str
) -> None:
    await clock(database, NOW + 9 * DAY)
    for bank in (D, E, F):
        assert (await follow_of(database, request_id, bank)).until == NOW + 10 * DAY


async def test_the_whole_line_passes_when_nobody_answers(database: Database) -> None:
    """The clock jumps from one deadline to the next: three decide, then three at a time are asked."""
    request_id = await opened_market(database)
    line = [*BANKS, *(f"第{number}农商银行" for number in range(1, 12))]
    async with database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=bank) for bank in line], NOW)
    for bank in line:
        await follow(database, request_id, bank)
    moments = []
    while now := min((await deadlines(database, request_id)).values(), default=None):
        moments.append(now)
        before = await deadlines(database, request_id)
        await clock(database, now - MINUTE)
        assert await deadlines(database, request_id) == before
        assert (await clock(database, now), await clock(database, now)) == (1, 0)
        waiting = [bank for bank, state in (await states(database, request_id)).items() if state == "waiting"]
        assert await deadlines(database, request_id) == dict.fromkeys(waiting[:3], now + DAY)
    assert moments == [NOW + (5 + days) * DAY for days in range(6)]
    lapsed = [told for told in await events(database, names.FOLLOW_MOVED) if told["after"] == "lapsed"]
    assert [told["institution"] for told in lapsed] == line
    assert [told["institution"] for told in await events(database, names.PLACE_OFFERED)] == line[3:]
    assert await status(database, request_id) == "published"


async def deadlines(database: Database, request_id: str) -> dict[str, datetime]:
    """Until when each decides, or has a place kept for it."""
    async with database.reading() as session:
        follows = (await reading.follows_of(session, [request_id]))[request_id]
        return {row.institution: row.until for row in follows if row.until}


async def test_who_comes_before_the_worker_does_not_jump_the_line(
    database: Database, request_id: str
) -> None:
    """The follows of three are over, and the worker is away."""
    assert await follow(database, request_id, A, hours=121) == "waiting"
    assert (await follow_of(database, request_id, D)).has_offer
    assert await follow(database, request_id, F, hours=121) == "following"


async def test_a_clock_that_goes_back_undoes_nothing(database: Database, request_id: str) -> None:
    await clock(database, NOW + 5 * DAY)
    before = await states(database, request_id)
    assert await clock(database, NOW - DAY) == 0
    assert await states(database, request_id) == before


@pytest.mark.usefixtures("request_id")
async def test_several_workers_at_once_do_it_once(database: Database) -> None:
    await asyncio.gather(*(clock(database, NOW + 5 * DAY) for _ in range(6)))
    assert len(await events(database, names.PLACE_OFFERED)) == 3
    lapsed = [told for told in await events(database, names.FOLLOW_MOVED) if told["after"] == "lapsed"]
    assert len(lapsed) == 3


async def test_more_places_than_before_are_offered_with_the_next_step(
    database: Database, request_id: str
) -> None:
    rules = replace(RULES, max_followers=5)
    await follow(database, request_id, D, hours=1, rules=rules)
    assert list((await states(database, request_id)).values()) == ["following"] * 4 + ["waiting"] * 2
    assert (await follow_of(database, request_id, E)).has_offer


async def test_working_days_by_configuration(database: Database) -> None:
    request_id = await opened_market(database)
    rules = replace(RULES, decision_days_kind="working")
    await follow(database, request_id, A, rules=rules)
    # From Monday noon to the next Monday's noon.
    assert (await follow_of(database, request_id, A)).until == NOW + 7 * DAY


async def test_what_is_shown_of_the_clock(database: Database, request_id: str) -> None:
    row = await follow_of(database, request_id, A)
    shown = shown_until(row, NOW)
    assert shown is not None
    assert shown.isoformat() == "2026-11-28T12:00:00+08:00"
    assert shown_until(row, NOW + 5 * DAY) is None
    assert shown_until(await follow_of(database, request_id, F), NOW) is None


async def test_a_request_that_cannot_be_moved_holds_up_no_other(database: Database, request_id: str) -> None:
    other = await opened_market(database)
    await follow(database, other, A)
    async with database.unit_of_work() as session:
        broken = update(FollowRow).where(FollowRow.request_id == request_id)
        await session.execute(broken.values(state="strange"))
    with pytest.raises(ExceptionGroup, match="could not move"):
        await clock(database, NOW + 6 * DAY)
    assert await states(database, other) == {A: "lapsed"}
