"""A request on the market of the town, and the institutions that come for it through the API."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from sqlalchemy import select

from domain.database import Database
from domain.events import OutboxRow
from domain.market import reading
from domain.market.tables import FollowRow, FollowStepRow
from tests.faults.replica import Replica
from tests.faults.town import PUBLISH, Town
from tests.journeys.house import TOKEN

_PATIENCE = ClientTimeout(total=60)


@dataclass(frozen=True, slots=True)
class Fair:
    """One published request, and who may come for it, known to the town."""

    request_id: str
    banks: Sequence[str]
    http: ClientSession
    database: Database

    async def follow(self, bank: str, replica: Replica) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer."""
        url = f"{replica.address}/api/v1/financing-requests/{self.request_id}/follow"
        async with self.http.post(url, json={"institution": bank}) as response:
            return response.status, await response.json()

    async def follows(self) -> list[FollowRow]:
        """In their turn."""
        async with self.database.reading() as session:
            return (await reading.follows_of(session, [self.request_id]))[self.request_id]

    async def steps(self) -> list[FollowStepRow]:
        """Oldest first."""
        async with self.database.reading() as session:
            return await reading.steps_of(session, self.request_id)

    async def told(self, name: str) -> list[dict[str, Any]]:
        """The payloads of the events of this name, oldest first."""
        query = (
            select(OutboxRow.payload)
            .where(OutboxRow.name == name, OutboxRow.payload["request_id"].as_string() == self.request_id)
            .order_by(OutboxRow.id)
        )
        async with self.database.reading() as session:
            return list(await session.scalars(query))


@asynccontextmanager
async def fair(town: Town, banks: Sequence[str]) -> AsyncIterator[Fair]:
    """An owner's request goes to the market, on which these are."""
    phone = await town.about_to_publish()
    await phone.say(PUBLISH, town.right)
    request_id = await town.books.scalar(
        "SELECT id FROM financing_requests WHERE openid = :openid", openid=phone.openid
    )
    database = Database(town.database_url)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = TCPConnector(limit=0)
    try:
        async with ClientSession(headers=headers, connector=connector, timeout=_PATIENCE) as http:
            items = [{"name": bank} for bank in banks]
            url = f"{town.right.address}/api/v1/institutions"
            async with http.post(url, json={"items": items}) as response:
                assert (await response.json())["accepted"] == len(banks)
            yield Fair(request_id, banks, http, database)
    finally:
        await database.aclose()
