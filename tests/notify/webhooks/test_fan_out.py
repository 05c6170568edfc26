"""From the outbox to webhooks: whom an event concerns, and how much of it he is told."""

from typing import Any

import pytest
from sqlalchemy import select, update

from domain import clients, events, institutions, requests, saved_filters
from domain.base import utcnow
from domain.browsing import RequestFilter
from domain.clients import ClientRow, NewClient, Role
from domain.database import Database
from domain.institutions import Institution
from domain.market import following
from domain.market.rules import MarketRules
from domain.needs import Need
from domain.saved_filters import NewFilter, Owner
from domain.webhooks import subscribing
from domain.webhooks.addresses import Addresses
from domain.webhooks.subscribing import NewWebhook
from domain.webhooks.tables import Event, WebhookDeliveryRow, WebhookRow
from notify.webhooks import fan_out
from tests.notify.webhooks.conftest import CIPHER

HOUSES = ("苏州银行", "江苏银行")
Told = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture
async def houses(database: Database) -> Database:
    """Two institutions whose systems hear of everything."""
    now = utcnow()
    async with database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=name) for name in HOUSES], now)
        for name in HOUSES:
            new = NewWebhook(url="https://bank.example/hook", events=tuple(Event))
            await subscribing.subscribe(
                session, name, new, addresses=Addresses(), cipher=CIPHER, by="test", now=now
            )
    return database


async def published(database: Database, need: Need) -> str:
    now = utcnow()
    async with database.unit_of_work() as session:
        row = await requests.draft(session, "oZhang", need, now)
        await requests.publish(session, row, now)
        return row.id


async def told(database: Database) -> Told:
    """What systems are told of all that was recorded; every event is handled twice, as after a crash."""
    async with database.unit_of_work() as session:
        recorded = await events.claim(session, 100)
        for event in recorded * 2:
            await fan_out.spread(session, event)
            await session.flush()
        for event in recorded:
            event.handled_at = utcnow()
    async with database.reading() as session:
        query = (
            select(WebhookRow.institution, WebhookDeliveryRow.event, WebhookDeliveryRow.data)
            .join(WebhookRow, WebhookRow.id == WebhookDeliveryRow.webhook_id)
            .order_by(WebhookDeliveryRow.id)
        )
        return [tuple(row) for row in await session.execute(query)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (events.REQUEST_RECOMMENDED, ("request.recommended", ("request_id", "product"))),
        (events.PLACE_OFFERED, ("place.offered", ("request_id", "until"))),
        (events.FOLLOW_MOVED, ("follow.moved", ("request_id", "after", "until"))),
        (events.FOLLOW_DUE, ("follow.due", ("request_id", "until"))),
    ],
)
async def test_what_concerns_one_house_is_told_to_it_alone_and_without_the_owner(
    houses: Database, name: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    payload = {
        "institution": "苏州银行",
        "request_id": "RQ1",
        "product": "P1",
        "after": "following",
        "until": "2026-11-26",
        "step": 1,
        "openid": "oZhang",
        "uscc": "91320583MA1MABCD5X",
    }
    async with houses.unit_of_work() as session:
        events.record(session, name, payload, utcnow())
    event, shown = expected
    assert await told(houses) == [("苏州银行", event, {key: payload[key] for key in shown})]


async def test_what_is_none_of_theirs_is_told_to_nobody(houses: Database) -> None:
    async with houses.unit_of_work() as session:
        events.record(session, events.REVIEW_FINISHED, {"request_id": "RQ1"}, utcnow())
    await published(houses, Need(region="320583"))
    assert await told(houses) == [], "nobody asked to be told of new requests"


async def test_who_follows_hears_that_the_owner_withdrew(houses: Database) -> None:
    request_id, now = await published(houses, Need(region="320583")), utcnow()
    async with houses.unit_of_work() as session:
        await following.follow(session, request_id, "苏州银行", by="test", now=now, rules=MarketRules())
    before = await told(houses)
    assert [(house, event) for house, event, _ in before] == [("苏州银行", "follow.moved")]
    async with houses.unit_of_work() as session:
        row = await requests.held(session, request_id)
        assert row is not None
        await requests.withdraw(session, row, utcnow())
    found = (await told(houses))[len(before) :]
    assert ("苏州银行", "request.withdrawn", {"request_id": request_id}) in found
    assert {house for house, _, _ in found} == {"苏州银行"}


async def keep(database: Database, institution: str, name: str, wanted: RequestFilter, *, tell: bool) -> str:
    """A client with the filter; the filter's id."""
    now = utcnow()
    async with database.unit_of_work() as session:
        new = NewClient(name=name, role=Role.INSTITUTION, institution=institution)
        client = clients.create(session, new, by="test", now=now).row
        owner = Owner(client.id, institution)
        row = await saved_filters.save(session, owner, NewFilter(name=name, filter=wanted, tell=tell), now)
        return row.id


async def test_filters_that_ask_for_it_tell_of_new_requests_that_pass(houses: Database) -> None:
    kunshan, hangzhou = RequestFilter(regions=("320583",)), RequestFilter(regions=("330100",))
    ids = [await keep(houses, "苏州银行", name, kunshan, tell=True) for name in "ab"]
    await keep(houses, "苏州银行", "elsewhere", hangzhou, tell=True)
    await keep(houses, "江苏银行", "silent", kunshan, tell=False)
    request_id = await published(houses, Need(region="320583"))
    (only,) = await told(houses)
    assert only[:2] == ("苏州银行", "request.matched")
    assert only[2]["request_id"] == request_id
    assert sorted(one["name"] for one in only[2]["filters"]) == ["a", "b"]
    assert {one["id"] for one in only[2]["filters"]} == set(ids)


async def test_of_what_is_not_for_them_nobody_is_told(houses: Database) -> None:
    for house in HOUSES:
        await keep(houses, house, "all", RequestFilter(), tell=True)
    async with houses.unit_of_work() as session:
        await institutions.leave_market(session, "江苏银行", reason="退出", by="test", now=utcnow())
    await published(houses, Need(institutions=("江苏银行",)))
    request_id = await published(houses, Need())
    assert [(house, data["request_id"]) for house, _, data in await told(houses)] == [
        ("苏州银行", request_id)
    ]


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
async def test_a_token_that_is_void_is_told_nothing(houses: Database, ended: str) -> None:
    await keep(houses, "苏州银行", "all", RequestFilter(), tell=True)
    async with houses.unit_of_work() as session:
        await session.execute(update(ClientRow).values({ended: utcnow()}))
    await published(houses, Need())
    assert await told(houses) == []
