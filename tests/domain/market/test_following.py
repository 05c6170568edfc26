"""Who gets a place, who waits, and who may not."""

from dataclasses import replace

import pytest

from domain import events as names
from domain import institutions, requests
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, Refusal, ValueOutOfRange
from domain.market import deciding, following, reading
from domain.market.following import AlreadyFollows, NotNamed
from domain.market.tables import FollowRow
from domain.needs import Need
from domain.requests import RequestRow
from tests.domain.market.fair import (
    BANKS,
    DAY,
    HOUR,
    NOW,
    OWNER,
    RULES,
    TERMS,
    A,
    B,
    C,
    D,
    E,
    clock,
    events,
    follow_of,
    offer_product,
    opened_market,
    states,
    status,
)


async def follow(database: Database, request_id: str, institution: str, **more: object) -> FollowRow:
    async with database.unit_of_work() as session:
        arguments = {"by": f"client:{institution}", "now": NOW, "rules": RULES} | more
        return await following.follow(session, request_id, institution, **arguments)


async def leave(database: Database, request_id: str, institution: str) -> FollowRow:
    async with database.unit_of_work() as session:
        return await following.leave(session, request_id, institution, by="client", now=NOW, rules=RULES)


async def test_first_come_three_have_places_and_the_others_wait_in_order(database: Database) -> None:
    request_id = await opened_market(database)
    rows = [await follow(database, request_id, bank) for bank in BANKS]
    assert [row.state for row in rows] == ["following"] * 3 + ["waiting"] * 3
    assert [row.turn for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.until for row in rows] == [NOW + 5 * DAY] * 3 + [None] * 3
    assert await status(database, request_id) == "followed"


async def test_every_step_says_who_took_it_and_is_told(database: Database) -> None:
    request_id = await opened_market(database)
    await follow(database, request_id, A)
    async with database.reading() as session:
        (step,) = await reading.steps_of(session, request_id)
        assert (step.actor, step.before, step.after, step.at) == (f"client:{A}", None, "following", NOW)
    assert await events(database, names.FOLLOW_MOVED) == [
        {
            "request_id": request_id,
            "institution": A,
            "before": None,
            "after": "following",
            "step": step.id,
            "until": (NOW + 5 * DAY).isoformat(),
        }
    ]


async def test_a_city_that_lets_one_grab_it(database: Database) -> None:
    request_id = await opened_market(database)
    rules = replace(RULES, grab=True)
    assert (await follow(database, request_id, A, rules=rules)).state == "following"
    assert (await follow(database, request_id, B, rules=rules)).state == "waiting"


async def test_only_who_is_named_may_follow(database: Database) -> None:
    request_id = await opened_market(database, B, C)
    with pytest.raises(NotNamed):
        await follow(database, request_id, A)
    assert (await follow(database, request_id, B)).state == "following"


async def test_who_is_not_known_or_has_left_the_market_may_not(database: Database) -> None:
    request_id = await opened_market(database)
    with pytest.raises(NotFound, match="没有这家机构"):
        await follow(database, request_id, "某某小贷")
    async with database.unit_of_work() as session:
        await institutions.leave_market(session, A, by="operator", reason="停业", now=NOW)
    with pytest.raises(NotAllowedNow, match="退出平台"):
        await follow(database, request_id, A)
    assert await states(database, request_id) == {}


async def test_who_offers_products_is_known(database: Database) -> None:
    request_id = await opened_market(database)
    await offer_product(database, "X-1", "浦发银行", 3)
    assert (await follow(database, request_id, "浦发银行")).state == "following"


async def test_the_days_are_the_products(database: Database) -> None:
    request_id = await opened_market(database, product="设备贷")
    await offer_product(database, "A-1", A, 2)
    await offer_product(database, "B-1", B, 3)
    assert (await follow(database, request_id, A, product="A-1")).until == NOW + 2 * DAY
    # Nothing stated: the product that the owner picked, where it is this institution's.
    assert (await follow(database, request_id, B)).until == NOW + 3 * DAY
    assert (await follow(database, request_id, C)).until == NOW + 5 * DAY


async def test_another_ones_product_or_too_many_days(database: Database) -> None:
    request_id = await opened_market(database)
    await offer_product(database, "A-1", A, 2)
    with pytest.raises(NotFound, match="没有这个产品"):
        await follow(database, request_id, B, product="A-1")
    for days in (0, 6):
        with pytest.raises(ValueOutOfRange, match="1 到 5 天"):
            await follow(database, request_id, B, decision_days=days)
    assert (await follow(database, request_id, B, decision_days=1)).until == NOW + DAY


async def test_twice_is_once(database: Database) -> None:
    request_id = await opened_market(database)
    for bank in (A, B, C, D):
        await follow(database, request_id, bank)
    with pytest.raises(AlreadyFollows, match="已经在跟进"):
        await follow(database, request_id, A)
    with pytest.raises(AlreadyFollows, match="已经在排队"):
        await follow(database, request_id, D)


async def test_a_place_that_is_left_is_kept_for_the_first_who_waits(database: Database) -> None:
    request_id = await opened_market(database)
    for bank in (A, B, C, D, E):
        await follow(database, request_id, bank)
    await leave(database, request_id, B)
    kept = await follow_of(database, request_id, D)
    assert (kept.state, kept.until) == ("waiting", NOW + DAY)
    assert await events(database, names.PLACE_OFFERED) == [
        {"request_id": request_id, "institution": D, "until": (NOW + DAY).isoformat()}
    ]
    # It is his alone: who waits behind him, or comes now, does not get it.
    with pytest.raises(AlreadyFollows):
        await follow(database, request_id, E)
    assert (await follow(database, request_id, B)).state == "waiting"
    taken = await follow(database, request_id, D, now=NOW + HOUR)
    assert (taken.state, taken.place_at, taken.until) == ("following", NOW + HOUR, NOW + HOUR + 5 * DAY)
    # Who left and came back stands behind all others.
    assert (await follow_of(database, request_id, B)).turn == 6


