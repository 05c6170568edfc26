"""Deliveries: one row a person and letter, from queued to what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Index, Select, String, and_, func, literal, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import people, trace
from domain.base import Json, Row, Serial, UtcDateTime
from domain.exclusive import alone
from notify import metrics

_log = structlog.get_logger(__name__)

# WeChat honours client_msg_id for ten minutes; the margin covers slow clocks and slow calls.
_CLIENT_MSG_ID_HOLDS = timedelta(minutes=9)
# The reason of what is not sent to who left the account.
UNSUBSCRIBED = "unsubscribed"
# The label of what ends as unknown without another try.
_INTERRUPTED = "interrupted"
# What WeChat puts into receipts of messages that had a client_msg_id, all the same.
_NO_ID = "0"
# Receipts come within seconds, on a bad day within minutes.
_RECEIPT_WITHIN = timedelta(hours=1)
_STATUS_CHARS = 64
_QUEUED, _ABOUT = text("state = 'queued'"), text("about IS NOT NULL")


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
    """`client_msg_id` is the row's id: WeChat sends it once within ten minutes of the first try.

    `about` is the id of what it speaks of, where that may make it pointless before it is sent.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "state", "not_before"),
        Index("ix_deliveries_openid", "openid", "created_at"),
        # Small however long the history: for the look into the queue, second by second.
        Index("ix_deliveries_queued", "id", postgresql_where=_QUEUED, sqlite_where=_QUEUED),
        Index("ix_deliveries_about", "about", postgresql_where=_ABOUT, sqlite_where=_ABOUT),
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
    about: Mapped[str | None] = mapped_column(String(40))


class TemplateReceiptRow(Row):
    """A receipt of WeChat's; it may come before the answer to the sending is written down."""

    __tablename__ = "template_receipts"

    msg_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    status: Mapped[str] = mapped_column(String(_STATUS_CHARS))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


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
    about: str | None = None,
) -> DeliveryRow | None:
    """Write a delivery, unless the same subject was queued before; to who left the account none is sent.

    The delivery; None where there is one of that subject already.
    """
    known = await session.scalar(select(DeliveryRow.id).where(DeliveryRow.subject == subject))
    if known is not None:
        return None
    left = await people.left(session, openid)
    if left:
        metrics.count(channel, DeliveryState.SKIPPED, UNSUBSCRIBED)
    row = DeliveryRow(
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
        about=about,
    )
    session.add(row)
    return row


async def skip_queued(session: AsyncSession, openid: str) -> None:
    """The person left the account: what waits for him is not sent; what is just being sent goes its way."""
    waiting = update(DeliveryRow).where(
        DeliveryRow.openid == openid, _queued(), DeliveryRow.in_flight_since.is_(None)
    )
    skipped = waiting.values(state=DeliveryState.SKIPPED, reason=UNSUBSCRIBED, claimed_until=None)
    for channel in await session.scalars(skipped.returning(DeliveryRow.channel)):
        metrics.count(channel, DeliveryState.SKIPPED, UNSUBSCRIBED)


