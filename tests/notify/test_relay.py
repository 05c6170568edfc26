"""From the outbox to deliveries: each letter once, in order, by the configured template."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from domain import events, requests
from domain.base import utcnow
from domain.database import Database
from domain.labels import Purpose
from domain.needs import Need
from domain.requests import RequestRow
from notify import deliveries, quiet, registry
from notify.deliveries import Channel, DeliveryRow, DeliveryState
from notify.notice import Letter, Notice
from notify.relay import Relay
from tests.domain.databases import on_postgresql, on_sqlite, opened
from tests.notify.conftest import relay_of

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NEED = Need(amount_min=500_000, amount_max=1_500_000, purpose=Purpose.EQUIPMENT)


async def rows(database: Database) -> list[DeliveryRow]:
    async with database.reading() as session:
        return list(await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


async def publish(database: Database, need: Need = NEED) -> RequestRow:
    async with database.unit_of_work() as session:
        request = await requests.draft(session, "oZhang", need, NOW)
        await requests.publish(session, request, NOW)
    return request


async def reply(database: Database, *texts: str) -> None:
    async with database.unit_of_work() as session:
        payload = {"openid": "oZhang", "texts": list(texts)}
        events.record(session, events.REPLY_CONTINUED, payload, NOW)


async def test_a_publication_becomes_a_template_message(database: Database, relay: Relay) -> None:
    request = await publish(database)
    assert await relay.run_once() == 1
    (row,) = await rows(database)
    assert (row.notice, row.openid, row.channel, row.state) == (
        "request_progress",
        "oZhang",
        Channel.TEMPLATE,
        DeliveryState.QUEUED,
    )
    assert row.content == {
        "template_id": "SANDBOX-REQUEST-PROGRESS",
        "data": {
            "character_string1": request.id,
            "thing2": "购买设备融资需求",
            "amount3": "1500000元",
            "phrase4": "已发布",
            "time5": "2026-11-23 12:00",
        },
        "url": f"https://rongqiao.example/m/requests/{request.id}",
    }


async def test_a_request_with_nothing_filled_in_is_still_announced(database: Database, relay: Relay) -> None:
    await publish(database, Need())
    await relay.run_once()
    (row,) = await rows(database)
    assert (row.content["data"]["thing2"], row.content["data"]["amount3"]) == ("资金周转融资需求", "0元")


async def test_publication_and_withdrawal_are_two_letters(database: Database, relay: Relay) -> None:
    request = await publish(database)
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, request.id), NOW)
    await relay.run_once()
    # The row has moved on when the first event is read; each letter still tells its own event.
    assert [row.content["data"]["phrase4"] for row in await rows(database)] == ["已发布", "已撤回"]


async def test_an_event_handled_twice_makes_one_delivery(database: Database, relay: Relay) -> None:
    await publish(database)
    await reply(database, "还有一点")
    for _ in range(2):
        await relay.run_once()
        async with database.unit_of_work() as session:
            for event in await session.scalars(select(events.OutboxRow)):
                event.handled_at = None
    assert len(await rows(database)) == 2


async def test_handled_events_are_left_alone(database: Database, relay: Relay) -> None:
    await publish(database)
    assert await relay.run_once() == 1
    assert await relay.run_once() == 0


async def test_an_event_that_nobody_tells_about_is_handled(database: Database, relay: Relay) -> None:
    async with database.unit_of_work() as session:
        events.record(session, "request.looked_at", {}, NOW)
    assert await relay.run_once() == 1
    assert await relay.run_once() == 0
    assert await rows(database) == []


async def test_an_event_about_something_that_is_gone(database: Database, relay: Relay) -> None:
    async with database.unit_of_work() as session:
        events.record(session, events.REQUEST_PUBLISHED, {"request_id": "RQ000000-NONE"}, NOW)
    assert await relay.run_once() == 1
    assert await rows(database) == []


async def test_an_event_that_cannot_be_handled_holds_up_none_behind_it(
    database: Database, relay: Relay
) -> None:
    async with database.unit_of_work() as session:
        events.record(session, events.REQUEST_PUBLISHED, {"no": "request"}, NOW)
    await reply(database, "后面的回答")
    assert await relay.run_once() == 2
    (row,) = await rows(database)
    assert row.content == {"text": "后面的回答"}
    async with database.reading() as session:
        errors = list(await session.scalars(select(events.OutboxRow.error).order_by(events.OutboxRow.id)))
    assert errors == ["KeyError", None]


def test_a_template_field_without_a_value_is_named() -> None:
    known: dict[str, tuple[str, dict[str, str]]] = {notice.name: ("id", {}) for notice in registry.NOTICES}
    templates = known | {"request_progress": ("id", {"thing1": "titel", "time2": "time"})}
    assert registry.unknown_values(templates) == [("request_progress", "thing1")]


async def test_an_answer_waits_for_the_one_before_it(database: Database, relay: Relay) -> None:
    hold = timedelta(minutes=1)
    await reply(database, "一", "二")
    await relay.run_once()
    async with database.unit_of_work() as session:
        (first,) = await deliveries.claim(session, utcnow(), limit=10, hold=hold)
        first.claimed_until, first.not_before = None, utcnow() + hold
    await reply(database, "三")
    await relay.run_once()
    async with database.unit_of_work() as session:
        assert await deliveries.claim(session, utcnow(), limit=10, hold=hold) == []
    for said in "一二三":
        async with database.unit_of_work() as session:
            (row,) = await deliveries.claim(session, utcnow() + 2 * hold, limit=10, hold=hold)
            assert row.content["text"] == said
            row.state = DeliveryState.SENT


async def test_parts_of_an_answer_keep_their_order(database: Database, relay: Relay) -> None:
    await reply(database, "一", "二", "三")
    await reply(database, "四")
    await relay.run_once()
    assert [row.content["text"] for row in await rows(database)] == ["一", "二", "三", "四"]
    assert {row.channel for row in await rows(database)} == {Channel.CUSTOMER_MESSAGE}


async def test_answers_to_what_was_just_done_do_not_wait_for_the_morning(database: Database) -> None:
    await publish(database)
    await relay_of(database, "00:00-23:59").run_once()
    (row,) = await rows(database)
    assert row.not_before <= utcnow()


async def test_what_is_no_answer_waits_for_the_morning(database: Database) -> None:
    """No notice of this kind exists yet; the queueing is the relay's own."""

    async def write(*_: object) -> list[Letter]:
        return []

    values = frozenset({"title", "adviser", "time"})
    notice = Notice("follow_up", values, ("nothing",), immediate=False, write=write)
    letter = Letter("oZhang", "1", {"title": "回访", "adviser": "王经理", "time": NOW}, path="/m/x")
    window = "00:00-23:59"
    async with database.unit_of_work() as session:
        await relay_of(database, window)._letters.queue(session, notice, letter, NOW)
        assert await deliveries.claim(session, NOW, limit=10, hold=timedelta(minutes=1)) == []
    (row,) = await rows(database)
    assert row.not_before == quiet.earliest(NOW, window) > NOW
    assert row.content["url"] == "https://rongqiao.example/m/x"


