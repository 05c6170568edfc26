"""What became of events: dead letters, replays of one and of a span, and what never had its turn."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from domain.base import utcnow
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound
from domain.secrets import Cipher
from domain.webhooks import history, queue, subscribing
from domain.webhooks.addresses import Addresses
from domain.webhooks.history import Unreachable
from domain.webhooks.queue import TRIED_FOR, Failure, Occurrence
from domain.webhooks.subscribing import NewWebhook
from domain.webhooks.tables import Event, State, WebhookDeliveryRow, WebhookRow

HOLD = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


async def subscribe(database: Database, cipher: Cipher, institution: str = "苏州银行") -> str:
    new = NewWebhook(url="https://bank.example/hook", events=(Event.MOVED, Event.DUE))
    async with database.unit_of_work() as session:
        made = await subscribing.subscribe(
            session, institution, new, addresses=Addresses(), cipher=cipher, by="test", now=utcnow()
        )
    return made.row.id


async def tell(database: Database, event_id: str, at: datetime, event: Event = Event.MOVED) -> None:
    async with database.unit_of_work() as session:
        await queue.queue(session, "苏州银行", Occurrence(event_id, event, at, {}), at)


async def try_all(database: Database, now: datetime, *, well: bool) -> None:
    """Send what is due, as a sender whose receiver takes it or does not."""
    async with database.unit_of_work() as session:
        for claimed in await queue.claim(session, now, limit=100, hold=HOLD):
            if well:
                await queue.succeed(session, claimed, 200, now)
            else:
                await queue.fail(session, claimed, Failure("HTTP 503", 503), now)


async def states(database: Database, webhook_id: str, **which: object) -> dict[str, str]:
    filters = {"state": None, "event": None, "before": None, "size": 100} | which
    async with database.reading() as session:
        rows = await history.page(session, webhook_id, **filters)  # type: ignore[arg-type]
    return {row.event_id: row.state for row in rows}


async def test_a_page_is_the_newest_of_one_subscription(database: Database, cipher: Cipher) -> None:
    webhook_id, other = await subscribe(database, cipher), await subscribe(database, cipher)
    now = utcnow()
    for number in range(4):
        await tell(database, f"EV{number}", now, (Event.MOVED, Event.DUE)[number % 2])
    assert list(await states(database, webhook_id, size=2)) == ["EV3", "EV2"]
    assert list(await states(database, webhook_id, event=Event.DUE)) == ["EV3", "EV1"]
    assert await states(database, webhook_id, state=State.DEAD) == {}
    async with database.reading() as session:
        rows = await history.page(session, webhook_id, state=None, event=None, before=None, size=2)
    assert list(await states(database, webhook_id, before=rows[-1].id)) == ["EV1", "EV0"]
    assert len(await states(database, other)) == 4


async def test_one_is_sent_again_with_its_id_for_another_day(database: Database, cipher: Cipher) -> None:
    webhook_id, began = await subscribe(database, cipher), utcnow()
    await tell(database, "EV1", began)
    late = began + TRIED_FOR
    await try_all(database, late, well=False)
    assert await states(database, webhook_id) == {"EV1": State.DEAD}
    async with database.unit_of_work() as session:
        webhook = await session.get_one(WebhookRow, webhook_id)
        (dead,) = await history.page(session, webhook_id, state=State.DEAD, event=None, before=None, size=9)
        again = await history.replay(session, webhook, dead.id, late)
        assert (again.state, again.attempts, again.since, again.event_id) == (State.QUEUED, 0, late, "EV1")
    await try_all(database, late + SECOND, well=False)
    assert await states(database, webhook_id) == {"EV1": State.QUEUED}, "its day began anew"
    await try_all(database, late + timedelta(minutes=1), well=True)
    assert await states(database, webhook_id) == {"EV1": State.DELIVERED}


async def test_what_still_waits_is_not_hurried(database: Database, cipher: Cipher) -> None:
    webhook_id, now = await subscribe(database, cipher), utcnow()
    await tell(database, "EV1", now)
    await try_all(database, now, well=False)
    async with database.unit_of_work() as session:
        webhook = await session.get_one(WebhookRow, webhook_id)
        (row,) = await history.page(session, webhook_id, state=None, event=None, before=None, size=9)
        due = row.not_before
        assert (await history.replay(session, webhook, row.id, now)).not_before == due
        assert row.attempts == 1


async def test_another_s_delivery_is_not_there(database: Database, cipher: Cipher) -> None:
    mine, other = await subscribe(database, cipher), await subscribe(database, cipher, "江苏银行")
    await tell(database, "EV1", utcnow())
    async with database.unit_of_work() as session:
        webhook = await session.get_one(WebhookRow, other)
        (row,) = await history.page(session, mine, state=None, event=None, before=None, size=9)
        for number in (row.id, 10**17):
            with pytest.raises(NotFound):
                await history.replay(session, webhook, number, utcnow())


async def test_a_span_is_half_open_and_takes_the_states_that_are_asked_for(
    database: Database, cipher: Cipher
) -> None:
    webhook_id, began = await subscribe(database, cipher), utcnow()
    times = [began + SECOND * number for number in range(4)]
    for number, at in enumerate(times):
        await tell(database, f"EV{number}", at)
    late = began + TRIED_FOR + SECOND * 4
    await try_all(database, late, well=False)
    assert set((await states(database, webhook_id)).values()) == {State.DEAD}
    async with database.unit_of_work() as session:
        webhook = await session.get_one(WebhookRow, webhook_id)
        span = {"since": times[1], "until": times[3], "now": late}
        assert await history.replay_span(session, webhook, states=[State.DELIVERED], **span) == 0
        assert await history.replay_span(session, webhook, states=[State.DEAD], **span) == 2
    found = await states(database, webhook_id)
    assert [name for name, state in found.items() if state == State.QUEUED] == ["EV2", "EV1"]


async def test_a_long_span_is_sent_again_in_portions(database: Database, cipher: Cipher) -> None:
    webhook_id, began = await subscribe(database, cipher), utcnow()
    for number in range(3):
        await tell(database, f"EV{number}", began)
    late = began + TRIED_FOR
    await try_all(database, late, well=False)
    for expected, waiting in ((2, {"EV0", "EV1"}), (1, {"EV0", "EV1", "EV2"}), (0, {"EV0", "EV1", "EV2"})):
        async with database.unit_of_work() as session:
            webhook = await session.get_one(WebhookRow, webhook_id)
            span = {"since": began, "until": late, "now": late, "most": 2}
            assert await history.replay_span(session, webhook, states=[State.DEAD], **span) == expected
        assert set(await states(database, webhook_id, state=State.QUEUED)) == waiting


async def test_what_was_queued_while_the_subscription_ended_is_not_sent(
    database: Database, cipher: Cipher
) -> None:
    """Another unit of work read the subscription before its end was there to be seen."""
    webhook_id, now = await subscribe(database, cipher), utcnow()
    await tell(database, "EV1", now)
    async with database.unit_of_work() as session:
        (await session.get_one(WebhookRow, webhook_id)).ended_at = now
    async with database.unit_of_work() as session:
        assert await queue.claim(session, now, limit=9, hold=HOLD) == []


async def test_of_an_ended_subscription_nothing_is_sent_again(database: Database, cipher: Cipher) -> None:
    webhook_id, now = await subscribe(database, cipher), utcnow()
    await tell(database, "EV1", now)
    async with database.unit_of_work() as session:
        webhook = await subscribing.end(session, webhook_id, "苏州银行", now)
        (row,) = await history.page(session, webhook_id, state=None, event=None, before=None, size=9)
        with pytest.raises(NotAllowedNow):
            await history.replay(session, webhook, row.id, now)
        with pytest.raises(NotAllowedNow):
            await history.replay_span(
                session, webhook, since=now, until=now + SECOND, states=[State.DEAD], now=now
            )


async def test_what_never_had_its_turn_is_given_up_after_a_day(database: Database, cipher: Cipher) -> None:
    webhook_id, began = await subscribe(database, cipher), utcnow()
    await tell(database, "EV1", began)
    await tell(database, "EV2", began + SECOND * 2)
    for when, expected in ((began + TRIED_FOR, 0), (began + TRIED_FOR + SECOND, 1)):
        async with database.unit_of_work() as session:
            assert await Unreachable().portion(session, when, 100) == expected
    found = await states(database, webhook_id)
    assert found == {"EV2": State.QUEUED, "EV1": State.DEAD}


async def test_what_a_dead_sender_left_is_given_up_too(database: Database, cipher: Cipher) -> None:
    webhook_id, began = await subscribe(database, cipher), utcnow()
    await tell(database, "EV1", began)
    late = began + TRIED_FOR + SECOND
    async with database.unit_of_work() as session:
        assert len(await queue.claim(session, late, limit=9, hold=HOLD)) == 1
    for when, expected in ((late, 0), (late + HOLD + SECOND, 1)):
        async with database.unit_of_work() as session:
            assert await Unreachable().portion(session, when, 100) == expected, "not what is under way"
    assert await states(database, webhook_id) == {"EV1": State.DEAD}


async def test_a_secret_is_sealed_in_its_column(database: Database, cipher: Cipher) -> None:
    new = NewWebhook(url="https://bank.example/hook", events=(Event.MOVED,))
    async with database.unit_of_work() as session:
        made = await subscribing.subscribe(
            session, "苏州银行", new, addresses=Addresses(), cipher=cipher, by="test", now=utcnow()
        )
    async with database.reading() as session:
        row = await session.get_one(WebhookRow, made.row.id)
    assert made.secret.encode() not in row.secret
    assert cipher.decrypt(row.secret, "webhook_secret") == made.secret


async def test_an_event_is_queued_once_for_each_that_asks(database: Database, cipher: Cipher) -> None:
    first, second = await subscribe(database, cipher), await subscribe(database, cipher)
    await subscribe(database, cipher, "江苏银行")
    for _ in range(2):
        await tell(database, "EV1", utcnow())
    await tell(database, "EV2", utcnow(), Event.WITHDRAWN)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(WebhookDeliveryRow)) == 2
    for webhook_id in (first, second):
        assert await states(database, webhook_id) == {"EV1": State.QUEUED}
