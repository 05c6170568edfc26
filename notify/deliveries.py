"""Deliveries: one row a person and letter, from queued to what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Index, String, and_, exists, literal, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from domain import people, trace
from domain.base import Json, Row, Serial, UtcDateTime
from domain.exclusive import alone
from notify import metrics

_log = structlog.get_logger(__name__)

# WeChat honours client_msg_id for ten minutes; the margin covers slow clocks and slow calls.
_CLIENT_MSG_ID_HOLDS = timedelta(minutes=9)
# The reason of what is not sent to who left the account.
UNSUBSCRIBED = "unsubscribed"
_STATUS_CHARS = 64
_QUEUED = text("state = 'queued'")


class DeliveryState(StrEnum):
    """`unknown`: it may have arrived, and sending it again might double it."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """The way a letter takes."""

    TEMPLATE = "template"
    CUSTOMER_MESSAGE = "customer_message"


class DeliveryRow(Row):
    """`client_msg_id` is the row's id: WeChat sends it once within ten minutes of the first try."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "state", "not_before"),
        Index("ix_deliveries_openid", "openid", "created_at"),
        # Small however long the history: for the look into the queue, second by second.
        Index("ix_deliveries_queued", "id", postgresql_where=_QUEUED, sqlite_where=_QUEUED),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    notice: Mapped[str] = mapped_column(String(40))
    openid: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int]
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    in_flight_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wechat_msg_id: Mapped[str | None] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trace: Mapped[str | None] = mapped_column(String(trace.LENGTH))


class TemplateReceiptRow(Row):
    """A receipt of WeChat's; it may come before the answer to the sending is written down."""

    __tablename__ = "template_receipts"

    msg_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    status: Mapped[str] = mapped_column(String(_STATUS_CHARS))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def queue(
    session: AsyncSession,
    *,
    notice: str,
    openid: str,
    subject: str,
    channel: Channel,
    content: dict[str, Any],
    not_before: datetime,
    now: datetime,
) -> None:
    """Write a delivery, unless the same subject was queued before; to who left the account none is sent."""
    known = await session.scalar(select(DeliveryRow.id).where(DeliveryRow.subject == subject))
    if known is not None:
        return
    left = await people.left(session, openid)
    session.add(
        DeliveryRow(
            notice=notice,
            openid=openid,
            subject=subject,
            channel=channel,
            content=content,
            state=DeliveryState.SKIPPED if left else DeliveryState.QUEUED,
            reason=UNSUBSCRIBED if left else None,
            attempts=0,
            not_before=not_before,
            claimed_until=None,
            in_flight_since=None,
            first_tried_at=None,
            wechat_msg_id=None,
            created_at=now,
            sent_at=None,
            trace=trace.current(),
        )
    )


async def skip_queued(session: AsyncSession, openid: str) -> None:
    """The person left the account: what waits for him is not sent; what is just being sent goes its way."""
    waiting = update(DeliveryRow).where(
        DeliveryRow.openid == openid, _queued(DeliveryRow), DeliveryRow.in_flight_since.is_(None)
    )
    await session.execute(
        waiting.values(state=DeliveryState.SKIPPED, reason=UNSUBSCRIBED, claimed_until=None)
    )


