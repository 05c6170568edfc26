"""From the outbox to deliveries: each event once, in the transaction that marks it as handled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, trace
from domain.base import utcnow
from domain.database import Database
from domain.events import OutboxRow
from domain.exclusive import alone
from notify import consequences, deliveries, metrics, registry
from notify.deliveries import Channel
from notify.letters import Letters, Templates
from notify.webhooks import fan_out

_log = structlog.get_logger(__name__)

_BATCH = 50
_RETRIED_AFTER = timedelta(hours=1)
_RETRIED_FOR = timedelta(days=1)
# Those set aside are few, but stand among all the others: they are looked for now and then.
_LOOKED_FOR_EVERY = timedelta(minutes=10)
# Faults of what a notice wrote or asked, unlike a lock, a time-out or a full disk.
_FAULTS = (DataError, IntegrityError, ProgrammingError)


class Relay:
    """For `templates` and `digest` see `Letters`."""

    def __init__(
        self,
        database: Database,
        templates: Templates,
        *,
        public_url: str,
        quiet_hours: str,
        digest: timedelta = timedelta(0),
    ) -> None:
        self._database = database
        self._letters = Letters(templates, public_url, quiet_hours, digest)
        self._next_look = datetime.min.replace(tzinfo=UTC)

    async def run_once(self) -> int:
        """Handle a batch of events; the number handled."""
        now = utcnow()
        async with self._database.unit_of_work() as session:
            # Of two relays at once the later could queue first, and a long answer arrive back to front.
            await alone(session, "relay")
            batch = [*await self._set_aside(session, now), *await events.claim(session, _BATCH)]
            for event in batch:
                with trace.bound(event.trace):
                    await self._handle_alone(session, event, now)
                event.handled_at = now
        return len(batch)

    async def _set_aside(self, session: AsyncSession, now: datetime) -> list[OutboxRow]:
        """Of the events that could not be handled those whose next try is due, oldest first."""
        if now < self._next_look:
            return []
        self._next_look = now + _LOOKED_FOR_EVERY
        since = now - _RETRIED_FOR
        query = (
            select(OutboxRow)
            # What is younger was also handled later: it follows, and for that there is an index.
            .where(OutboxRow.error.is_not(None), OutboxRow.created_at > since, OutboxRow.handled_at > since)
            .order_by(OutboxRow.id)
            .with_for_update(skip_locked=True)
        )
        failed = list(await session.scalars(query))
        metrics.OUTBOX_SET_ASIDE.set(len(failed))
        due = [event for event in failed if event.handled_at and event.handled_at <= now - _RETRIED_AFTER]
        return due[:_BATCH]

    async def _handle_alone(self, session: AsyncSession, event: OutboxRow, now: datetime) -> None:
        """An event that cannot be handled is logged and set aside: those behind it must not wait for it.

        Trouble of the database that may pass is none of the event's: it rises, and the batch is repeated.
        """
        try:
            async with session.begin_nested():
                await self._handle(session, event, now)
        except Exception as error:
            if isinstance(error, DBAPIError) and not isinstance(error, _FAULTS):
                raise
            event.error = type(error).__name__
            metrics.EVENTS.labels(event.name, "failed").inc()
            _log.error("event_failed", outbox=event.id, event_name=event.name, exc_info=error)
        else:
            event.error = None
            metrics.EVENTS.labels(event.name, "handled").inc()
            _log.info("event_handled", outbox=event.id, event_name=event.name)

    async def _handle(self, session: AsyncSession, event: OutboxRow, now: datetime) -> None:
        if event.name == events.REPLY_CONTINUED:
            await _continue_reply(session, event, now)
            return
        await consequences.draw(session, self._letters, event.name, event.payload, now)
        for notice in registry.for_event(event.name):
            for letter in await notice.write(session, event.name, event.payload):
                await self._letters.queue(session, notice, letter, now)
        await fan_out.spread(session, event)


async def _continue_reply(session: AsyncSession, event: OutboxRow, now: datetime) -> None:
    """What did not fit into the passive reply, or came too late for it, in its order.

    A `menu` is the last text with its choices to be tapped.
    """
    texts, menu = event.payload["texts"], event.payload.get("menu")
    for place, text in enumerate(texts):
        content: dict[str, Any] = {"text": text}
        if menu and place == len(texts) - 1:
            content["menu"] = menu
        await deliveries.queue(
            session,
            notice="reply",
            openid=event.payload["openid"],
            subject=f"reply:{event.id}:{place}",
            channel=Channel.CUSTOMER_MESSAGE,
            content=content,
            not_before=now,
            now=now,
        )
        # Flushed one by one: the ids, by which they are sent, must keep the order.
        await session.flush()
