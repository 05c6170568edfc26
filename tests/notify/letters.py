"""Letters for tests of the sender: written, looked at, and due again."""

from typing import Any

from sqlalchemy import select, update

from domain.base import utcnow
from notify import deliveries
from notify.deliveries import Channel, DeliveryRow
from tests.bot.front import Front

TEMPLATE_PATH, TEXT_PATH = "message/template/send", "message/custom/send"
CARD = {
    "template_id": "SANDBOX-REQUEST-PROGRESS",
    "data": {
        "character_string1": "RQ261123-7F3K2MPX",
        "thing2": "购买设备融资需求",
        "amount3": "1500000元",
        "phrase4": "已发布",
        "time5": "2026-11-23 12:00",
    },
}


async def queue(world: Front, content: dict[str, Any], *, openid: str = "", subject: str = "1") -> None:
    async with world.database.unit_of_work() as session:
        await deliveries.queue(
            session,
            notice="request_progress" if content is CARD else "reply",
            openid=openid or world.openid,
            subject=subject,
            channel=Channel.TEMPLATE if content is CARD else Channel.CUSTOMER_MESSAGE,
            content=content,
            not_before=utcnow(),
            now=utcnow(),
        )


async def rows(world: Front) -> list[DeliveryRow]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


async def only(world: Front) -> DeliveryRow:
    (row,) = await rows(world)
    return row


async def let_time_pass(world: Front) -> None:
    """As if the waiting time of everything queued were over."""
    async with world.database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(not_before=utcnow()))