async def claim(session: AsyncSession, now: datetime, *, limit: int, hold: timedelta) -> list[DeliveryRow]:
    """What is due, oldest first, held for `hold`; other workers skip it meanwhile.

    What a sender that died was just sending is taken again only where that cannot double it, else
    its state is unknown; what it held and had not begun with is simply taken again.
    """
    # One claims at a time: what another is just claiming would still look free, and a person's second
    # message could overtake the first.
    await alone(session, "deliveries.claim")
    query = (
        select(DeliveryRow)
        .where(_due(DeliveryRow, now), ~_behind_another(now))
        .order_by(DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for row in await session.scalars(query):
        if row.in_flight_since is not None and not repeatable(row, now):
            row.state, row.reason = DeliveryState.UNKNOWN, "the sender stopped in the middle of sending"
            continue
        row.claimed_until = now + hold
        claimed.append(row)
    return claimed


def _due(table: type[DeliveryRow], now: datetime) -> ColumnElement[bool]:
    return and_(
        _queued(table),
        table.not_before <= now,
        or_(table.claimed_until.is_(None), table.claimed_until < now),
    )


def _queued(table: type[DeliveryRow]) -> ColumnElement[bool]:
    """Written out in the statement: of a parameter the databases cannot tell that the index fits."""
    return table.state == literal(DeliveryState.QUEUED.value, literal_execute=True)


def _behind_another(now: datetime) -> ColumnElement[bool]:
    """A person's customer messages keep their order: one waits while an earlier one cannot be taken."""
    earlier = aliased(DeliveryRow)
    return exists().where(
        DeliveryRow.channel == Channel.CUSTOMER_MESSAGE,
        earlier.channel == Channel.CUSTOMER_MESSAGE,
        earlier.openid == DeliveryRow.openid,
        earlier.id < DeliveryRow.id,
        _queued(earlier),
        ~_due(earlier, now),
    )


def begin(row: DeliveryRow, now: datetime, *, hold: timedelta) -> None:
    """A try begins: from now on it may have gone out."""
    row.in_flight_since = now
    row.first_tried_at = row.first_tried_at or now
    row.claimed_until = now + hold
    row.attempts += 1


def end(row: DeliveryRow) -> None:
    """The outcome of the try is known, or known to be unknown."""
    row.in_flight_since = row.claimed_until = None


def repeatable(row: DeliveryRow, now: datetime) -> bool:
    """Whether sending again cannot double the letter: WeChat still knows its `client_msg_id`."""
    if row.channel != Channel.TEMPLATE or row.first_tried_at is None:
        return False
    return now - row.first_tried_at < _CLIENT_MSG_ID_HOLDS


async def meet_receipt(session: AsyncSession, msg_id: str) -> None:
    """To be called before a sending or its receipt is written down.

    They come at the same time; if neither saw the other, the delivery would stay without its receipt.
    """
    await alone(session, f"receipt:{msg_id}")


async def take_receipt(session: AsyncSession, msg_id: str, status: str, now: datetime) -> None:
    """Note what became of a template message; sent twice, it counts once."""
    await meet_receipt(session, msg_id)
    if await session.get(TemplateReceiptRow, msg_id) is None:
        session.add(TemplateReceiptRow(msg_id=msg_id, status=status[:_STATUS_CHARS], received_at=now))
    row = (
        await session.scalars(
            select(DeliveryRow).where(DeliveryRow.wechat_msg_id == msg_id).with_for_update()
        )
    ).one_or_none()
    if row is not None:
        apply_receipt(row, status)


def apply_receipt(row: DeliveryRow, status: str) -> None:
    before = row.state
    if status == "success":
        row.state, row.reason = DeliveryState.DELIVERED, None
    else:
        row.state, row.reason = DeliveryState.FAILED, status
    if row.state != before:
        metrics.count(row.channel, row.state, metrics.receipt_label(status))
    # The receipt came under an id of its own; it belongs to what caused the delivery.
    with trace.bound(row.trace):
        _log.info("receipt", delivery=row.id, msg_id=row.wechat_msg_id, state=row.state, status=status)


async def page(
    session: AsyncSession,
    *,
    openid: str | None,
    notice: str | None,
    state: DeliveryState | None,
    before: int | None,
    size: int,
) -> list[DeliveryRow]:
    """Deliveries newest first, at most `size`, older than the one with id `before`."""
    query = select(DeliveryRow).order_by(DeliveryRow.id.desc()).limit(size)
    for column, value in (
        (DeliveryRow.openid, openid),
        (DeliveryRow.notice, notice),
        (DeliveryRow.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(DeliveryRow.id < before)
    return list(await session.scalars(query))
