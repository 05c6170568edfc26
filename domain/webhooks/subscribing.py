"""Subscriptions: made, listed and ended by institutions, each for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import Value, new_id
from domain.errors import NotAllowedNow, NotFound
from domain.exclusive import alone
from domain.secrets import Cipher
from domain.webhooks.addresses import Addresses
from domain.webhooks.signing import new_secret
from domain.webhooks.tables import (
    SECRET_PURPOSE,
    URL_CHARS,
    Event,
    State,
    WebhookDeliveryRow,
    WebhookRow,
)

_MOST = 20
ENDED = "the subscription was ended"


class NewWebhook(Value):
    """Where to send which events."""

    url: Annotated[str, Field(min_length=1, max_length=URL_CHARS)]
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=len(Event) * 2)]


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription with its secret, which nobody can read again."""

    row: WebhookRow
    secret: str


async def subscribe(
    session: AsyncSession,
    institution: str,
    new: NewWebhook,
    *,
    addresses: Addresses,
    cipher: Cipher,
    by: str,
    now: datetime,
) -> Subscribed:
    """Send these events there from now on.

    Raises:
        ValueOutOfRange: the address is not one that may be sent to.
        NotAllowedNow: the institution has too many already.
    """
    addresses.check(new.url)
    await alone(session, f"webhooks:{institution}")
    if len(await all_of(session, institution)) >= _MOST:
        raise NotAllowedNow(f"一家机构最多 {_MOST} 个推送订阅，请先删除不用的。")
    secret = new_secret()
    row = WebhookRow(
        id=new_id("WH", now),
        institution=institution,
        url=new.url,
        events=[event for event in Event if event in new.events],
        secret=cipher.encrypt(secret, SECRET_PURPOSE),
        created_at=now,
        created_by=by,
        ended_at=None,
        failures=0,
        paused_until=None,
    )
    session.add(row)
    return Subscribed(row, secret)


async def end(session: AsyncSession, webhook_id: str, institution: str | None, now: datetime) -> WebhookRow:
    """Nothing more is sent, not even what waits; ended twice, the first time stands. Raises NotFound."""
    row = await one(session, webhook_id, institution, lock=True)
    row.ended_at = row.ended_at or now
    waiting = (WebhookDeliveryRow.webhook_id == row.id, WebhookDeliveryRow.state == State.QUEUED)
    await session.execute(
        update(WebhookDeliveryRow)
        .where(*waiting)
        .values(state=State.DEAD, reason=ENDED, claimed_until=None)
        .execution_options(synchronize_session=False)
    )
    return row


async def one(
    session: AsyncSession, webhook_id: str, institution: str | None, *, lock: bool = False
) -> WebhookRow:
    """The subscription, if it is that institution's, or anybody's where none is named. Raises NotFound."""
    row = await session.get(WebhookRow, webhook_id, with_for_update=lock or None)
    if row is None or institution not in {None, row.institution}:
        raise NotFound("没有这个推送订阅。")
    return row


async def all_of(session: AsyncSession, institution: str | None) -> Sequence[WebhookRow]:
    """Those that stand, of the institution or of all, the newest first."""
    query = select(WebhookRow).where(WebhookRow.ended_at.is_(None))
    if institution is not None:
        query = query.where(WebhookRow.institution == institution)
    return (await session.scalars(query.order_by(WebhookRow.created_at.desc(), WebhookRow.id.desc()))).all()