def test_every_notice_has_a_template_with_its_values() -> None:
    caused = [(notice.name, event) for notice in registry.NOTICES for event in notice.events]
    assert len(caused) == len(set(caused))
    for notice in registry.NOTICES:
        assert all(notice in registry.for_event(event) for event in notice.events)


async def test_an_event_set_aside_is_taken_again_after_an_hour(database: Database, relay: Relay) -> None:
    async with database.unit_of_work() as session:
        events.record(session, events.REPLY_CONTINUED, {"openid": "oZhang"}, utcnow())
    assert await relay.run_once() == 1
    assert await errors(database) == ["KeyError"]
    await mend(database, handled_at=utcnow() - timedelta(minutes=59))
    assert await relay_of(database).run_once() == 0
    assert REGISTRY.get_sample_value("rongqiao_outbox_set_aside") == 1
    await mend(database, handled_at=utcnow() - timedelta(minutes=60))
    assert await relay_of(database).run_once() == 1
    assert await errors(database) == [None]
    assert [row.content["text"] for row in await rows(database)] == ["补上的回答"]
    assert await relay_of(database).run_once() == 0
    assert REGISTRY.get_sample_value("rongqiao_outbox_set_aside") == 0


async def test_an_event_set_aside_is_given_up_after_a_day(database: Database, relay: Relay) -> None:
    async with database.unit_of_work() as session:
        yesterday = utcnow() - timedelta(days=1)
        events.record(session, events.REPLY_CONTINUED, {"openid": "oZhang"}, yesterday)
    await relay.run_once()
    await mend(database, handled_at=utcnow() - timedelta(hours=1))
    assert await relay_of(database).run_once() == 0
    assert await rows(database) == []


async def errors(database: Database) -> list[str | None]:
    async with database.reading() as session:
        return list(await session.scalars(select(events.OutboxRow.error)))


async def mend(database: Database, *, handled_at: datetime) -> None:
    """As a release does that can handle it; when it was tried last is up to the test."""
    async with database.unit_of_work() as session:
        (event,) = await session.scalars(select(events.OutboxRow))
        event.payload = {"openid": "oZhang", "texts": ["补上的回答"]}
        event.handled_at = handled_at


@on_postgresql
async def test_a_lock_that_is_waited_for_in_vain_sets_no_event_aside(database_url: str) -> None:
    async with opened(database_url) as holder, opened(database_url) as database:
        await reply(database, "一", "二")
        async with holder.unit_of_work() as session:
            name = await session.scalar(text("SELECT current_database()"))
            await session.execute(text(f'ALTER DATABASE "{name}" SET lock_timeout = 100'))
        async with opened(database_url) as hurried:
            async with holder.unit_of_work() as session:
                await session.execute(text("LOCK TABLE deliveries"))
                with pytest.raises(DBAPIError):
                    await relay_of(hurried).run_once()
            assert await relay_of(hurried).run_once() == 1
        assert [row.content["text"] for row in await rows(database)] == ["一", "二"]


@on_sqlite
async def test_trouble_of_the_database_sets_no_event_aside(database: Database, relay: Relay) -> None:
    """A table that is away for a moment stands for what SQLite calls operational: locks, a full disk."""
    await reply(database, "一", "二")
    await execute(database, "ALTER TABLE deliveries RENAME TO elsewhere")
    with pytest.raises(OperationalError):
        await relay.run_once()
    await execute(database, "ALTER TABLE elsewhere RENAME TO deliveries")
    assert await relay.run_once() == 1
    assert [row.content["text"] for row in await rows(database)] == ["一", "二"]


async def execute(database: Database, statement: str) -> None:
    async with database.unit_of_work() as session:
        await session.execute(text(statement))
