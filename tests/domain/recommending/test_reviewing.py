"""Advisers at the queue: one has a review at a time, and what he changes is written down as his."""

import asyncio
from datetime import timedelta

import pytest

from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, Refusal, ValueOutOfRange
from domain.recommending import reading, reviewing
from domain.recommending.errors import Changed, NotTaken, TakenByAnother
from domain.recommending.queueing import Found
from domain.recommending.reviewing import Adviser, NewList
from domain.recommending.rules import Act, ReviewState, Source
from tests.domain.databases import on_postgresql, opened
from tests.domain.recommending.desk import (
    AT_ONCE,
    HEFEI,
    HOUR,
    KUNSHAN,
    LI,
    NOW,
    SUZHOU,
    WANG,
    change,
    events,
    finish,
    listed,
    matched,
    review,
    take,
    take_next,
    withdraw,
)

SILENT = timedelta(minutes=30)
OPERATOR = Adviser("client:OPERATOR", stands_in=True)


async def test_who_took_it_has_it_alone_until_he_is_silent_for_too_long(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id, LI)
    with pytest.raises(TakenByAnother):
        await take(database, request_id, WANG, NOW + SILENT - timedelta(seconds=1))
    await take(database, request_id, WANG, NOW + SILENT)
    with pytest.raises(TakenByAnother):
        await change(database, request_id, "A1", at=NOW + SILENT)


