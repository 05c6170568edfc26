"""What institutions do: follow, meet, offer, invest, pass; the furthest of them is the request's state."""

import asyncio
from datetime import date

import pytest
from pydantic import ValidationError

from domain import events
from domain.equity import reading
from domain.equity.following import EquityEvent, EventKind
from domain.equity.labels import EquityFollow, EquityStatus, PassReason
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from tests.domain.equity.scene import BANK, DAY, FUND, NOW, OTHER_FUND, Scene


async def test_following_twice_is_following_once(scene: Scene) -> None:
    request_id = await scene.published()
    first = await scene.follow(request_id)
    again = await scene.follow(request_id, at=NOW + DAY)
    assert first.follow.followed_at == again.follow.followed_at == NOW
    assert (await scene.row(request_id)).state is EquityStatus.FOLLOWED
    (event,) = await scene.events(events.EQUITY_MOVED)
    assert (event["institution"], event["before"], event["after"]) == (FUND, None, "following")


async def test_all_the_way_to_the_money(scene: Scene) -> None:
    request_id = await scene.published()
    await scene.follow(request_id)
    for kind, status in (
        (EventKind.MET, EquityStatus.MET),
        (EventKind.MET, EquityStatus.MET),
        (EventKind.TERM_SHEET, EquityStatus.TERM_SHEET),
    ):
        await scene.tell(request_id, kind)
        assert (await scene.row(request_id)).state is status
    done = await scene.tell(request_id, EventKind.INVESTED, amount=3_000_000, on=date(2026, 11, 20))
    assert (done.follow.amount, done.follow.happened_on) == (3_000_000, date(2026, 11, 20))
    assert (await scene.row(request_id)).state is EquityStatus.INVESTED
    async with scene.database.reading() as session:
        steps = await reading.steps_of(session, request_id)
    of_the_fund = [step.after for step in steps if step.institution == FUND]
    assert of_the_fund == ["following", "met", "met", "term_sheet", "invested"]
    assert {step.actor for step in steps if step.institution} == {f"client:{FUND}"}


async def test_another_joins_who_leads(scene: Scene) -> None:
    request_id = await scene.published()
    await scene.follow(request_id)
    await scene.tell(request_id, EventKind.INVESTED, amount=3_000_000)
    with pytest.raises(NotAllowedNow, match="已经投资"):
        await scene.follow(request_id)
    await scene.follow(request_id, OTHER_FUND)
    assert (await scene.row(request_id)).state is EquityStatus.INVESTED, "the furthest of both"


async def test_who_passes_makes_room_and_may_come_back(scene: Scene) -> None:
    request_id = await scene.published()
    await scene.follow(request_id)
    await scene.follow(request_id, OTHER_FUND)
    await scene.tell(request_id, EventKind.MET)
    passed = await scene.tell(request_id, EventKind.PASSED, reason=PassReason.VALUATION, note="再看看")
    assert (passed.follow.state, passed.follow.reason) == (EquityFollow.PASSED, "valuation")
    assert (await scene.row(request_id)).state is EquityStatus.FOLLOWED
    await scene.tell(request_id, EventKind.PASSED, OTHER_FUND, reason=PassReason.STAGE)
    assert (await scene.row(request_id)).state is EquityStatus.PUBLISHED
    with pytest.raises(NotAllowedNow, match="不能记为"):
        await scene.tell(request_id, EventKind.MET)
    back = await scene.follow(request_id, at=NOW + DAY)
    assert (back.follow.state, back.follow.reason) == (EquityFollow.FOLLOWING, None)


async def test_nobody_goes_back_or_tells_of_tomorrow(scene: Scene) -> None:
    request_id = await scene.published()
    await scene.follow(request_id)
    await scene.tell(request_id, EventKind.TERM_SHEET)
    with pytest.raises(NotAllowedNow, match="已出意向书"):
        await scene.tell(request_id, EventKind.MET)
    with pytest.raises(ValueOutOfRange, match="不能晚于今天"):
        await scene.tell(request_id, EventKind.INVESTED, amount=1, on=date(2026, 11, 24))
    assert (await scene.row(request_id)).state is EquityStatus.TERM_SHEET


async def test_what_is_not_on_the_market_is_followed_by_nobody(scene: Scene) -> None:
    draft = await scene.draft()
    for missing in (draft, "EQ000000-00000000", "\x00"):
        with pytest.raises(NotFound):
            await scene.follow(missing)
        with pytest.raises(NotFound):
            await scene.tell(missing, EventKind.MET)
    await scene.publish(draft)
    with pytest.raises(NotFound, match="没有跟进"):
        await scene.tell(draft, EventKind.MET)
    await scene.withdraw(draft)
    with pytest.raises(NotFound):
        await scene.follow(draft)


async def test_following_and_taking_back_at_once_leaves_nobody_behind(scene: Scene) -> None:
    request_id = await scene.published()
    await asyncio.gather(scene.follow(request_id), scene.withdraw(request_id), return_exceptions=True)
    async with scene.database.reading() as session:
        follows = (await reading.follows_of(session, [request_id]))[request_id]
    assert [follow.state for follow in follows] in ([], [EquityFollow.ENDED])


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "invested"},
        {"kind": "invested", "amount": 0},
        {"kind": "met", "amount": 5},
        {"kind": "passed"},
        {"kind": "met", "reason": "team"},
        {"kind": "married"},
    ],
)
def test_an_event_says_what_it_must_and_nothing_else(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EquityEvent.model_validate(told)


async def test_only_investors_on_the_market_invest(scene: Scene) -> None:
    async with scene.database.reading() as session:
        assert [await reading.is_investor(session, name) for name in (FUND, BANK, "没有的机构")] == [
            True,
            False,
            False,
        ]
