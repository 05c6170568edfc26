"""What institutions do with an owner's requests, and which loans his company has, for tests of the chat."""

from datetime import timedelta

from sqlalchemy import select

from domain import institutions, loans
from domain.cases.tables import CaseRow
from domain.institutions import Institution
from domain.loans import Loan
from domain.market import deciding, following
from domain.market.deciding import Grant, Terms
from domain.market.rules import MarketRules
from tests.handlers.owner import Owner
from tests.handlers.people import USCC

EAST, RURAL, FARMERS, LATE = "城东银行", "昆山农商银行", "中国农业银行", "招商银行"
RULES = MarketRules()


async def followed(owner: Owner, request_id: str, *names: str) -> None:
    async with owner.database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=name) for name in names], owner.now)
    for name in names:
        async with owner.database.unit_of_work() as session:
            await following.follow(
                session, request_id, name, by="client:CL", now=owner.now, rules=RULES, decision_days=3
            )


async def approved(owner: Owner, request_id: str, name: str, rate: str = "4.35") -> None:
    given = {"amount": 1_000_000, "term_months": 24, "rate": rate, "guarantee": "mortgage"}
    terms = Terms.model_validate(given)
    async with owner.database.unit_of_work() as session:
        await deciding.approve(session, request_id, name, terms, by="client:CL", now=owner.now, rules=RULES)


async def granted(owner: Owner, request_id: str, name: str) -> None:
    grant = Grant.model_validate({"amount": 1_000_000, "rate": "4.35", "granted_on": owner.now.date()})
    async with owner.database.unit_of_work() as session:
        await deciding.grant(session, request_id, name, grant, by="client:CL", now=owner.now, rules=RULES)


async def borrowed(owner: Owner, *banks: str, due_in: int = 60) -> None:
    """A running loan from each of these."""
    today = owner.now.date()
    rows = [
        Loan(
            loan_id=f"L{number}",
            uscc=USCC,
            institution=bank,
            amount=1_000_000,
            balance=800_000 + number * 10_000,
            granted_on=today - timedelta(days=300),
            due_on=today + timedelta(days=due_in),
        )
        for number, bank in enumerate(banks)
    ]
    async with owner.database.unit_of_work() as session:
        await loans.save_all(session, rows, owner.now)


async def cases(owner: Owner) -> list[CaseRow]:
    async with owner.database.reading() as session:
        return list(await session.scalars(select(CaseRow).order_by(CaseRow.opened_at, CaseRow.id)))
