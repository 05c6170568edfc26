"""What tests of turns share: messages made by hand, a reader that takes its time, what is in the database."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.wechat.messages import TextMessage
from domain import events
from domain.database import Database
from domain.events import OutboxRow
from nlu.understanding import Understanding
from tests.bot.front import Front, read


class Slow:
    """A reader that answers when it is let."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.asked = 0

    async def __call__(self, text: str) -> Understanding:
        self.asked += 1
        await self.may_answer.wait()
        return await read(text)


async def count(database: Database, row: type) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(row)) or 0)


async def continued(database: Database) -> list[list[str]]:
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.name == events.REPLY_CONTINUED))
        return [row.payload["texts"] for row in rows]


def message(world: Front, text: str, number: int) -> TextMessage:
    return TextMessage(
        to_user="gh_1",
        openid=world.openid,
        created_at=datetime.now(UTC),
        dedup_key=f"msg:{number}",
        text=text,
    )
