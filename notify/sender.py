"""Sends what is queued: a person's letters in order, different people's side by side."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

import structlog

from domain import trace
from domain.base import utcnow
from domain.database import Database
from notify import deliveries, metrics
from notify.deliveries import Channel, DeliveryRow, DeliveryState, TemplateReceiptRow

_log = structlog.get_logger(__name__)

_BATCH = 100
_HOLD = timedelta(seconds=60)
_ATTEMPTS = 8
_BACKOFF_LONGEST_SECONDS = 240


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
    """What the sender needs of WeChat; both raise SendFailure."""

    async def send_text(self, openid: str, text: str) -> None: ...

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
        """Send a batch; the number of deliveries tried."""
        async with self._database.unit_of_work() as session:
            batch = await deliveries.claim(session, utcnow(), limit=_BATCH, hold=_HOLD)
        # A late answer must not wait behind a template message whose quota is used up.
        ordered = sorted(batch, key=lambda row: (row.openid, row.channel, row.id))
        queues = [list(rows) for _, rows in groupby(ordered, key=lambda row: (row.openid, row.channel))]
        outcomes = await asyncio.gather(*(self._send_all(rows) for rows in queues), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                # One person's fault must not end the others' sending; its claim runs out by itself.
                _log.error("sending_failed", exc_info=outcome)
        return len(batch)

    async def _send_all(self, rows: Sequence[DeliveryRow]) -> None:
        for place, row in enumerate(rows):
            with trace.bound(row.trace):
                state = await self._send_and_record(row)
            if state == DeliveryState.QUEUED:
                await self._put_off(rows[place + 1 :], behind=row.id)
                return

    async def _send_and_record(self, row: DeliveryRow) -> str:
        """The state that the delivery is in now."""
        await self._begin(row.id)
        try:
            with metrics.IN_FLIGHT.track_inprogress():
                msg_id = await self._send(row)
        except SendFailure as failure:
            return await self._record_failure(row.id, failure)
        return await self._record_sent(row.id, msg_id)

    async def _begin(self, delivery_id: int) -> None:
        async with self._database.unit_of_work() as session:
            deliveries.begin(await session.get_one(DeliveryRow, delivery_id), utcnow(), hold=_HOLD)

    async def _send(self, row: DeliveryRow) -> str | None:
        content = row.content
        if row.channel == Channel.CUSTOMER_MESSAGE:
            await self._messenger.send_text(row.openid, content["text"])
            return None
        return await self._messenger.send_template(
            row.openid,
            content["template_id"],
            content["data"],
            url=content.get("url"),
            client_msg_id=f"rongqiao-{row.id}",
        )

    async def _record_sent(self, delivery_id: int, msg_id: str | None) -> str:
        """The state that the delivery is in now: a receipt may have come before."""
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
        return row.state

    async def _put_off(self, rows: Sequence[DeliveryRow], *, behind: int) -> None:
        """Give back what was claimed but not tried: it waits for the one before it, to keep the order."""
        async with self._database.unit_of_work() as session:
            first = await session.get_one(DeliveryRow, behind)
            for claimed in rows:
                row = await session.get_one(DeliveryRow, claimed.id)
                row.claimed_until, row.not_before = None, max(row.not_before, first.not_before)

    async def _record_failure(self, delivery_id: int, failure: SendFailure) -> str:
        """The state that the delivery is in now."""
        now = utcnow()
        async with self._database.unit_of_work() as session:
            row = await session.get_one(DeliveryRow, delivery_id)
            row.reason = failure.reason
            deliveries.end(row)
            row.state = _after_failure(row, failure, now)
            if row.state == DeliveryState.QUEUED:
                pause = max(_backoff(row.attempts), failure.wait_seconds)
                row.not_before = now + timedelta(seconds=pause)
                if not failure.outcome_unknown:
                    # WeChat has not seen its client_msg_id yet: the ten minutes begin with the next try.
                    row.first_tried_at = None
        metrics.count(row.channel, row.state, metrics.failure_label(failure.reason))
        _log.warning("delivery_failed", delivery=delivery_id, reason=failure.reason, state=row.state)
        return row.state


def _after_failure(row: DeliveryRow, failure: SendFailure, now: datetime) -> DeliveryState:
    if failure.outcome_unknown:
        return DeliveryState.QUEUED if deliveries.repeatable(row, now) else DeliveryState.UNKNOWN
    if failure.retryable and row.attempts < _ATTEMPTS:
        return DeliveryState.QUEUED
    return DeliveryState.FAILED


def _backoff(attempts: int) -> int:
    return int(min(2.0 ** (attempts - 1), _BACKOFF_LONGEST_SECONDS))
