"""Owners with loans, for tests of what they turn to an adviser with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain import companies, loans
from domain.cases import opening
from domain.cases.handling import Adviser
from domain.cases.opening import NewCase
from domain.cases.rules import CaseKind, CaseRules
from domain.cases.tables import CaseRow
from domain.companies import Company
from domain.database import Database
from domain.loans import Loan
from domain.secrets import Cipher, decode_key, new_key

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
USCC, OTHER_USCC = "91320583MA1MUQ8K3F", "91320583MA1P5XQ40N"
BANK = "城东银行"
RULES = CaseRules()
KUNSHAN = Adviser("client:CL1", "王顾问", ("320583",))
WUJIANG = Adviser("client:CL2", "李顾问", ("320509",))
COLLEAGUE = Adviser("client:CL3", "赵顾问", ("320500",))
OPERATOR = Adviser("client:CL4", "值班", stands_in=True)


async def owner(database: Database, openid: str = "oZhang", uscc: str = USCC, **facts: Any) -> None:
    """Registered, with his company in Kunshan."""
    given = {"region": "320583"} | facts
    company = Company.model_validate(
        {"uscc": uscc, "name": f"昆山{uscc[-4:]}五金厂", "openid": openid, "enrolled": True} | given
    )
    async with database.unit_of_work() as session:
        await companies.save_all(session, [company], NOW, cipher=Cipher(decode_key(new_key())))


async def loan(database: Database, loan_id: str = "L1", due_in: int = 60, **changes: Any) -> None:
    """A running loan that is due in so many days."""
    today: date = NOW.date()
    given = {
        "loan_id": loan_id,
        "uscc": USCC,
        "institution": BANK,
        "amount": 1_000_000,
        "balance": 800_000,
        "granted_on": today - timedelta(days=300),
        "due_on": today + timedelta(days=due_in),
    }
    async with database.unit_of_work() as session:
        await loans.save_all(session, [Loan.model_validate(given | changes)], NOW)


async def opened(
    database: Database,
    openid: str = "oZhang",
    kind: CaseKind = CaseKind.RENEWAL,
    now: datetime = NOW,
    **given: Any,
) -> CaseRow:
    async with database.unit_of_work() as session:
        return await opening.open_case(session, openid, NewCase(kind, **given), rules=RULES, now=now)


async def stored(database: Database, case_id: str) -> CaseRow:
    async with database.reading() as session:
        return await session.get_one(CaseRow, case_id)
