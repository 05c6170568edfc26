"""Events on their way to subscriptions: queued once, claimed by one sender, tried for a day, replayed.

Of one subscription a few events are under way at once, so that a slow receiver holds up no other. One that
fails again and again is left in peace for a while, then tried with one event at a time until it answers.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import trace
from domain.exclusive import alone
from domain.webhooks.tables import REASON_CHARS, Event, State, WebhookDeliveryRow, WebhookRow

TRIED_FOR = timedelta(hours=24)
AT_ONCE = 4
TRIPS_AT = 5
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 15, 900
_FIRST_BACKOFF_SECONDS, _LONGEST_BACKOFF_SECONDS = 5, 3600
# Those that failed together must not come back together.
_JITTER = 0.2
_DOUBLINGS = 16
UNREACHABLE = "not delivered within a day: the receiver did not answer"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What happened, for one institution; `id` is what receivers tell copies by."""

    id: str
    event: Event
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery with its subscription, held until `delivery.claimed_until`."""

    delivery: WebhookDeliveryRow
    webhook: WebhookRow


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try failed: the answer's HTTP status, if there was one, and a word for it."""

    reason: str
    status: int | None = None


async def queue(session: AsyncSession, institution: str, what: Occurrence, now: datetime) -> None:
    """Write a delivery for each subscription that asks for the event; one that is there stays as it is."""
    standing = select(WebhookRow).where(WebhookRow.institution == institution, WebhookRow.ended_at.is_(None))
    wanting = [row.id for row in await session.scalars(standing) if what.event in row.events]
    known = select(WebhookDeliveryRow.webhook_id).where(
        WebhookDeliveryRow.webhook_id.in_(wanting), WebhookDeliveryRow.event_id == what.id
    )
    have = set(await session.scalars(known)) if wanting else set()
    session.add_all(_delivery(webhook_id, what, now) for webhook_id in wanting if webhook_id not in have)


def _delivery(webhook_id: str, what: Occurrence, now: datetime) -> WebhookDeliveryRow:
    return WebhookDeliveryRow(
        webhook_id=webhook_id,
        event_id=what.id,
        event=what.event,
        occurred_at=what.at,
        data=what.data,
        state=State.QUEUED,
        attempts=0,
        since=now,
        not_before=now,
        claimed_until=None,
        delivered_at=None,
        http_status=None,
        reason=None,
        trace=trace.current(),
    )


async def claim(session: AsyncSession, now: datetime, *, limit: int, hold: timedelta) -> list[Claimed]:
    """What is due, held for `hold` so that other senders skip it; the try begins with that.

    What a sender held that died is taken again after its time: the receiver may then get it twice, with the
    same id.
    """
    # What another is just claiming would still look free, and a receiver get more than its share.
    await alone(session, "webhooks.claim")
    ranked = _ranked(now).subquery()
    query = (
        select(WebhookDeliveryRow, WebhookRow)
        .join(ranked, ranked.c.id == WebhookDeliveryRow.id)
        .join(WebhookRow, WebhookRow.id == WebhookDeliveryRow.webhook_id)
        .where(ranked.c.free == 1, ranked.c.place <= ranked.c.at_once)
        .order_by(ranked.c.place, WebhookDeliveryRow.id)
        .limit(limit)
    )
    claimed = [Claimed(delivery, webhook) for delivery, webhook in await session.execute(query)]
    for one in claimed:
        one.delivery.claimed_until = now + hold
        one.delivery.attempts += 1
    return claimed


def _ranked(now: datetime) -> Select[int, int, int, int]:
    """What waits, with its place in its subscription's line; what is under way stands in front."""
    free = case((WebhookDeliveryRow.claimed_until >= now, 0), else_=1)
    line = func.row_number().over(
        partition_by=WebhookDeliveryRow.webhook_id, order_by=(free, WebhookDeliveryRow.id)
    )
    return (
        select(
            WebhookDeliveryRow.id,
            free.label("free"),
            line.label("place"),
            case((WebhookRow.failures >= TRIPS_AT, 1), else_=AT_ONCE).label("at_once"),
        )
        .join(WebhookRow, WebhookRow.id == WebhookDeliveryRow.webhook_id)
        .where(
            _queued(),
            # What was written while the subscription ended is still in the line.
            WebhookRow.ended_at.is_(None),
            WebhookDeliveryRow.not_before <= now,
            or_(WebhookRow.paused_until.is_(None), WebhookRow.paused_until <= now),
        )
    )


def _queued() -> ColumnElement[bool]:
    """Written out in the statement: of a parameter the databases cannot tell that the index fits."""
    return WebhookDeliveryRow.state == literal(State.QUEUED.value, literal_execute=True)


async def succeed(session: AsyncSession, claimed: Claimed, status: int, now: datetime) -> None:
    """The receiver has it; what it failed at before is forgiven."""
    webhook = await session.get_one(WebhookRow, claimed.webhook.id, with_for_update=True)
    webhook.failures, webhook.paused_until = 0, None
    if row := await _still_ours(session, claimed):
        row.state, row.http_status, row.reason = State.DELIVERED, status, None
        row.delivered_at, row.claimed_until = now, None


async def fail(session: AsyncSession, claimed: Claimed, why: Failure, now: datetime) -> State | None:
    """The try failed: there is another one later, if the day is not over. What became of the delivery.

    None where it is no longer ours: the subscription was ended, or another sender has it.
    """
    webhook = await session.get_one(WebhookRow, claimed.webhook.id, with_for_update=True)
    webhook.failures += 1
    if webhook.failures >= TRIPS_AT:
        webhook.paused_until = now + _pause(webhook.failures)
    row = await _still_ours(session, claimed)
    if row is None:
        return None
    row.http_status, row.reason, row.claimed_until = why.status, why.reason[:REASON_CHARS], None
    row.not_before = now + _backoff(row.attempts)
    if row.not_before >= row.since + TRIED_FOR:
        row.state = State.DEAD
    return State(row.state)


async def _still_ours(session: AsyncSession, claimed: Claimed) -> WebhookDeliveryRow | None:
    held = select(WebhookDeliveryRow).where(
        WebhookDeliveryRow.id == claimed.delivery.id,
        _queued(),
        WebhookDeliveryRow.claimed_until == claimed.delivery.claimed_until,
    )
    found: WebhookDeliveryRow | None = await session.scalar(held.with_for_update())
    return found


def _pause(failures: int) -> timedelta:
    doublings = min(failures - TRIPS_AT, _DOUBLINGS)
    return timedelta(seconds=min(_FIRST_PAUSE_SECONDS << doublings, _LONGEST_PAUSE_SECONDS))


def _backoff(attempts: int) -> timedelta:
    seconds = min(_FIRST_BACKOFF_SECONDS << min(attempts - 1, _DOUBLINGS), _LONGEST_BACKOFF_SECONDS)
    return timedelta(seconds=seconds * (1 + random.uniform(0, _JITTER)))