async def claim(session: AsyncSession, now: datetime, *, limit: int, hold: timedelta) -> list[DeliveryRow]:
    """What is due, oldest first, held for `hold`; other workers skip it meanwhile.

    Of each person and channel it is the first alone: the next is due when that one is done, so that nobody
    with many letters holds up the others. What may have gone out at an earlier try, or was just being sent by
    a sender that died, is taken again only where that cannot double it, else its state is unknown.
    """
    # One claims at a time: what another is just claiming would still look free, and a person's second
    # message could overtake the first.
    await alone(session, "deliveries.claim")
    query = (
        select(DeliveryRow)
        .where(_due(now), DeliveryRow.id.in_(_first_ones(now)))
        .order_by(DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for row in await session.scalars(query):
        if row.first_tried_at is not None and not repeatable(row, now):
            row.state, row.reason = (
                DeliveryState.UNKNOWN,
                "it may have gone out, and WeChat can no longer tell",
            )
            metrics.count(row.channel, DeliveryState.UNKNOWN, _INTERRUPTED)
            continue
        row.claimed_until = now + hold
        claimed.append(row)
    return claimed


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        _queued(),
        DeliveryRow.not_before <= now,
        or_(DeliveryRow.claimed_until.is_(None), DeliveryRow.claimed_until < now),
    )


def _queued() -> ColumnElement[bool]:
    """Written out in the statement: of a parameter the databases cannot tell that the index fits."""
    return DeliveryRow.state == literal(DeliveryState.QUEUED.value, literal_execute=True)


def _first_ones(now: datetime) -> Select[int]:
    """Ids of the letters that come first for their person and channel.

    Answers keep their order: the first is first also while it cannot be taken. A template message that waits
    for the morning or for the next day's quota holds up no other. Grouped once for all, since SQLite would
    look for earlier letters of each in all that the person ever got.
    """
    in_line = or_(DeliveryRow.channel == Channel.CUSTOMER_MESSAGE, DeliveryRow.not_before <= now)
    queued = select(func.min(DeliveryRow.id)).where(_queued(), in_line)
    return queued.group_by(DeliveryRow.openid, DeliveryRow.channel)


async def begin(session: AsyncSession, claimed: DeliveryRow, now: datetime, *, hold: timedelta) -> bool:
    """A try begins: from now on it may have gone out. False where `claimed` is no longer ours to send.

    The person may have left since it was claimed, or the claim ran out and another sender has it.
    """
    ours = update(DeliveryRow).where(
        DeliveryRow.id == claimed.id,
        _queued(),
        DeliveryRow.claimed_until == claimed.claimed_until,
    )
    begun = ours.values(
        in_flight_since=now,
        first_tried_at=claimed.first_tried_at or now,
        claimed_until=now + hold,
        attempts=DeliveryRow.attempts + 1,
    )
    return await session.scalar(begun.returning(DeliveryRow.id)) is not None


def end(row: DeliveryRow) -> None:
    """The outcome of the try is known, or known to be unknown."""
    row.in_flight_since = row.claimed_until = None


def repeatable(row: DeliveryRow, now: datetime) -> bool:
    """Whether sending again cannot double the letter: WeChat still knows its `client_msg_id`."""
    if row.channel != Channel.TEMPLATE or row.first_tried_at is None:
        return False
    return now - row.first_tried_at < _CLIENT_MSG_ID_HOLDS


def known_id(msg_id: str | None) -> str | None:
    """The id that a receipt can be told by, if it is one."""
    return None if msg_id == _NO_ID else msg_id


async def meet_receipt(session: AsyncSession, msg_id: str) -> None:
    """To be called before a sending or its receipt is written down.

    They come at the same time; if neither saw the other, the delivery would stay without its receipt.
    """
    await alone(session, f"receipt:{msg_id}")


async def take_receipt(
    session: AsyncSession, msg_id: str, status: str, now: datetime, *, openid: str
) -> None:
    """Note what became of a template message; sent twice, it counts once."""
    if known_id(msg_id) is None:
        await _take_receipt_without_id(session, openid, status, now)
        return
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


async def _take_receipt_without_id(session: AsyncSession, openid: str, status: str, now: datetime) -> None:
    """It is that of the person's one template message without a receipt; of several it could be any."""
    query = select(DeliveryRow).where(
        DeliveryRow.openid == openid,
        DeliveryRow.channel == Channel.TEMPLATE,
        DeliveryRow.state == DeliveryState.SENT,
        DeliveryRow.sent_at > now - _RECEIPT_WITHIN,
    )
    candidates = list(await session.scalars(query.limit(2).with_for_update()))
    if len(candidates) == 1:
        apply_receipt(candidates[0], status)
    else:
        _log.info("receipt_unmatched", status=status)


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
