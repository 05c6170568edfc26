"""Out to the institutions: at once, after the review, or when its time is over; each institution once."""

from datetime import timedelta

import pytest

from domain import institutions, requests
from domain.database import Database
from domain.errors import NotAllowedNow
from domain.needs import Need
from domain.recommending import queueing
from domain.recommending.reading import steps_of
from domain.recommending.rules import Act, ReviewRules, ReviewState
from domain.recommending.stepping import SYSTEM
from domain.requests import RequestRow, RequestStatus
from tests.domain.recommending.desk import (
    AT_ONCE,
    BANKS,
    HOUR,
    KUNSHAN,
    NOW,
    OWNER,
    REQUIRED,
    THREE,
    WITHIN,
    change,
    clock,
    events,
    finish,
    matched,
    review,
    status,
    take,
    told,
    withdraw,
)

BOTH_BANKS = [(BANKS[0], "A1"), (BANKS[1], "B1")]


async def test_at_once_every_institution_of_the_list_is_told_once_with_its_best(database: Database) -> None:
    request_id = await matched(database)
    assert await told(database) == BOTH_BANKS
    assert (await review(database, request_id)).sent_at == NOW
    assert await status(database, request_id) == RequestStatus.PUBLISHED


async def test_a_named_institution_is_told_even_where_nothing_of_its_fits(database: Database) -> None:
    await matched(database, BANKS[2], products=())
    assert await told(database) == [(BANKS[2], None)]


async def test_who_left_the_market_is_not_told(database: Database) -> None:
    async with database.unit_of_work() as session:
        await institutions.save_all(session, [institutions.Institution(name=BANKS[0])], NOW)
        await institutions.leave_market(session, BANKS[0], reason="合作到期", by="test", now=NOW)
    await matched(database)
    assert await told(database) == BOTH_BANKS[1:]


async def test_nothing_goes_out_before_a_review_that_is_required(database: Database) -> None:
    request_id = await matched(database, rules=REQUIRED)
    assert await status(database, request_id) == RequestStatus.REVIEWING
    assert await clock(database, NOW + timedelta(days=365)) == 0
    assert await told(database) == []
    assert await events(database, "request.published") == []
    await take(database, request_id)
    await finish(database, request_id)
    assert await status(database, request_id) == RequestStatus.PUBLISHED
    assert await told(database) == BOTH_BANKS
    assert await events(database, "request.published") == [{"request_id": request_id}]


async def test_within_the_time_an_adviser_may_be_faster(database: Database) -> None:
    request_id = await matched(database, rules=WITHIN)
    assert (await review(database, request_id)).due_at == NOW + 4 * HOUR
    await take(database, request_id)
    await finish(database, request_id)
    assert await clock(database, NOW + 5 * HOUR) == 0
    assert await events(database, "review.passed_by") == []
    assert await told(database) == BOTH_BANKS


async def test_when_the_time_is_over_it_goes_out_unreviewed_and_once(database: Database) -> None:
    request_id = await matched(database, rules=WITHIN)
    assert await clock(database, NOW + 4 * HOUR - timedelta(seconds=1)) == 0
    assert await clock(database, NOW + 4 * HOUR) == 1
    assert await clock(database, NOW + 4 * HOUR) == 0
    assert await status(database, request_id) == RequestStatus.PUBLISHED
    assert await told(database) == BOTH_BANKS
    assert await events(database, "review.passed_by") == [{"request_id": request_id}]


async def test_after_that_an_adviser_may_still_review(database: Database) -> None:
    request_id = await matched(database, rules=WITHIN)
    await clock(database, NOW + 4 * HOUR)
    await take(database, request_id)
    await finish(database, request_id)
    assert await told(database) == BOTH_BANKS
    assert await events(database, "review.finished") == [{"request_id": request_id}]


async def test_what_was_taken_back_under_review_goes_nowhere(database: Database) -> None:
    request_id = await matched(database, rules=WITHIN)
    await withdraw(database, request_id)
    assert await clock(database, NOW + 5 * HOUR) == 0
    assert await status(database, request_id) == RequestStatus.WITHDRAWN
    assert await told(database) == []


async def test_what_was_taken_back_holds_up_no_other_list(database: Database) -> None:
    """The word that the owner took it back is still on its way, or was set aside."""
    first = await matched(database, rules=WITHIN)
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, first), NOW)
    second = await matched(database, rules=WITHIN, at=NOW + HOUR)
    assert await clock(database, NOW + 6 * HOUR) == 1
    assert await status(database, second) == RequestStatus.PUBLISHED
    row = await review(database, first)
    assert (row.standing, row.due_at) == (ReviewState.ENDED, None)
    assert await clock(database, NOW + 6 * HOUR) == 0


async def test_who_was_told_is_written_down(database: Database) -> None:
    request_id = await matched(database)
    async with database.reading() as session:
        steps = [(step.act, step.actor, step.detail) for step in await steps_of(session, request_id)]
    assert steps == [
        (Act.MATCHED, SYSTEM, {"products": ["A1", "B1", "A2"]}),
        (Act.SENT, SYSTEM, {"institutions": sorted(BANKS[:2])}),
    ]


async def test_a_request_that_ended_meanwhile_is_not_sent(database: Database) -> None:
    """Taken back between the claim and its outcome, and the relay has not looked yet."""
    async with database.unit_of_work() as session:
        row = await requests.draft(session, OWNER, Need(amount_max=800_000), NOW)
        await requests.publish(session, row, NOW)
        await queueing.enqueue(session, {"request_id": row.id}, NOW)
    async with database.unit_of_work() as session:
        (claimed,) = await queueing.claim(session, NOW, limit=1)
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, row.id), NOW)
    async with database.unit_of_work() as session:
        assert await queueing.store(session, claimed, THREE, region=KUNSHAN, rules=AT_ONCE, now=NOW)
    assert await told(database) == []


async def test_only_what_is_under_review_can_be_let_out(database: Database) -> None:
    request_id = await matched(database)
    async with database.unit_of_work() as session:
        row = await session.get_one(RequestRow, request_id)
        with pytest.raises(NotAllowedNow, match="不在审核中"):
            requests.finish_review(session, row, SYSTEM, NOW)


async def test_a_confirmed_request_under_review_can_be_replaced(database: Database) -> None:
    request_id = await matched(database, rules=REQUIRED)
    async with database.unit_of_work() as session:
        better = await requests.draft(session, OWNER, Need(amount_max=900_000), NOW, replaces=request_id)
        better.review_first = True
        await requests.publish(session, better, NOW)
    assert await status(database, request_id) == RequestStatus.WITHDRAWN
    assert await status(database, better.id) == RequestStatus.REVIEWING


def test_only_at_once_nobody_waits_for() -> None:
    assert not ReviewRules().first
    assert REQUIRED.first
    assert WITHIN.first
    assert (REQUIRED.out_after, WITHIN.out_after) == (None, 4 * HOUR)


async def test_an_adviser_s_own_product_is_told_to_its_bank(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await change(database, request_id, "N9", "A1", "B1", "A2")
    await finish(database, request_id, seen=1)
    assert await told(database) == [*BOTH_BANKS, (BANKS[3], "N9")]
