from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.posting import webhook_poster
from domain.base import utcnow
from domain.database import Database
from domain.secrets import Cipher, decode_key, new_key
from domain.webhooks import queue, subscribing
from domain.webhooks.addresses import Addresses
from domain.webhooks.queue import Occurrence
from domain.webhooks.subscribing import NewWebhook
from domain.webhooks.tables import Event, WebhookDeliveryRow, WebhookRow
from notify.webhooks.sending import WebhookSender
from tests.notify.webhooks.receiver import Receiver, listening

LOCAL = Addresses(anywhere=True)
CIPHER = Cipher(decode_key(new_key()))


@dataclass
class House:
    """An institution's subscriptions, and what becomes of them."""

    database: Database
    sender: WebhookSender
    secrets: dict[str, str] = field(default_factory=dict)

    async def subscribe(self, url: str, institution: str = "苏州银行") -> str:
        new = NewWebhook(url=url, events=tuple(Event))
        async with self.database.unit_of_work() as session:
            made = await subscribing.subscribe(
                session, institution, new, addresses=LOCAL, cipher=CIPHER, by="test", now=utcnow()
            )
        self.secrets[made.row.id] = made.secret
        return made.row.id

    async def tell(self, event_id: str = "EV1", institution: str = "苏州银行", **data: Any) -> None:
        what = Occurrence(event_id, Event.MOVED, utcnow(), data)
        async with self.database.unit_of_work() as session:
            await queue.queue(session, institution, what, utcnow())

    async def deliveries(self) -> list[WebhookDeliveryRow]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(WebhookDeliveryRow).order_by(WebhookDeliveryRow.id)))

    async def only(self) -> WebhookDeliveryRow:
        (row,) = await self.deliveries()
        return row

    async def webhook(self, webhook_id: str) -> WebhookRow:
        async with self.database.reading() as session:
            return await session.get_one(WebhookRow, webhook_id)

    async def let_time_pass(self, since: datetime | None = None) -> None:
        """As if every pause were over; `since`: as if the round of tries had begun then."""
        now = utcnow()
        began = {} if since is None else {"since": since}
        async with self.database.unit_of_work() as session:
            await session.execute(update(WebhookDeliveryRow).values(not_before=now, **began))
            await session.execute(update(WebhookRow).values(paused_until=None))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with webhook_poster(LOCAL, timeout_seconds=1) as poster:
        yield House(database, WebhookSender(database, CIPHER, poster))
