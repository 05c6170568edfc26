"""A policy that the company claims, a product that it may ask for, and a round that it raises."""

from datetime import timedelta
from decimal import Decimal

from domain import institutions, policies, products
from domain.base import today_in_china, utcnow
from domain.claims import claiming
from domain.claims.claiming import Decision
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from domain.companies import CompanyRow
from domain.equity import following, raising
from domain.equity.labels import EquityRound
from domain.equity.tables import EquityRequestRow
from domain.equity.terms import EquityTerms
from domain.institutions import Institution, InstitutionKind
from domain.labels import Industry
from domain.policies import Policy
from domain.products import Product
from tests.bot.web.pages.world import World

FUND = "元禾创投"
POLICY = Policy.model_validate(
    {
        "code": "P-EQ",
        "title": "设备更新贴息",
        "issuer": "苏州市工信局",
        "level": "city",
        "kind": "subsidy",
        "regions": ["320500"],
        "conditions": {"no_overdue": True, "qualifications_any": ["high_tech"], "founded_months_min": 12},
        "benefit": "按利息的30%贴息",
        "deadline": (today_in_china() + timedelta(days=20)).isoformat(),
        "url": "https://www.suzhou.gov.cn/policy",
    }
)
PRODUCT = Product.model_validate(
    {
        "code": "EQ-1",
        "name": "设备更新贷",
        "institution": "苏州银行",
        "amount_max": 5_000_000,
        "term_max_months": 36,
        "rate_min": "3.85",
        "rate_max": "5.2",
        "guarantees": ["mortgage", "credit"],
        "purposes": ["equipment"],
        "regions": ["320500"],
        "conditions": {"founded_months_min": 24},
        "materials": ["营业执照", "设备采购合同"],
    }
)
WORDS = "给车企定点做减速器，扩产用"
REFUSED = "发票抬头不符"


async def catalogue(world: World) -> None:
    now = utcnow()
    async with world.database.unit_of_work() as session:
        await policies.save_all(session, [POLICY], now)
        await products.save_all(session, [PRODUCT], now)
        houses = [
            Institution(name=FUND, kind=InstitutionKind.INVESTOR),
            Institution(name=PRODUCT.institution),
        ]
        await institutions.save_all(session, houses, now)


async def claimed(world: World, openid: str, uscc: str) -> ClaimRow:
    """Handed in, and refused: it may be handed in again."""
    now = utcnow()
    async with world.database.unit_of_work() as session:
        row = await claiming.begin(session, openid, uscc, POLICY.code, now)
        await claiming.tick(session, openid, row.id, ["licence"], now)
        await claiming.submit(session, openid, row.id, today_in_china(), now)
        await claiming.decide(session, row, Decision(ClaimState.REFUSED, reason=REFUSED), by=openid, now=now)
    return row


async def raised(world: World, openid: str, uscc: str) -> EquityRequestRow:
    """On the market, and followed."""
    now = utcnow()
    offered = EquityTerms(
        round=EquityRound.A, amount=5_000_000, share=Decimal(10), industry=Industry("C"), words=WORDS
    )
    async with world.database.unit_of_work() as session:
        row = await raising.draft(session, openid, offered, now)
        await raising.publish(session, row, await session.get_one(CompanyRow, uscc), now)
        await following.follow(session, row.id, FUND, by="client:fund", now=now)
    return row
