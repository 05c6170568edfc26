"""What institutions and advisers do with the requests of people behind the pages."""

from datetime import timedelta

from domain import companies, institutions, loans, requests
from domain.base import utcnow
from domain.cases import handling, opening
from domain.cases.handling import Adviser
from domain.cases.opening import NewCase
from domain.cases.rules import CaseKind, CaseRules
from domain.cases.tables import CaseRow
from domain.institutions import Institution
from domain.labels import Guarantee, Purpose
from domain.loans import Loan
from domain.market import deciding, following
from domain.market.deciding import Grant, Terms
from domain.market.rules import MarketRules, RejectReason
from domain.needs import Need
from domain.requests import RequestRow
from tests.bot.web.pages.world import World

RURAL, MERCHANTS, LATE = "昆山农商银行", "招商银行", "中国农业银行"
MARKET = MarketRules()


async def published(world: World, openid: str, uscc: str, amount: int = 1_000_000) -> RequestRow:
    """A request of the company on the market."""
    need = Need(
        amount_min=amount,
        amount_max=amount,
        term_months=24,
        purpose=Purpose.EQUIPMENT,
        purpose_text="买加工中心",
        guarantee=(Guarantee.MORTGAGE,),
        region="320583",
        industry="C",
    )
    now = utcnow()
    async with world.database.unit_of_work() as session:
        row = await requests.draft(session, openid, need, now)
        await requests.publish(session, row, now)
        company = await session.get(companies.CompanyRow, uscc)
        row.uscc, row.company = uscc, company.name if company else None
    return row


async def followed(world: World, request_id: str, *names: str) -> None:
    """Those institutions come, in this order."""
    async with world.database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=name) for name in names], utcnow())
    for name in names:
        async with world.database.unit_of_work() as session:
            await following.follow(session, request_id, name, by="client:CL", now=utcnow(), rules=MARKET)


async def approved(world: World, request_id: str, name: str, rate: str = "4.35", months: int = 24) -> None:
    given = {"amount": 1_000_000, "term_months": months, "rate": rate, "guarantee": "mortgage"}
    terms = Terms.model_validate(given)
    async with world.database.unit_of_work() as session:
        await deciding.approve(session, request_id, name, terms, by="client:CL", now=utcnow(), rules=MARKET)


async def rejected(world: World, request_id: str, name: str, note: str) -> None:
    async with world.database.unit_of_work() as session:
        await deciding.reject(
            session,
            request_id,
            name,
            RejectReason.REVENUE,
            note=note,
            by="client:CL",
            now=utcnow(),
            rules=MARKET,
        )


async def granted(world: World, request_id: str, name: str) -> None:
    now = utcnow()
    grant = Grant.model_validate({"amount": 1_000_000, "rate": "4.35", "granted_on": now.date()})
    async with world.database.unit_of_work() as session:
        await deciding.grant(session, request_id, name, grant, by="client:CL", now=now, rules=MARKET)


async def in_difficulty(world: World, openid: str, uscc: str) -> CaseRow:
    """A loan of the company, and an adviser who answered."""
    now = utcnow()
    loan = Loan(
        loan_id="L1",
        uscc=uscc,
        institution=RURAL,
        amount=500_000,
        balance=300_000,
        granted_on=now.date() - timedelta(days=300),
        due_on=now.date() + timedelta(days=20),
    )
    new = NewCase(CaseKind.DIFFICULTY, loan_id="L1", words="大客户的货款收不回来")
    adviser = Adviser("client:CLA", "王顾问")
    async with world.database.unit_of_work() as session:
        await loans.save_all(session, [loan], now)
        row = await opening.open_case(session, openid, new, rules=CaseRules(), now=now)
        await handling.take(session, row.id, adviser, seen=1, now=now)
        await handling.note(session, row.id, adviser, "请把未收回的货款单据备好", seen=2, now=now)
    return row
