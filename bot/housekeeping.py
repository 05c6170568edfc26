"""Once an hour: what is over leaves the database when its time is up."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot import metrics
from bot.config import Retention
from domain import retention
from domain.base import utcnow
from domain.database import Database
from domain.events import OutboxRow
from domain.inbox import InboxRow
from domain.retention import Rule
from domain.unlabelled import UnlabelledRow
from notify.deliveries import DeliveryRow, DeliveryState, TemplateReceiptRow

_log = structlog.get_logger(__name__)

_EVERY_SECONDS = 3600.0
# Less than 10 ms, for which SQLite's other writers wait.
_PORTION = 200
# Longer than another process sleeps before it tries for that writer again.
_PAUSE_SECONDS = 0.2

_FINISHED = [state for state in DeliveryState if state is not DeliveryState.QUEUED]


def rules(kept: Retention) -> list[Rule]:
    """A delivery's time counts from when it was last to go out: failed and skipped ones were never sent."""
    return [
        Rule(InboxRow, InboxRow.received_at, timedelta(days=kept.inbox_days)),
        Rule(OutboxRow, OutboxRow.handled_at, timedelta(days=kept.outbox_days)),
        Rule(
            DeliveryRow,
            DeliveryRow.not_before,
            timedelta(days=kept.deliveries_days),
            over=(DeliveryRow.state.in_(_FINISHED),),
        ),
        Rule(TemplateReceiptRow, TemplateReceiptRow.received_at, timedelta(days=kept.receipts_days)),
        Rule(UnlabelledRow, UnlabelledRow.last_seen_at, timedelta(days=kept.unlabelled_days)),
    ]


class Housekeeping:
    """A round goes through the rules in portions, so that nobody who writes waits long."""

    def __init__(self, database: Database, rules: Sequence[Rule]) -> None:
        self._database = database
        self._rules = rules
        self._left: list[Rule] = []
        self._next_round = time.monotonic()
        self._deleted: dict[str, int] = {}

    async def run_once(self) -> bool:
        """One portion, if a round is due or under way; whether there is more to do."""
        if not self._left:
            if time.monotonic() < self._next_round:
                return False
            self._left = list(self._rules)
            self._deleted = {rule.name: 0 for rule in self._rules}
        if await self._portion(self._left[0]) == _PORTION:
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            self._left.pop(0)
        if not self._left:
            self._next_round = time.monotonic() + _EVERY_SECONDS
            _log.info("old_rows_deleted", **self._deleted)
        return bool(self._left)

    async def _portion(self, rule: Rule) -> int:
        async with self._database.unit_of_work() as session:
            deleted = await retention.prune(session, rule, utcnow(), limit=_PORTION)
        self._deleted[rule.name] += deleted
        metrics.OLD_ROWS_DELETED.labels(rule.name).inc(deleted)
        return deleted
