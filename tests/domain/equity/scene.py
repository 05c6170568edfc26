"""A company that raises, two investors and a bank, and the steps as their owners take them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain import companies, institutions
from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.giving import Act, give
from domain.authorizations.rules import Rules
from domain.authorizations.tables import AuthorizationRow
from domain.companies import Company, CompanyRow
from domain.database import Database
from domain.equity import following, raising
from domain.equity.following import EquityEvent, EventKind, Followed
from domain.equity.labels import EquityRound
from domain.equity.tables import EquityRequestRow
from domain.equity.terms import EquityTerms
from domain.events import OutboxRow
from domain.identity.tables import VerifiedPersonRow
from domain.institutions import Institution, InstitutionKind
from domain.labels import Industry
from domain.secrets import Cipher, decode_key, new_key

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER, STRANGER = "oOwner", "oStranger"
USCC, OTHER = "91320583MA1MABCD5X", "91320583MA1MABCE3P"
NAMES = {USCC: "苏州恒达精密机械有限公司", OTHER: "昆山同心包装有限公司"}
FUND, OTHER_FUND, BANK = "元禾创投", "顺融资本", "苏州银行"
RULES = Rules()
OFFERED = EquityTerms(
    round=EquityRound.A,
    amount=5_000_000,
    share=Decimal(10),
    industry=Industry("C"),
    region="320583",
    words="做精密减速器，拿下两家车企定点，钱用来扩产",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Owner and stranger act for a company each, and are verified."""

    database: Database

    async def set_up(self) -> None:
        cipher = Cipher(decode_key(new_key()))
        firms = [
            Company(
                uscc=uscc,
                name=NAMES[uscc],
                openid=openid,
                enrolled=True,
                region="320583",
                industry=Industry("C"),
            )
            for uscc, openid in ((USCC, OWNER), (OTHER, STRANGER))
        ]
        houses = [
            Institution(name=FUND, kind=InstitutionKind.INVESTOR),
            Institution(name=OTHER_FUND, kind=InstitutionKind.INVESTOR),
            Institution(name=BANK),
        ]
        async with self.database.unit_of_work() as session:
            await companies.save_all(session, firms, NOW, cipher=cipher)
            await institutions.save_all(session, houses, NOW)
            session.add_all(_verified(openid) for openid in (OWNER, STRANGER))

    async def draft(self, offered: EquityTerms = OFFERED, openid: str = OWNER) -> str:
        async with self.database.unit_of_work() as session:
            return (await raising.draft(session, openid, offered, NOW)).id

    async def publish(self, request_id: str, uscc: str = USCC) -> EquityRequestRow:
        async with self.database.unit_of_work() as session:
            row = await session.get_one(EquityRequestRow, request_id)
            return await raising.publish(session, row, await session.get_one(CompanyRow, uscc), NOW)

    async def published(self, offered: EquityTerms = OFFERED) -> str:
        return (await self.publish(await self.draft(offered))).id

    async def withdraw(self, request_id: str, openid: str = OWNER) -> EquityRequestRow:
        async with self.database.unit_of_work() as session:
            return await raising.withdraw(session, openid, request_id, NOW + DAY)

    async def close(self, request_id: str) -> EquityRequestRow:
        async with self.database.unit_of_work() as session:
            return await raising.close(session, OWNER, request_id, NOW + DAY)

    async def follow(self, request_id: str, house: str = FUND, at: datetime = NOW) -> Followed:
        async with self.database.unit_of_work() as session:
            return await following.follow(session, request_id, house, by=f"client:{house}", now=at)

    async def tell(
        self, request_id: str, kind: EventKind, house: str = FUND, at: datetime = NOW, **more: Any
    ) -> Followed:
        event = EquityEvent(kind=kind, **more)
        async with self.database.unit_of_work() as session:
            return await following.record(session, request_id, house, event, by=f"client:{house}", now=at)

    async def row(self, request_id: str) -> EquityRequestRow:
        async with self.database.reading() as session:
            return await session.get_one(EquityRequestRow, request_id)

    async def consent(self, uscc: str = USCC, openid: str = OWNER, at: datetime = NOW) -> AuthorizationRow:
        """As the page does: the text is shown, and comes back with the tick."""
        consent = Consent.linkage(uscc, RULES)
        text = wording.shown(consent, RULES, company=NAMES[uscc])
        act = Act(openid, f"ticket-{uscc}", text.version, text.hash, "203.0.113.7", "MicroMessenger")
        async with self.database.unit_of_work() as session:
            return await give(session, consent, act, rules=RULES, now=at)

    async def events(self, name: str) -> list[dict[str, Any]]:
        async with self.database.reading() as session:
            query = select(OutboxRow.payload).where(OutboxRow.name == name).order_by(OutboxRow.id)
            return list(await session.scalars(query))


def _verified(openid: str) -> VerifiedPersonRow:
    return VerifiedPersonRow(
        openid=openid,
        name=b"sealed",
        id_number=b"sealed",
        id_number_index=f"index of {openid}",
        verified_at=NOW,
        method="sandbox",
        evidence=f"RZ-{openid}",
        others=0,
    )
