"""Sends events to institutions' systems: many receivers side by side, none of them at the others' cost."""

import asyncio
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from domain import trace
from domain.base import utcnow
from domain.database import Database
from domain.secrets import Cipher, UnreadableSecret
from domain.webhooks import queue, signing
from domain.webhooks.queue import Claimed, Failure
from domain.webhooks.tables import SECRET_PURPOSE, State
from notify import metrics

_log = structlog.get_logger(__name__)

# With four for each receiver, fifty of them may be slow before others wait.
_AT_ONCE = 200
# Beyond the longest time-out: what is held longer belongs to a sender that died.
_HOLD = timedelta(seconds=60)
_SHIFT_SECONDS = 5.0
# While one call is slow, what else is due waits no longer than this.
_GLANCE_SECONDS = 0.05
_SUCCESS = range(200, 300)


class PostFailure(Exception):
    """There was no answer; `reason` says why, without anything of the URL beyond its host."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Poster(Protocol):
    """What the sender needs of HTTP."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, in a time shorter than claims are held; raises PostFailure."""
        ...


class WebhookSender:
    """Claims events and sends them; several may run, on several machines."""

    def __init__(self, database: Database, cipher: Cipher, poster: Poster) -> None:
        self._database = database
        self._cipher = cipher
        self._poster = poster

    async def run_once(self) -> int:
        """Send what is due, for a few seconds at most; the number of events tried.

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
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _shift(self, under_way: set[asyncio.Task[None]]) -> int:
        """A receiver that is slow holds its own places: those that are free are filled meanwhile."""
        tried, ends = 0, time.monotonic() + _SHIFT_SECONDS
        while time.monotonic() < ends:
            batch = await self._claim(_AT_ONCE - len(under_way))
            for claimed in batch:
                task = asyncio.create_task(self._send_alone(claimed))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            if not under_way:
                break
            tried += len(batch)
            await asyncio.wait(under_way, timeout=_GLANCE_SECONDS)
        return tried

    async def _claim(self, limit: int) -> list[Claimed]:
        if limit <= 0:
            return []
        async with self._database.unit_of_work() as session:
            return await queue.claim(session, utcnow(), limit=limit, hold=_HOLD)

    async def _send_alone(self, claimed: Claimed) -> None:
        """One receiver's fault must not end the others' sending; its claim runs out by itself."""
        with trace.bound(claimed.delivery.trace):
            try:
                await self._send_and_record(claimed)
            except Exception:  # noqa: BLE001 - the edge of one sending
                _log.exception("webhook_failed", delivery=claimed.delivery.id)

    async def _send_and_record(self, claimed: Claimed) -> None:
        outcome = await self._outcome(claimed)
        async with self._database.unit_of_work() as session:
            if isinstance(outcome, Failure):
                state = await queue.fail(session, claimed, outcome, utcnow())
            else:
                await queue.succeed(session, claimed, outcome, utcnow())
                state = State.DELIVERED
        metrics.WEBHOOKS.labels(claimed.delivery.event, state or "lost").inc()
        _log.info(
            "webhook_tried",
            delivery=claimed.delivery.id,
            webhook=claimed.webhook.id,
            state=state,
            reason=outcome.reason if isinstance(outcome, Failure) else None,
        )

    async def _outcome(self, claimed: Claimed) -> int | Failure:
        """The status of a success, or why it failed."""
        body = body_of(claimed)
        try:
            secret = self._cipher.decrypt(claimed.webhook.secret, SECRET_PURPOSE)
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Rongqiao-Webhooks/1",
                signing.HEADER: signing.signature(secret, utcnow(), body),
            }
            status = await self._poster.post(claimed.webhook.url, body, headers)
        except PostFailure as failure:
            return Failure(failure.reason)
        except UnreadableSecret:
            return Failure("the secret cannot be read with today's keys: subscribe anew")
        return status if status in _SUCCESS else Failure(f"HTTP {status}", status)


def body_of(claimed: Claimed) -> bytes:
    """The same bytes at every try, so that a receiver may keep them by their id."""
    delivery = claimed.delivery
    return json.dumps(
        {
            "id": delivery.event_id,
            "event": delivery.event,
            "occurred_at": delivery.occurred_at.isoformat(),
            "institution": claimed.webhook.institution,
            "data": delivery.data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
