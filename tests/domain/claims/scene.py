"""A company with two people, another company, and policies with and without a deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import companies, policies
from domain.claims import claiming
from domain.claims.claiming import Decision
from domain.claims.tables import ClaimRow, ClaimStepRow
from domain.companies import Company, Member
from domain.database import Database
from domain.events import OutboxRow
from domain.policies import Policy
from domain.secrets import Cipher, decode_key, new_key

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
OWNER, CLERK, STRANGER = "oOwner", "oClerk", "oStranger"
USCC, OTHER = "91320583MA1MABCD5X", "91320583MA1MABCE3P"
RENEWAL, AWARD, OVER = "P-EQ", "P-AWARD", "P-OVER"
DEADLINE = date(2026, 12, 31)
POLICIES: Sequence[dict[str, Any]] = (
    {
        "code": RENEWAL,
        "title": "设备更新贴息",
        "issuer": "苏州市工信局",
        "level": "city",
        "kind": "subsidy",
        "conditions": {"no_overdue": True, "qualifications_any": ["high_tech"], "revenue_min": 1_000_000},
        "deadline": DEADLINE.isoformat(),
    },
    {"code": AWARD, "title": "专精特新奖励", "issuer": "江苏省工信厅", "level": "province", "kind": "award"},
    {
        "code": OVER,
        "title": "复工补贴",
        "issuer": "苏州市财政局",
        "level": "city",
        "kind": "subsidy",
        "deadline": "2026-11-22",
    },
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everybody who acts is known; OWNER and CLERK act for the same company."""

    database: Database

    async def set_up(self) -> None:
        cipher = Cipher(decode_key(new_key()))
        firms = [
            Company(
                uscc=USCC,
                name="苏州恒达精密机械有限公司",
                enrolled=True,
                members=(Member(openid=OWNER), Member(openid=CLERK)),
            ),
            Company(uscc=OTHER, name="昆山同心包装有限公司", openid=STRANGER, enrolled=True),
        ]
        async with self.database.unit_of_work() as session:
            await companies.save_all(session, firms, NOW, cipher=cipher)
        await self.publish(*POLICIES)

    async def publish(self, *items: dict[str, Any]) -> None:
        async with self.database.unit_of_work() as session:
            await policies.save_all(session, [Policy.model_validate(item) for item in items], NOW)

    async def begin(
        self, code: str = RENEWAL, openid: str = OWNER, uscc: str = USCC, at: datetime = NOW
    ) -> ClaimRow:
        async with self.database.unit_of_work() as session:
            return await claiming.begin(session, openid, uscc, code, at)

    async def submit(self, claim: ClaimRow, on: date = TODAY, openid: str = OWNER) -> ClaimRow:
        async with self.database.unit_of_work() as session:
            return await claiming.submit(session, openid, claim.id, on, NOW)

    async def decide(self, claim: ClaimRow, decision: Decision, *, by: str = OWNER) -> ClaimRow:
        async with self.database.unit_of_work() as session:
            row = await claiming.own(session, OWNER, claim.id)
            if by == OWNER:
                await claiming.decide(session, row, decision, by=by, now=NOW)
            else:
                await claiming.decide_for_owner(session, row, decision, by=by, now=NOW)
            return row

    async def row(self, claim: ClaimRow) -> ClaimRow:
        async with self.database.reading() as session:
            return await session.get_one(ClaimRow, claim.id)

    async def steps(self, claim: ClaimRow) -> list[tuple[str, str | None, str]]:
        async with self.database.reading() as session:
            query = select(ClaimStepRow).where(ClaimStepRow.claim_id == claim.id).order_by(ClaimStepRow.id)
            return [(step.actor, step.before, step.after) for step in await session.scalars(query)]

    async def events(self, name: str) -> list[dict[str, Any]]:
        async with self.database.reading() as session:
            query = select(OutboxRow.payload).where(OutboxRow.name == name).order_by(OutboxRow.id)
            return list(await session.scalars(query))