async def test_everything_that_he_does_keeps_it_longer(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await take(database, request_id, LI, NOW + SILENT / 2)
    await change(database, request_id, "B1", "A1", "A2", at=NOW + SILENT)
    assert (await review(database, request_id)).holder(NOW + 2 * SILENT - timedelta(seconds=1)) == LI.actor
    assert (await review(database, request_id)).holder(NOW + 2 * SILENT) is None
    with pytest.raises(NotTaken):
        await finish(database, request_id, seen=1, at=NOW + 2 * SILENT)


async def test_an_operator_goes_on_with_what_another_has(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id, LI)
    await take(database, request_id, OPERATOR)
    await finish(database, request_id, by=OPERATOR)
    assert (await review(database, request_id)).finished_by == OPERATOR.actor


async def test_the_next_is_the_oldest_of_his_regions_that_nobody_has(database: Database) -> None:
    far = await matched(database, region=HEFEI, at=NOW - 3 * HOUR)
    second = await matched(database, region=KUNSHAN, at=NOW - HOUR)
    first = await matched(database, region=SUZHOU, at=NOW - 2 * HOUR)
    nowhere = await matched(database, region=None, at=NOW)
    assert [await take_next(database, WANG) for _ in range(3)] == [first, second, nowhere]
    with pytest.raises(NotFound, match="没有待复核"):
        await take_next(database, WANG)
    assert await take_next(database, LI) == far


async def test_of_other_regions_he_knows_nothing(database: Database) -> None:
    request_id = await matched(database, region=HEFEI)
    for step in (take(database, request_id, WANG), change(database, request_id, "A1", by=WANG)):
        with pytest.raises(NotFound):
            await step


async def test_who_has_how_many(database: Database) -> None:
    for _ in range(3):
        await matched(database)
    await take_next(database, LI)
    await take_next(database, WANG)
    await take_next(database, WANG)
    async with database.reading() as session:
        assert await reading.loads(session, NOW) == {LI.actor: 1, WANG.actor: 2}
        assert await reading.loads(session, NOW + SILENT) == {}


async def test_the_list_as_the_adviser_wants_it(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    struck = {"A1": "这家企业在苏州银行还有贷款没还清"}
    shown = await change(database, request_id, "N9", "B1", "A2", struck=struck, note=" 先办农行，\n资料最省 ")
    assert [(row.product, row.rank, row.source) for row in shown.on] == [
        ("N9", 1, Source.ADVISER),
        ("B1", 2, Source.SYSTEM),
        ("A2", 3, Source.SYSTEM),
    ]
    (off,) = shown.off
    assert (off.product, off.struck_reason, off.changed_by) == ("A1", struck["A1"], LI.actor)
    assert (shown.review.note, shown.review.version, shown.changed) == ("先办农行， 资料最省", 1, True)
    assert {row.product: row.changed_by for row in shown.on} == {"N9": LI.actor, "B1": None, "A2": None}
    async with database.reading() as session:
        last = (await reading.steps_of(session, request_id))[-1]
    assert (last.act, last.actor) == (Act.CHANGED, LI.actor)
    assert last.detail == {
        "products": ["N9", "B1", "A2"],
        "struck": struck,
        "added": ["N9"],
        "note": True,
    }


async def test_what_was_struck_off_can_be_taken_back(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await change(database, request_id, "B1", "A2", struck={"A1": "有逾期"})
    shown = await change(database, request_id, "A1", "B1", "A2", seen=1)
    assert [row.product for row in shown.on] == ["A1", "B1", "A2"]
    assert (shown.off, shown.changed) == ((), False)


async def test_a_reason_stays_while_the_list_is_changed_on(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await change(database, request_id, "B1", "A2", struck={"A1": "有逾期"})
    shown = await change(database, request_id, "A2", "B1", seen=1)
    assert [(row.product, row.struck_reason) for row in shown.off] == [("A1", "有逾期")]


@pytest.mark.parametrize(
    ("products", "struck", "words"),
    [
        (("A1", "A1", "B1", "A2"), {}, "只能列一次"),
        (("A1", "B1"), {}, "A2"),
        (("A1", "B1"), {"A2": "   "}, "A2"),
        (("A1", "B1", "A2"), {"A1": "不合适"}, "又推荐又划掉：A1"),
        (("A1", "B1", "A2"), {"XX": "不合适"}, "名单里没有：XX"),
    ],
)
async def test_a_list_that_cannot_be_is_refused(
    database: Database, products: tuple[str, ...], struck: dict[str, str], words: str
) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    with pytest.raises(ValueOutOfRange, match=words):
        await change(database, request_id, *products, struck=struck)
    shown = await listed(database, request_id)
    assert ([row.product for row in shown.on], shown.review.version) == (["A1", "B1", "A2"], 0)


async def test_a_product_that_does_not_fit_is_refused_with_everything(database: Database) -> None:
    def refuse(code: str) -> Found:
        raise ValueOutOfRange("products", f"{code}对不上")

    request_id = await matched(database)
    await take(database, request_id)
    with pytest.raises(ValueOutOfRange, match="N9对不上"):
        async with database.unit_of_work() as session:
            await reviewing.change(
                session,
                request_id,
                NewList(("N9", "B1"), {"A1": "a", "A2": "b"}, ""),
                LI,
                seen=0,
                judged=refuse,
                rules=AT_ONCE,
                now=NOW,
            )
    assert len((await listed(database, request_id)).on) == 3


async def test_who_looked_at_an_older_list_is_told(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await change(database, request_id, "B1", "A1", "A2")
    for step in (change(database, request_id, "A1", "B1", "A2"), finish(database, request_id)):
        with pytest.raises(Changed):
            await step


async def test_without_taking_it_nobody_changes_it(database: Database) -> None:
    request_id = await matched(database)
    for step in (change(database, request_id, "A1"), finish(database, request_id)):
        with pytest.raises(NotTaken):
            await step


async def test_what_is_finished_stays_as_it_is(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    shown = await finish(database, request_id)
    assert (shown.review.standing, shown.review.finished_by) == (ReviewState.FINISHED, LI.actor)
    assert await events(database, "review.finished") == [{"request_id": request_id}]
    for step in (
        take(database, request_id),
        change(database, request_id, "A1"),
        finish(database, request_id),
    ):
        with pytest.raises(NotAllowedNow, match="已复核"):
            await step


async def test_what_was_taken_back_needs_no_review(database: Database) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await withdraw(database, request_id)
    with pytest.raises(NotAllowedNow, match="已结束"):
        await finish(database, request_id)


async def test_there_is_no_review_of_what_nobody_knows(database: Database) -> None:
    for step in (take(database, "RQ0"), change(database, "RQ0", "A1"), finish(database, "RQ0")):
        with pytest.raises(NotFound):
            await step


@on_postgresql
async def test_of_many_advisers_one_has_it(database_url: str, database: Database) -> None:
    request_id = await matched(database)

    async def try_to(number: int) -> bool:
        async with opened(database_url) as mine:
            try:
                await take(mine, request_id, Adviser(f"client:{number}"))
            except Refusal:
                return False
            return True

    assert sum(await asyncio.gather(*map(try_to, range(12)))) == 1


@on_postgresql
async def test_advisers_who_ask_at_once_get_different_ones(database_url: str, database: Database) -> None:
    wanted = {await matched(database) for _ in range(8)}

    async def ask(number: int) -> str:
        async with opened(database_url) as mine:
            return await take_next(mine, Adviser(f"client:{number}"))

    assert set(await asyncio.gather(*map(ask, range(8)))) == wanted
