"""Into the queue: each request once, matched by one, whoever dies on the way."""

import asyncio
from collections import Counter
from datetime import timedelta

from domain.database import Database
from domain.recommending import queueing, reading
from domain.recommending.rules import Act, ReviewState
from domain.recommending.tables import ReviewRow
from tests.domain.databases import on_postgresql, opened
from tests.domain.recommending.desk import (
    AT_ONCE,
    BANKS,
    HOUR,
    KUNSHAN,
    NOW,
    OWNER,
    THREE,
    finish,
    found,
    listed,
    matched,
    published,
    review,
    take,
    told,
    withdraw,
)


async def claim(database: Database, at: timedelta = timedelta(0)) -> list[ReviewRow]:
    async with database.unit_of_work() as session:
        return await queueing.claim(session, NOW + at, limit=10)


async def store(database: Database, row: ReviewRow, at: timedelta = timedelta(0)) -> bool:
    async with database.unit_of_work() as session:
        return await queueing.store(session, row, THREE, region=KUNSHAN, rules=AT_ONCE, now=NOW + at)


async def test_a_request_is_queued_once(database: Database) -> None:
    request_id = await published(database)
    async with database.unit_of_work() as session:
        await queueing.enqueue(session, {"request_id": request_id}, NOW + HOUR)
    row = await review(database, request_id)
    assert (row.standing, row.region, row.created_at) == (ReviewState.MATCHING, KUNSHAN, NOW)
    async with database.reading() as session:
        assert await queueing.any_to_match(session, NOW)


async def test_a_request_that_nobody_knows_is_not_queued(database: Database) -> None:
    async with database.unit_of_work() as session:
        await queueing.enqueue(session, {"request_id": "RQ0"}, NOW)
    async with database.reading() as session:
        assert not await queueing.any_to_match(session, NOW)


async def test_what_was_found_stands_on_the_list_in_its_order(database: Database) -> None:
    request_id = await matched(database)
    shown = await listed(database, request_id)
    assert [(row.product, row.rank, row.found_rank, row.score) for row in shown.on] == [
        ("A1", 1, 1, 0.9),
        ("B1", 2, 2, 0.8),
        ("A2", 3, 3, 0.7),
    ]
    assert (shown.review.standing, shown.review.claimed_until) == (ReviewState.WAITING, None)
    assert not shown.changed


async def test_no_more_are_recommended_than_the_city_wants(database: Database) -> None:
    many = tuple(found(f"P{number:02}", BANKS[number % 4]) for number in range(20))
    request_id = await matched(database, products=many)
    assert len((await listed(database, request_id)).on) == AT_ONCE.products


async def test_of_a_matcher_that_died_another_takes_over_and_only_one_counts(database: Database) -> None:
    await published(database)
    (dead,) = await claim(database)
    assert await claim(database, timedelta(seconds=59)) == []
    (alive,) = await claim(database, timedelta(seconds=61))
    assert not await store(database, dead, timedelta(seconds=62))
    assert await store(database, alive, timedelta(seconds=63))
    assert not await store(database, alive, timedelta(seconds=64))
    assert await told(database) == [(BANKS[0], "A1"), (BANKS[1], "B1")]


async def test_what_was_taken_back_is_matched_no_more(database: Database) -> None:
    request_id = await published(database)
    (row,) = await claim(database)
    await withdraw(database, request_id)
    assert not await store(database, row)
    assert (await review(database, request_id)).standing is ReviewState.ENDED
    assert await told(database) == []


async def test_a_finished_review_is_not_ended(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await finish(database, request_id)
    await withdraw(database, request_id)
    assert (await review(database, request_id)).standing is ReviewState.FINISHED


async def test_more_about_the_firm_has_it_matched_anew(database: Database) -> None:
    request_id = await matched(database)
    async with database.unit_of_work() as session:
        await queueing.renew(session, request_id, OWNER, NOW + HOUR)
    assert (await review(database, request_id)).standing is ReviewState.MATCHING
    (row,) = await claim(database, HOUR)
    async with database.unit_of_work() as session:
        other = (found("C1", BANKS[2]), THREE[0])
        assert await queueing.store(session, row, other, region=KUNSHAN, rules=AT_ONCE, now=NOW + HOUR)
    shown = await listed(database, request_id)
    assert [row.product for row in shown.on] == ["C1", "A1"]
    # Who was told before is not told again.
    assert [institution for institution, _ in await told(database)] == [BANKS[0], BANKS[1], BANKS[2]]


async def test_what_an_adviser_has_begun_with_is_left_to_him(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    async with database.unit_of_work() as session:
        await queueing.renew(session, request_id, OWNER, NOW)
    assert (await review(database, request_id)).standing is ReviewState.WAITING


@on_postgresql
async def test_several_workers_match_each_request_once(database_url: str, database: Database) -> None:
    wanted = [await published(database) for _ in range(40)]
    matched_by: list[str] = []

    async def work() -> None:
        async with opened(database_url) as mine:
            while batch := await claim(mine):
                matched_by.extend([row.request_id for row in batch[:3] if await store(mine, row)])
                for row in batch[3:]:
                    # Given back, as if this worker had died with them.
                    async with mine.unit_of_work() as session:
                        (await session.get_one(ReviewRow, row.request_id)).claimed_until = None

    await asyncio.gather(*(work() for _ in range(4)))
    assert Counter(matched_by) == Counter(wanted)
    assert len(await told(database)) == 2 * len(wanted)
    async with database.reading() as session:
        steps = [step.act for one in wanted for step in await reading.steps_of(session, one)]
    assert Counter(steps) == {Act.MATCHED: len(wanted), Act.SENT: len(wanted)}
