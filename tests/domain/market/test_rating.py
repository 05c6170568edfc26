"""What owners think, and what the answer records make of an institution's steps."""

from datetime import timedelta

import pytest

from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.market import deciding, following, reading
from domain.market.rating import AnswerRecord, answer_records, rate
from domain.market.rules import RejectReason
from domain.market.tables import RatingRow
from tests.domain.market.fair import (
    DAY,
    GRANT,
    HOUR,
    NOW,
    OWNER,
    RULES,
    TERMS,
    A,
    B,
    C,
    D,
    clock,
    opened_market,
)


async def decided(database: Database) -> str:
    """A approves after 2 hours and lends, B rejects after 10, C lets it lapse, D leaves."""
    request_id = await opened_market(database)
    async with database.unit_of_work() as session:
        for bank in (A, B, C):
            await following.follow(session, request_id, bank, by="x", now=NOW, rules=RULES)
        later = {"by": "x", "rules": RULES}
        await deciding.reject(session, request_id, B, RejectReason.DEBT, now=NOW + 10 * HOUR, **later)
        await following.follow(session, request_id, D, now=NOW + 10 * HOUR, **later)
        await following.leave(session, request_id, D, now=NOW + 11 * HOUR, **later)
        await deciding.approve(session, request_id, A, TERMS, now=NOW + 12 * HOUR, **later)
    await clock(database, NOW + 5 * DAY)
    async with database.unit_of_work() as session:
        await deciding.grant(session, request_id, A, GRANT, now=NOW + 6 * DAY, **later)
    return request_id


async def say(database: Database, request_id: str, bank: str, stars: int, **more: str) -> RatingRow:
    async with database.unit_of_work() as session:
        openid, words = more.get("openid", OWNER), more.get("words", "")
        return await rate(session, openid, request_id, bank, stars, words, NOW + 7 * DAY)


async def test_the_owner_rates_who_decided_and_may_think_again(database: Database) -> None:
    request_id = await decided(database)
    await say(database, request_id, A, 3, words="就是慢了点")
    await say(database, request_id, A, 5, words="客户经理很负责")
    await say(database, request_id, B, 2)
    async with database.reading() as session:
        said = await reading.ratings_of(session, request_id)
    assert {bank: (row.stars, row.words) for bank, row in said.items()} == {
        A: (5, "客户经理很负责"),
        B: (2, ""),
    }


async def test_nobody_else_is_rated_nor_rates(database: Database) -> None:
    request_id = await decided(database)
    for bank in (C, D, "招商银行"):
        with pytest.raises(NotAllowedNow, match="还没有"):
            await say(database, request_id, bank, 5)
    with pytest.raises(NotFound):
        await say(database, request_id, A, 5, openid="oLi")
    for stars in (0, 6):
        with pytest.raises(ValueOutOfRange, match="颗星"):
            await say(database, request_id, A, stars)
    for words in ("长" * 501, "\x00"):
        with pytest.raises(ValueOutOfRange, match="评价"):
            await say(database, request_id, A, 5, words=words)


async def test_the_records_say_how_they_answered(database: Database) -> None:
    request_id = await decided(database)
    other = await opened_market(database)
    async with database.unit_of_work() as session:
        await following.follow(session, other, A, by="x", now=NOW, rules=RULES)
    await clock(database, NOW + 5 * DAY)
    await say(database, request_id, A, 4)
    async with database.reading() as session:
        records = await answer_records(session, NOW + 8 * DAY)
    assert set(records) == {A, B, C, D}
    assert records[A] == AnswerRecord(
        decided=1,
        missed=1,
        approved=1,
        granted=1,
        ratings=1,
        in_time_share=0.5,
        approval_share=1.0,
        median_hours=12.0,
        stars=4.0,
    )
    assert (records[B].in_time_share, records[B].approval_share, records[B].median_hours) == (1.0, 0.0, 10.0)
    # To leave without an answer is no answer.
    assert [(records[bank].missed, records[bank].in_time_share) for bank in (C, D)] == [(1, 0.0), (1, 0.0)]


async def test_what_is_long_ago_does_not_count(database: Database) -> None:
    request_id = await decided(database)
    await say(database, request_id, A, 4)
    async with database.reading() as session:
        assert await answer_records(session, NOW + timedelta(days=400)) == {}
