"""Companies with their owner, a bank, a credit service, and the ways that credit data come in and go out."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from domain.authorizations.gate import Access, Reader, authorized, authorized_all
from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, PURPOSES, Category, DataPurpose, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.companies import CompanyMemberRow, CompanyRow, MemberRole
from domain.credit import batches, reading, registry
from domain.credit.batches import Batch, Taken
from domain.credit.reading import Figures, Known
from domain.database import Database
from tests.domain.authorizations.scene import verified

REGISTRY = registry.standard()
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY = timedelta(days=1)
USCC, OTHER = "91320583MA1MABCD5X", "91320583MA1MABCE3P"
OWNER, STRANGER = "oOwner", "oStranger"
BANK, SERVICE = "苏州银行", "苏州征信"
TAX = "苏州市税务局"
_numbers = count()


def uscc(number: int) -> str:
    return f"9132{number:014}"


def item(code: str, value: Any, as_of: str = "2025-12-31", of: str = USCC, **more: Any) -> dict[str, Any]:
    return {"uscc": of, "indicator": code, "as_of": as_of, "value": value} | more


@dataclass(frozen=True, slots=True)
class Stage:
    """The owner is a verified member of the first company, the stranger of the other one."""

    database: Database

    async def set_up(self) -> None:
        await self.companies([USCC, OTHER])
        async with self.database.unit_of_work() as session:
            for openid, of in ((OWNER, USCC), (STRANGER, OTHER)):
                session.add(
                    CompanyMemberRow(
                        openid=openid, uscc=of, role=MemberRole.AGENT, evidence="test", since=NOW
                    )
                )
                session.add(verified(openid))

    async def companies(self, usccs: Sequence[str], region: str = "320583", industry: str = "C") -> None:
        rows = [
            {
                "uscc": of,
                "name": f"企业{of[-4:]}",
                "facts": {"region": region, "industry": industry},
                "enrolled": False,
                "notices": [],
                "updated_at": NOW,
            }
            for of in usccs
        ]
        async with self.database.unit_of_work() as session:
            await session.execute(insert(CompanyRow), rows)

    async def authorize(
        self,
        usccs: Collection[str] = (USCC, OTHER),
        recipient: str = BANK,
        scope: frozenset[Category] = ALL_CATEGORIES,
    ) -> None:
        kind = Kind.CREDIT_DATA if recipient == PLATFORM else Kind.PASSING_ON
        rows = [
            {
                "id": f"AU{next(_numbers)}",
                "kind": kind,
                "uscc": of,
                "openid": OWNER,
                "recipient": recipient,
                "scope": scope,
                "purposes": PURPOSES[kind],
                "given_at": utcnow() - DAY,
                "until": utcnow() + 30 * DAY,
                "ticket": f"ticket {next(_numbers)}",
                "evidence": "test",
            }
            for of in usccs
        ]
        async with self.database.unit_of_work() as session:
            await session.execute(insert(AuthorizationRow), rows)

    async def take(
        self,
        *items: Any,
        batch_id: str = "",
        source: str = TAX,
        sender: str = "CL1",
        now: datetime = NOW,
    ) -> Taken:
        batch = Batch(batch_id=batch_id or f"B{next(_numbers)}", source=source, items=list(items))
        return await batches.take(self.database, REGISTRY, batch, sender=sender, now=now)

    def own(
        self, of: str = USCC, scope: Collection[Category] = ALL_CATEGORIES
    ) -> AbstractAsyncContextManager[Access]:
        """The owner before the gate."""
        reader = Reader.owner(OWNER if of == USCC else STRANGER)
        return authorized(self.database, reader, of, scope, DataPurpose.OWN)

    async def latest(self, of: str = USCC, scope: Collection[Category] = ALL_CATEGORIES) -> dict[str, Known]:
        async with self.own(of, scope) as access:
            return {known.indicator.code: known for known in await reading.latest(access, REGISTRY)}

    async def values(self, of: str = USCC) -> dict[str, Any]:
        return {code: known.value for code, known in (await self.latest(of)).items()}

    async def history(self, code: str) -> list[tuple[str, Any]]:
        async with self.own() as access:
            found = await reading.history(access, REGISTRY, code)
        return [(known.as_of.isoformat(), known.value) for known in found]

    async def figures(self, codes: Collection[str] | None = None, of: str = USCC) -> Figures:
        async with self.own(of) as access:
            return await reading.figures(access, REGISTRY, codes)

    async def as_bank(self, usccs: Collection[str], codes: Collection[str] | None = None) -> Figures:
        """What the bank reads of companies that authorized it."""
        found: list[Figures] = []

        async def read(access: Access) -> dict[str, None]:
            found.append(await reading.figures(access, REGISTRY, codes))
            return {}

        reader = Reader.institution(BANK, "CL9")
        async for _ in authorized_all(
            self.database, reader, ALL_CATEGORIES, DataPurpose.PRE_LOAN, read, among=usccs
        ):
            pass
        (only,) = found
        return only
