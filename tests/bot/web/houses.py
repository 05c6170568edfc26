"""Institutions, companies and requests for tests of the market's calls."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import clients, companies, institutions, requests
from domain.authorizations.labels import ALL_CATEGORIES, PURPOSES, Category, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.base import new_id, utcnow
from domain.clients import NewClient, Role, Scope
from domain.companies import Company
from domain.institutions import Institution
from domain.needs import Need
from domain.requests import RequestStatus
from tests.bot.web.conftest import CIPHER, Api

USCC = "91320583MA1MABCD5X"
NEED = Need(
    amount_min=500_000,
    amount_max=800_000,
    term_months=12,
    region="320583",
    industry="C",
    purpose="equipment",
    guarantee=("mortgage",),
    purpose_text="买设备，找张总13812345678",
)
TERMS = {"amount": 600_000, "term_months": 12, "rate": 4.35, "guarantee": "mortgage"}


@dataclass
class Bank:
    """The API as an institution's program uses it."""

    api: Api
    name: str
    headers: dict[str, str]

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        return await self.api.call("GET", path, headers=self.headers, params=query)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> tuple[int, Any]:
        return await self.send("POST", path, body, key=key)

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> tuple[int, Any]:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        content = {} if body is None else {"json": body}
        return await self.api.call(method, path, headers=headers, **content)

    async def follow(self, request_id: str) -> tuple[int, Any]:
        return await self.post(f"/financing-requests/{request_id}/follow")


async def bank(api: Api, name: str = "苏州银行", *, scopes: tuple[Scope, ...] | None = None) -> Bank:
    """An institution on the market, with a client."""
    async with api.database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=name)], utcnow())
        new = NewClient(name=name, role=Role.INSTITUTION, institution=name, scopes=scopes)
        token = clients.create(session, new, by="test", now=utcnow()).token
    return Bank(api, name, {"Authorization": f"Bearer {token}"})


async def published(
    api: Api,
    need: Need = NEED,
    *,
    status: RequestStatus = RequestStatus.PUBLISHED,
    at: datetime | None = None,
) -> str:
    """The id of a request of a company that the platform knows."""
    now = at or utcnow()
    company = Company(
        uscc=USCC,
        name="恒达",
        employees=40,
        revenue=30_000_000,
        industry="C",
        contact="张三",
        phone="13812345678",
    )
    async with api.database.unit_of_work() as session:
        await companies.save_all(session, [company], now, cipher=CIPHER)
        row = await requests.draft(session, "oZhang", need, now)
        row.company, row.uscc = "恒达", USCC
        if status is not RequestStatus.DRAFT:
            await requests.publish(session, row, now)
        return row.id


async def authorize(
    api: Api, institution: str, scope: frozenset[Category] = ALL_CATEGORIES, *, days: int = 90
) -> str:
    """The company lets the institution see its data."""
    now = utcnow()
    async with api.database.unit_of_work() as session:
        row = AuthorizationRow(
            id=new_id("AU", now),
            kind=Kind.PASSING_ON,
            uscc=USCC,
            recipient=institution,
            scope=scope,
            purposes=PURPOSES[Kind.PASSING_ON],
            given_at=now,
            until=now + timedelta(days=days),
            ticket=new_id("T", now),
            evidence="test",
        )
        session.add(row)
        return row.id
