"""A request on the market and institutions that want it: what the tests of the market begin with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain import institutions, products, requests
from domain.database import Database
from domain.events import OutboxRow
from domain.institutions import Institution
from domain.labels import Guarantee
from domain.market import reading
from domain.market.deciding import Grant, Terms
from domain.market.lapsing import Lapses
from domain.market.rules import MarketRules
from domain.market.tables import FollowRow
from domain.needs import Need
from domain.products import Product
from domain.requests import RequestRow

# A Monday, noon in China.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = MarketRules()
OWNER = "oZhang"
USCC = "91320583MA1MABCD5X"
BANKS = ("苏州银行", "中国农业银行", "江苏银行", "宁波银行", "中信银行", "招商银行")
A, B, C, D, E, F = BANKS
TERMS = Terms(amount=800_000, term_months=12, rate=Decimal("4.35"), guarantee=Guarantee.CREDIT)
GRANT = Grant(amount=750_000, rate=Decimal("4.2"), granted_on=NOW.date())


async def opened_market(database: Database, *named: str, uscc: str | None = USCC, **more: Any) -> str:
    """The institutions are known, and a request is published; its id."""
    async with database.unit_of_work() as session:
        known = [Institution(name=name) for name in BANKS]
        await institutions.save_all(session, known, NOW)
        row = await requests.draft(session, OWNER, Need(amount_max=800_000, institutions=named), NOW, **more)
        await requests.publish(session, row, NOW)
        row.uscc = uscc
        return row.id


async def offer_product(database: Database, code: str, institution: str, days: int) -> None:
    async with database.unit_of_work() as session:
        product = Product(code=code, name="设备贷", institution=institution, decision_days=days)
        await products.save_all(session, [product], NOW)


async def states(database: Database, request_id: str) -> dict[str, str]:
    async with database.reading() as session:
        follows = (await reading.follows_of(session, [request_id]))[request_id]
        return {row.institution: row.state for row in follows}


async def follow_of(database: Database, request_id: str, institution: str) -> FollowRow:
    async with database.reading() as session:
        row = await reading.follow_of(session, request_id, institution)
        assert row is not None
        return row


async def status(database: Database, request_id: str) -> str:
    async with database.reading() as session:
        return (await session.get_one(RequestRow, request_id)).status


async def events(database: Database, *names: str) -> list[dict[str, Any]]:
    """The payloads of the events of these names, in their order."""
    async with database.reading() as session:
        query = select(OutboxRow.payload).where(OutboxRow.name.in_(names)).order_by(OutboxRow.id)
        return list(await session.scalars(query))


async def clock(database: Database, now: datetime, rules: MarketRules = RULES) -> int:
    """The worker looks at that moment."""
    return await Lapses(database, rules).run_once(now)
