"""The two tables: who wants to hear of what, and what became of each event for each of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain import trace
from domain.base import Json, Row, Serial, UtcDateTime
from domain.labels import Label

URL_CHARS = 500
REASON_CHARS = 200
EVENT_ID_CHARS = 32
_QUEUED = text("state = 'queued'")
SECRET_PURPOSE = "webhook_secret"  # noqa: S105 - what the column is for, not what is in it


class Event(Label):
    """What an institution's system can subscribe to."""

    RECOMMENDED = "request.recommended", "收到推荐需求"
    OFFERED = "place.offered", "候补名额到了"
    MOVED = "follow.moved", "跟进状态变化"
    DUE = "follow.due", "审批期限将到"
    WITHDRAWN = "request.withdrawn", "需求已撤回"
    MATCHED = "request.matched", "有符合筛选条件的新需求"


class State(Label):
    """What became of an event for a subscription."""

    QUEUED = "queued", "待投递"
    DELIVERED = "delivered", "已送达"
    DEAD = "dead", "投递失败"


class WebhookRow(Row):
    """A subscription. `secret` signs what is sent, encrypted; nobody can read it again.

    `failures` counts tries in a row that failed, over all its events; from some number on nothing is sent
    before `paused_until`. A row with `ended_at` stays for its history.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution: Mapped[str] = mapped_column(String(60), index=True)
    url: Mapped[str] = mapped_column(String(URL_CHARS))
    events: Mapped[list[str]] = mapped_column(Json)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookDeliveryRow(Row):
    """One event on its way to one subscription.

    `event_id` is what the receiver tells copies by: it stays over tries and replays. `since` is when the
    present round of tries began. The row is held by who sends it until `claimed_until`.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "id"),
        # Small however long the history: what waits, by whom it is for.
        Index(
            "ix_webhook_deliveries_queued", "webhook_id", "id", postgresql_where=_QUEUED, sqlite_where=_QUEUED
        ),
        Index("ix_webhook_deliveries_over", "state", "since"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    webhook_id: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(EVENT_ID_CHARS))
    event: Mapped[str] = mapped_column(String(32))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    http_status: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(REASON_CHARS))
    trace: Mapped[str | None] = mapped_column(String(trace.LENGTH))
