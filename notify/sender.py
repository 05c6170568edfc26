"""Sends what is queued: a person's letters in order, different people's side by side."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from domain import trace
from domain.base import utcnow
from domain.database import Database
from notify import deliveries, metrics
from notify.deliveries import Channel, DeliveryRow, DeliveryState, TemplateReceiptRow

_log = structlog.get_logger(__name__)

# Below the connections of the messenger: what is begun must not wait for one.
AT_ONCE = 40
_HOLD = timedelta(seconds=60)
# Later WeChat refuses an answer anyway, and a notice is no news any more.
_TRIED_FOR = {Channel.CUSTOMER_MESSAGE: timedelta(hours=48), Channel.TEMPLATE: timedelta(hours=24)}
_BACKOFF_DOUBLINGS = 8
_BACKOFF_LONGEST_SECONDS = 240
# Short enough for the worker to end in good time.
_SHIFT_SECONDS = 5.0
# While one call is slow, what else is due waits no longer than this.
_GLANCE_SECONDS = 0.2


class SendFailure(Exception):
    """What the channel could not do.

    `retryable`: nothing went out and a later try may succeed, after `wait_seconds` at the earliest.
    `outcome_unknown`: it may have gone out.
    """

    def __init__(
        self, reason: str, *, retryable: bool, outcome_unknown: bool, wait_seconds: float = 0.0
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.outcome_unknown = outcome_unknown
        self.wait_seconds = wait_seconds


class Messenger(Protocol):
    """What the sender needs of WeChat; all raise SendFailure."""

    async def send_text(self, openid: str, text: str) -> None: ...

    async def send_menu(
        self, openid: str, head: str, items: Sequence[tuple[str, str]], *, instead: str
    ) -> None:
        """`items` are ids and labels to tap; `instead` is the same as text, for who cannot be sent menus."""
        ...

    async def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], *, url: str | None, client_msg_id: str
    ) -> str:
        """The id that the receipt will name."""
        ...


class Sender:
    """Claims deliveries and sends them; several may run, on several machines."""

    def __init__(self, database: Database, messenger: Messenger) -> None:
        self._database = database
        self._messenger = messenger

    async def run_once(self) -> int:
        """Send what is due, for a few seconds at most; the number of deliveries tried.

        What was begun is finished before this returns, or cancelled with it.
        """
        under_way: set[asyncio.Task[None]] = set()
        try:
            return await self._shift(under_way)
        except asyncio.CancelledError:
            for task in under_way:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*under_way)

    async def _shift(self, under_way: set[asyncio.Task[None]]) -> int:
        """One slow call holds up nobody but its person: places that are free are filled meanwhile."""
        tried, ends = 0, time.monotonic() + _SHIFT_SECONDS
        while time.monotonic() < ends:
            batch = await self._claim(AT_ONCE - len(under_way))
            for row in batch:
                task = asyncio.create_task(self._send_alone(row))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            if not under_way:
                break
            tried += len(batch)
            await asyncio.wait(under_way, timeout=_GLANCE_SECONDS)
        return tried

    async def _claim(self, limit: int) -> list[DeliveryRow]:
        if limit <= 0:
            return []
        async with self._database.unit_of_work() as session:
            return await deliveries.claim(session, utcnow(), limit=limit, hold=_HOLD)

    async def _send_alone(self, row: DeliveryRow) -> None:
        """One person's fault must not end the others' sending; its claim runs out by itself."""
        with trace.bound(row.trace):
            try:
                await self._send_and_record(row)
            except Exception:  # noqa: BLE001 - the edge of one sending
                _log.exception("sending_failed", delivery=row.id)

    async def _send_and_record(self, row: DeliveryRow) -> None:
        async with self._database.unit_of_work() as session:
            ours = await deliveries.begin(session, row, utcnow(), hold=_HOLD)
        if not ours:
            return
        try:
            with metrics.IN_FLIGHT.track_inprogress():
                msg_id = await self._send(row)
        except SendFailure as failure:
            await self._record_failure(row.id, failure)
        else:
            await self._record_sent(row.id, deliveries.known_id(msg_id))

    async def _send(self, row: DeliveryRow) -> str | None:
        content = row.content
        if row.channel == Channel.CUSTOMER_MESSAGE:
            await self._send_message(row.openid, content)
            return None
        return await self._messenger.send_template(
            row.openid,
            content["template_id"],
            content["data"],
            url=content.get("url"),
            client_msg_id=f"rongqiao-{row.id}",
        )

    async def _send_message(self, openid: str, content: Mapping[str, Any]) -> None:
        menu = content.get("menu")
        if menu is None:
            await self._messenger.send_text(openid, content["text"])
            return
        items = [(item_id, label) for item_id, label in menu["items"]]
        await self._messenger.send_menu(openid, menu["head"], items, instead=content["text"])

    async def _record_sent(self, delivery_id: int, msg_id: str | None) -> None:
        """A receipt may have come before."""
        async with self._database.unit_of_work() as session:
            if msg_id:
                await deliveries.meet_receipt(session, msg_id)
            row = await session.get_one(DeliveryRow, delivery_id)
            row.state, row.reason, row.sent_at = DeliveryState.SENT, None, utcnow()
            row.wechat_msg_id = msg_id
            deliveries.end(row)
            receipt = await session.get(TemplateReceiptRow, msg_id) if msg_id else None
            if receipt is not None:
                deliveries.apply_receipt(row, receipt.status)
        metrics.count(row.channel, DeliveryState.SENT)
        _log.info("delivery_sent", delivery=row.id, notice=row.notice, channel=row.channel, msg_id=msg_id)

    async def _record_failure(self, delivery_id: int, failure: SendFailure) -> None:
        now = utcnow()
        async with self._database.unit_of_work() as session:
            row = await session.get_one(DeliveryRow, delivery_id)
            row.reason = failure.reason
            if not failure.outcome_unknown and row.first_tried_at == row.in_flight_since:
                # WeChat has not seen its client_msg_id yet: the ten minutes begin with the next try.
                row.first_tried_at = None
            deliveries.end(row)
            row.state = _after_failure(row, failure, now)
            if row.state == DeliveryState.QUEUED:
                pause = max(_backoff(row.attempts), failure.wait_seconds)
                row.not_before = now + timedelta(seconds=pause)
        metrics.count(row.channel, row.state, metrics.failure_label(failure.reason))
        _log.warning("delivery_failed", delivery=delivery_id, reason=failure.reason, state=row.state)


def _after_failure(row: DeliveryRow, failure: SendFailure, now: datetime) -> DeliveryState:
    """What surely did not go out may be tried as often as it takes, while it is worth being read."""
    if failure.outcome_unknown:
        return DeliveryState.QUEUED if deliveries.repeatable(row, now) else DeliveryState.UNKNOWN
    if failure.retryable and now - row.created_at < _TRIED_FOR[Channel(row.channel)]:
        return DeliveryState.QUEUED
    return DeliveryState.FAILED


def _backoff(attempts: int) -> int:
    """Seconds; doubled with each try up to the longest."""
    return min(1 << min(attempts - 1, _BACKOFF_DOUBLINGS), _BACKOFF_LONGEST_SECONDS)
