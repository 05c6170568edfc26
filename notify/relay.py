"""From the outbox to deliveries: each event once, in the transaction that marks it as handled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, trace
from domain.base import utcnow
from domain.database import Database
from domain.events import OutboxRow
from domain.exclusive import alone
from notify import deliveries, fields, metrics, quiet, registry
from notify.deliveries import Channel
from notify.notice import Letter, Notice

_log = structlog.get_logger(__name__)

_BATCH = 50


class Relay:
    """`templates` maps a notice to the template's id and its fields (field → name of the value)."""

    def __init__(
        self,
        database: Database,
        templates: Mapping[str, tuple[str, Mapping[str, str]]],
        *,
        public_url: str,
        quiet_hours: str,
    ) -> None:
        self._database = database
        self._templates = templates
        self._public_url = public_url
        self._quiet_hours = quiet_hours

    async def run_once(self) -> int:
        """Handle a batch of events; the number handled."""
        now = utcnow()
        async with self._database.unit_of_work() as session:
            # Of two relays at once the later could queue first, and a long answer arrive back to front.
            await alone(session, "relay")
            batch = await events.claim(session, _BATCH)
            for event in batch:
                with trace.bound(event.trace):
                    await self._handle_alone(session, event, now)
                event.handled_at = now
        return len(batch)

    async def _handle_alone(self, session: AsyncSession, event: OutboxRow, now: datetime) -> None:
        """An event that cannot be handled is logged and set aside: those behind it must not wait for it."""
        try:
            async with session.begin_nested():
                await self._handle(session, event, now)
        except Exception as error:  # noqa: BLE001 - a notice may fail in any way
            event.error = type(error).__name__
            metrics.EVENTS.labels(event.name, "failed").inc()
            _log.error("event_failed", outbox=event.id, event_name=event.name, exc_info=error)
        else:
            metrics.EVENTS.labels(event.name, "handled").inc()
            _log.info("event_handled", outbox=event.id, event_name=event.name)

    async def _handle(self, session: AsyncSession, event: OutboxRow, now: datetime) -> None:
        if event.name == events.REPLY_CONTINUED:
            await _continue_reply(session, event, now)
            return
        for notice in registry.for_event(event.name):
            for letter in await notice.write(session, event.name, event.payload):
                await self._queue(session, notice, letter, now)

    async def _queue(self, session: AsyncSession, notice: Notice, letter: Letter, now: datetime) -> None:
        template_id, wanted = self._templates[notice.name]
        data = {field: fields.fit(field, letter.values[name]) for field, name in wanted.items()}
        content: dict[str, Any] = {"template_id": template_id, "data": data}
        if letter.path:
            content["url"] = self._public_url + letter.path
        await deliveries.queue(
            session,
            notice=notice.name,
            openid=letter.openid,
            subject=f"{notice.name}:{letter.openid}:{letter.subject}",
            channel=Channel.TEMPLATE,
            content=content,
            not_before=now if notice.immediate else quiet.earliest(now, self._quiet_hours),
            now=now,
        )


async def _continue_reply(session: AsyncSession, event: OutboxRow, now: datetime) -> None:
    """What did not fit into the passive reply, or came too late for it, in its order."""
    for place, text in enumerate(event.payload["texts"]):
        await deliveries.queue(
            session,
            notice="reply",
            openid=event.payload["openid"],
            subject=f"reply:{event.id}:{place}",
            channel=Channel.CUSTOMER_MESSAGE,
            content={"text": text},
            not_before=now,
            now=now,
        )
        # Flushed one by one: the ids, by which they are sent, must keep the order.
        await session.flush()
