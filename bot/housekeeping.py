"""Once an hour: what is over leaves the database when its time is up."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import exists

from bot import metrics
from bot.sections import Retention
from domain.authorizations.tables import AccessRow, AuthorizationRow
from domain.base import utcnow
from domain.cases.tables import CaseRow
from domain.claims.labels import OVER as CLAIMS_OVER
from domain.claims.tables import ClaimRow
from domain.credit.expiry import BadRecords
from domain.credit.tables import (
    CreditBatchRow,
    CreditObjectionRow,
    CreditServiceReportRow,
    CreditValueRow,
)
from domain.database import Database
from domain.equity.labels import ENDED as EQUITY_ENDED
from domain.equity.labels import EquityStatus
from domain.equity.tables import EquityRequestRow
from domain.events import OutboxRow
from domain.idempotency import KEPT, IdempotencyKeyRow
from domain.identity.tables import OPEN, State, VerificationRow, VerifiedPersonRow
from domain.inbox import InboxRow
from domain.personal_data.tables import DeletionRow
from domain.personal_data.unfollowed import Finishing, Forgetting
from domain.retention import Chore, Rule
from domain.unlabelled import UnlabelledRow
from domain.webhooks.history import Unreachable
from domain.webhooks.tables import State as WebhookState
from domain.webhooks.tables import WebhookDeliveryRow
from notify.deliveries import DeliveryRow, DeliveryState, TemplateReceiptRow

_log = structlog.get_logger(__name__)

_EVERY_SECONDS = 3600.0
# Less than 10 ms, for which SQLite's other writers wait.
_PORTION = 200
# Longer than another process sleeps before it tries for that writer again.
_PAUSE_SECONDS = 0.2

# The check by which a person is known today is not over.
_VOUCHES = exists().where(
    VerifiedPersonRow.openid == VerificationRow.openid, VerifiedPersonRow.evidence == VerificationRow.id
)
_ENDED = [state for state in State if state not in OPEN]
_COMPLETE = DeletionRow.completed_at.is_not(None)
_FINISHED = [state for state in DeliveryState if state is not DeliveryState.QUEUED]


def rules(kept: Retention) -> list[Chore]:
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
        Unreachable(),
        Rule(
            WebhookDeliveryRow,
            WebhookDeliveryRow.since,
            timedelta(days=kept.deliveries_days),
            over=(WebhookDeliveryRow.state.in_([WebhookState.DELIVERED, WebhookState.DEAD]),),
        ),
        Rule(IdempotencyKeyRow, IdempotencyKeyRow.created_at, KEPT),
        Rule(TemplateReceiptRow, TemplateReceiptRow.received_at, timedelta(days=kept.receipts_days)),
        Rule(UnlabelledRow, UnlabelledRow.last_seen_at, timedelta(days=kept.unlabelled_days)),
        Forgetting(timedelta(days=kept.unfollowed_days)),
        Finishing(),
        Rule(
            VerificationRow,
            VerificationRow.begun_at,
            timedelta(days=kept.access_days),
            over=(VerificationRow.state.in_(_ENDED), ~_VOUCHES),
        ),
        Rule(DeletionRow, DeletionRow.asked_at, timedelta(days=kept.access_days), over=(_COMPLETE,)),
        Rule(AccessRow, AccessRow.at, timedelta(days=kept.access_days)),
        Rule(
            AuthorizationRow,
            AuthorizationRow.until,
            timedelta(days=kept.access_days),
            # What was taken over nobody gave; it is remembered, or another import would bring it back.
            over=(AuthorizationRow.openid.is_not(None),),
        ),
        BadRecords(kept.credit_bad_years),
        Rule(CreditValueRow, CreditValueRow.superseded_at, timedelta(days=kept.credit_superseded_days)),
        Rule(CreditBatchRow, CreditBatchRow.received_at, timedelta(days=kept.credit_batches_days)),
        Rule(CreditObjectionRow, CreditObjectionRow.closed_at, timedelta(days=kept.credit_objections_days)),
        Rule(CaseRow, CaseRow.closed_at, timedelta(days=kept.cases_days)),
        Rule(
            ClaimRow,
            ClaimRow.updated_at,
            timedelta(days=kept.claims_days),
            over=(ClaimRow.state.in_(list(CLAIMS_OVER)),),
        ),
        Rule(
            EquityRequestRow,
            EquityRequestRow.updated_at,
            timedelta(days=kept.equity_days),
            over=(EquityRequestRow.status.in_([*EQUITY_ENDED, EquityStatus.DRAFT]),),
        ),
        Rule(
            CreditServiceReportRow,
            CreditServiceReportRow.received_at,
            timedelta(days=kept.credit_reports_days),
        ),
    ]


class Housekeeping:
    """A round goes through the rules in portions, so that nobody who writes waits long."""

    def __init__(self, database: Database, rules: Sequence[Chore]) -> None:
        self._database = database
        self._rules = rules
        self._left: list[Chore] = []
        self._next_round = time.monotonic()
        self._deleted: dict[str, int] = {}

    async def run_once(self) -> bool:
        """One portion, if a round is due or under way; whether there is more to do."""
        if not self._left:
            if time.monotonic() < self._next_round:
                return False
            self._left = list(self._rules)
            self._deleted = {rule.name: 0 for rule in self._rules}
        if await self._portion(self._left[0]) >= _PORTION:
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            self._left.pop(0)
        if not self._left:
            self._next_round = time.monotonic() + _EVERY_SECONDS
            _log.info("old_rows_deleted", **self._deleted)
        return bool(self._left)

    async def _portion(self, rule: Chore) -> int:
        async with self._database.unit_of_work() as session:
            deleted = await rule.portion(session, utcnow(), _PORTION)
        self._deleted[rule.name] += deleted
        metrics.OLD_ROWS_DELETED.labels(rule.name).inc(deleted)
        return deleted
