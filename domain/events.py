"""The outbox: what happened, written in the transaction in which it happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import trace
from domain.base import Json, Row, Serial, UtcDateTime

_RECORDED = "events_recorded"
_WAITING, _HANDLED = text("handled_at IS NULL"), text("handled_at IS NOT NULL")

REQUEST_PUBLISHED = "request.published"
REQUEST_WITHDRAWN = "request.withdrawn"
IDENTITY_ENDED = "identity.ended"
REPLY_CONTINUED = "reply.continued"
AUTHORIZATION_GIVEN = "authorization.given"
AUTHORIZATION_REVOKED = "authorization.revoked"
AUTHORIZATION_EXPIRING = "authorization.expiring"
AUTHORIZATION_EXPIRED = "authorization.expired"
REGISTRATION_MOVED = "registration.moved"
COMPANY_OPENED_UP = "company.opened_up"
CASE_MOVED = "case.moved"
FOLLOW_MOVED = "follow.moved"
PLACE_OFFERED = "place.offered"
FOLLOW_DUE = "follow.due"
REQUEST_RECOMMENDED = "request.recommended"
REVIEW_BEGUN = "review.begun"
REVIEW_PASSED_BY = "review.passed_by"
REVIEW_FINISHED = "review.finished"
EQUITY_PUBLISHED = "equity.published"
EQUITY_MOVED = "equity.moved"
EQUITY_WITHDRAWN = "equity.withdrawn"
CLAIM_DUE = "claim.due"
CLAIM_DECIDED = "claim.decided"


class OutboxRow(Row):
    """One event; `handled_at` is empty until its deliveries have been written.

    `error` says why there are none, where handling it failed. `trace` is the id of what caused it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        # Small however long the history: it holds what waits, and nothing else.
        Index("ix_outbox_waiting", "id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_outbox_handled", "handled_at", postgresql_where=_HANDLED, sqlite_where=_HANDLED),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(100))
    trace: Mapped[str | None] = mapped_column(String(trace.LENGTH))


def record(session: AsyncSession, name: str, payload: dict[str, Any], now: datetime) -> None:
    """Write an event to the outbox; it takes effect when the unit of work commits."""
    session.add(
        OutboxRow(
            name=name,
            payload=payload,
            created_at=now,
            handled_at=None,
            error=None,
            trace=trace.current(),
        )
    )
    session.info[_RECORDED] = True


def recorded(session: AsyncSession) -> bool:
    """Whether this unit of work wrote an event, so that the relay need not wait for its next look."""
    return _RECORDED in session.info


async def claim(session: AsyncSession, limit: int) -> list[OutboxRow]:
    """The oldest unhandled events, held until the transaction ends; other workers skip them."""
    query = (
        select(OutboxRow)
        .where(OutboxRow.handled_at.is_(None))
        .order_by(OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(query))
