"""What became of events, and sending them again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import NotAllowedNow, NotFound
from domain.webhooks.queue import TRIED_FOR, UNREACHABLE
from domain.webhooks.tables import Event, State, WebhookDeliveryRow, WebhookRow

# More at once would hold up the others' events while they are sorted.
REPLAYED_AT_ONCE = 10_000
_AGAIN: dict[str, Any] = {"state": State.QUEUED, "attempts": 0, "claimed_until": None, "delivered_at": None}


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A chore: what waits for a receiver that does not answer is given up after a day.

    What was tried is given up by its last try; this is for what never had its turn, and for what senders
    held that died.
    """

    name = "webhook_deliveries_unreachable"

    async def portion(self, session: AsyncSession, now: datetime, limit: int) -> int:
        waiting = (
            select(WebhookDeliveryRow.id)
            .where(
                WebhookDeliveryRow.state == State.QUEUED,
                WebhookDeliveryRow.since < now - TRIED_FOR,
                WebhookDeliveryRow.not_before < now,
            )
            .where(or_(WebhookDeliveryRow.claimed_until.is_(None), WebhookDeliveryRow.claimed_until < now))
            .limit(limit)
        )
        given_up = (
            update(WebhookDeliveryRow)
            .where(WebhookDeliveryRow.id.in_(waiting))
            .values(state=State.DEAD, reason=UNREACHABLE, claimed_until=None)
            .execution_options(synchronize_session=False)
        )
        return cast("CursorResult[tuple[()]]", await session.execute(given_up)).rowcount


async def page(
    session: AsyncSession,
    webhook_id: str,
    *,
    state: State | None,
    event: Event | None,
    before: int | None,
    size: int,
) -> list[WebhookDeliveryRow]:
    """A subscription's deliveries, newest first, at most `size`, older than the one with id `before`."""
    query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook_id == webhook_id)
    if state is not None:
        query = query.where(WebhookDeliveryRow.state == state)
    if event is not None:
        query = query.where(WebhookDeliveryRow.event == event)
    if before is not None:
        query = query.where(WebhookDeliveryRow.id < before)
    return list(await session.scalars(query.order_by(WebhookDeliveryRow.id.desc()).limit(size)))


async def replay(
    session: AsyncSession, webhook: WebhookRow, delivery_id: int, now: datetime
) -> WebhookDeliveryRow:
    """Send one again, with its old id; what still waits stays as it is.

    Raises:
        NotFound: the subscription has no such delivery.
        NotAllowedNow: the subscription was ended.
    """
    _check_stands(webhook)
    row = await session.get(WebhookDeliveryRow, delivery_id, with_for_update=True)
    if row is None or row.webhook_id != webhook.id:
        raise NotFound("没有这条推送记录。")
    if row.state != State.QUEUED:
        for name, value in _AGAIN.items():
            setattr(row, name, value)
        row.since = row.not_before = now
    return row


async def replay_span(
    session: AsyncSession,
    webhook: WebhookRow,
    *,
    since: datetime,
    until: datetime,
    states: Collection[State],
    now: datetime,
    most: int = REPLAYED_AT_ONCE,
) -> int:
    """Send again what occurred from `since` on and before `until` and ended in one of the states; how many.

    No more than `most`, the first that were queued: what is left is for the next call.

    Raises:
        NotAllowedNow: the subscription was ended.
    """
    _check_stands(webhook)
    wanted = (
        select(WebhookDeliveryRow.id)
        .where(
            WebhookDeliveryRow.webhook_id == webhook.id,
            WebhookDeliveryRow.state.in_(states),
            WebhookDeliveryRow.occurred_at >= since,
            WebhookDeliveryRow.occurred_at < until,
        )
        .order_by(WebhookDeliveryRow.id)
        .limit(most)
    )
    again = (
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.id.in_(wanted))
        .values(**_AGAIN, since=now, not_before=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[tuple[()]]", await session.execute(again)).rowcount


def _check_stands(webhook: WebhookRow) -> None:
    if webhook.ended_at is not None:
        raise NotAllowedNow("这个推送订阅已经删除，不能重发。")