async def test_what_was_said_in_the_line_holds_for_the_place(database: Database) -> None:
    request_id = await opened_market(database)
    await offer_product(database, "D-1", D, 2)
    for bank in (A, B, C):
        await follow(database, request_id, bank)
    await follow(database, request_id, D, product="D-1", branch="昆山支行")
    await leave(database, request_id, A)
    taken = await follow(database, request_id, D, now=NOW + HOUR)
    assert (taken.product, taken.branch, taken.until) == ("D-1", "昆山支行", NOW + HOUR + 2 * DAY)
    await follow(database, request_id, E, decision_days=4)
    await leave(database, request_id, B)
    assert (await follow(database, request_id, E, decision_days=1)).until == NOW + DAY


async def test_leaving_the_line(database: Database) -> None:
    request_id = await opened_market(database)
    for bank in (A, B, C, D, E):
        await follow(database, request_id, bank)
    await leave(database, request_id, D)
    await leave(database, request_id, A)
    assert (await follow_of(database, request_id, E)).has_offer
    with pytest.raises(NotAllowedNow, match="已结束"):
        await leave(database, request_id, A)
    with pytest.raises(NotFound):
        await leave(database, request_id, "招商银行")


async def test_the_last_who_leaves_gives_the_request_back_to_the_market(database: Database) -> None:
    request_id = await opened_market(database)
    await follow(database, request_id, A)
    assert (await leave(database, request_id, A)).cause == "left"
    assert await status(database, request_id) == "published"


async def test_what_is_not_on_the_market_is_not_followed(database: Database) -> None:
    request_id = await opened_market(database)
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, request_id), NOW)
    with pytest.raises(NotAllowedNow, match="已撤回"):
        await follow(database, request_id, A)
    for unknown in ("RQ000000-NONE", "\x00"):
        with pytest.raises(NotFound):
            await follow(database, unknown, A)


async def test_a_draft_does_not_exist_for_institutions(database: Database) -> None:
    await opened_market(database)
    async with database.unit_of_work() as session:
        draft = await requests.draft(session, OWNER, Need(), NOW)
    with pytest.raises(NotFound):
        await follow(database, draft.id, A)


async def test_withdrawn_every_follow_under_way_ends(database: Database) -> None:
    request_id = await opened_market(database)
    for bank in BANKS:
        await follow(database, request_id, bank)
    async with database.unit_of_work() as session:
        await deciding.approve(session, request_id, A, TERMS, by="a", now=NOW, rules=RULES)
        await deciding.reject(
            session, request_id, B, deciding.RejectReason.DEBT, by="b", now=NOW, rules=RULES
        )
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, request_id), NOW)
    assert await states(database, request_id) == dict.fromkeys(BANKS, "ended") | {B: "rejected"}
    told = await events(database, names.FOLLOW_MOVED)
    assert [payload["reason"] for payload in told[-5:]] == ["withdrawn"] * 5
    assert await clock(database, NOW + 30 * DAY) == 0


async def test_what_is_replaced_loses_those_who_wait_too(database: Database) -> None:
    request_id = await opened_market(database)
    for bank in (A, B, C, D):
        await follow(database, request_id, bank)
    for bank in (A, B, C):
        await leave(database, request_id, bank)
    assert await status(database, request_id) == "published"
    async with database.unit_of_work() as session:
        old = await session.get_one(RequestRow, request_id)
        new = await requests.draft(session, OWNER, old.need, NOW, replaces=request_id)
        await requests.publish(session, new, NOW)
    assert (await states(database, request_id))[D] == "ended"


async def test_a_refusal_changes_nothing(database: Database) -> None:
    request_id = await opened_market(database)
    await follow(database, request_id, A)
    before = len(await events(database, names.FOLLOW_MOVED))
    with pytest.raises(Refusal):
        await follow(database, request_id, A, now=NOW + DAY)
    assert len(await events(database, names.FOLLOW_MOVED)) == before


async def test_a_turn_is_given_up_even_if_it_has_just_run_out(database: Database) -> None:
    """A place was kept for D and he let the time pass; the worker has not come yet, and E waits on."""
    request_id = await opened_market(database)
    for bank in (A, B, C, D, E):
        await follow(database, request_id, bank)
    await leave(database, request_id, A)
    late = NOW + 2 * DAY
    for bank, expected in ((D, "lapsed"), (E, "ended"), (B, "following")):
        async with database.unit_of_work() as session:
            await following.stop_waiting(session, request_id, bank, by="client", now=late, rules=RULES)
        assert (await follow_of(database, request_id, bank)).state == expected


async def test_what_it_waits_for_is_locked_newest_first_as_by_who_takes_requests_back(
    database: Database,
) -> None:
    older, newer = [await opened_market(database) for _ in range(2)]
    async with database.unit_of_work() as session:
        (await session.get_one(RequestRow, older)).created_at = NOW - DAY
    for request_id in (older, newer):
        for bank in (A, B, C, D):
            await follow(database, request_id, bank)
    await follow(database, await opened_market(database), D)
    async with database.reading() as session:
        assert await following.waits_for(session, D) == [newer, older]
        assert await following.waits_for(session, A) == []
    async with database.unit_of_work() as session:
        uscc = (await session.get_one(RequestRow, older)).uscc
        assert uscc is not None
        taken_back = [row.id for row in await requests.withdrawable(session, uscc)]
    assert [one for one in taken_back if one in {older, newer}] == [newer, older]
