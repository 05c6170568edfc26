"""How far a fund is used, from the loan records."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from bot.city_sections import Incentives
from domain import loans, products
from domain.authorizations.labels import PLATFORM
from domain.database import Database
from domain.loans import Loan, LoanState
from domain.products import Product
from domain.risk_sharing.schemes import Band, Scheme
from domain.risk_sharing.sharing import Losses
from domain.risk_sharing.standing import Covered, standing, standings
from domain.scores.tables import ScoreRow
from tests.domain.credit.stage import BANK, NOW, OTHER, USCC, Stage

SUZHOU = Incentives().schemes["suzhou_xinbao"]
CODE = "suzhou_xinbao"
DAY = date(2026, 3, 1)
SHARED = Product(code="XBD", name="信保贷", institution=BANK, risk_sharing=CODE)
GUARANTEED = Product(code="XBB", name="担保", institution="担保公司", kind="guarantee", risk_sharing=CODE)
PLAIN = Product(code="ZXD", name="征信贷", institution=BANK)


def loan(number: int, **more: Any) -> Loan:
    stated = {
        "loan_id": f"JK{number}",
        "uscc": USCC,
        "institution": BANK,
        "product": "信保贷",
        "amount": 6_000_000,
        "balance": 6_000_000,
        "granted_on": DAY,
        "due_on": "2027-02-28",
    }
    return Loan.model_validate(stated | more)


def test_leverage_cap_and_losses() -> None:
    def of(number: int, uscc: str, balance: int, state: LoanState) -> Covered:
        return Covered(f"L{number}", uscc, BANK, balance, DAY, state)

    running, lost = LoanState.RUNNING, LoanState.WRITTEN_OFF
    fund = standing(
        SUZHOU,
        [
            of(1, USCC, 6_000_000, running),
            of(2, USCC, 4_000_001, LoanState.OVERDUE),
            of(3, OTHER, 10_000_000, running),
            of(4, OTHER, 0, LoanState.REPAID),
            of(5, OTHER, 1_000_001, lost),
        ],
        {},
    )
    assert (fund.loans, fund.balance, fund.above_cap) == (3, 20_000_001, (USCC,))
    assert (fund.leverage, fund.missing) == (Decimal("0.02"), 10_000_000_000 - 20_000_001)
    # 650000.65, 200000.20, 150000.15
    assert fund.paid == Losses(650_001, 200_000, 150_000)


async def test_the_loans_of_products_that_name_the_scheme(database: Database) -> None:
    async with database.unit_of_work() as session:
        await products.save_all(session, [SHARED, GUARANTEED, PLAIN], NOW)
        await loans.save_all(
            session,
            [
                loan(1),
                loan(2, product="XBD", state="written_off", balance=100),
                loan(3, product="征信贷"),
                loan(4, product=None),
                loan(5, institution="担保公司", product="担保"),
                loan(6, institution="别的银行"),
            ],
            NOW,
        )
    (fund,) = (await standings(database, {CODE: SUZHOU})).values()
    assert (fund.loans, fund.balance, fund.paid) == (1, 6_000_000, Losses(65, 20, 15))


async def test_a_share_that_depends_on_the_score_waits_for_it(database: Database) -> None:
    stage = Stage(database)
    await stage.set_up()
    bands = (
        Band(at_least=600, fund=Decimal(80), bank=Decimal(10), guarantor=Decimal(10)),
        Band(fund=Decimal(50), bank=Decimal(25), guarantor=Decimal(25)),
    )
    scheme = Scheme.model_validate(SUZHOU.model_dump() | {"bands": bands})
    async with database.unit_of_work() as session:
        await products.save_all(session, [SHARED], NOW)
        lost = {"state": "written_off", "balance": 1000}
        await loans.save_all(session, [loan(1, **lost), loan(2, uscc=OTHER, **lost)], NOW)
        await session.execute(insert(ScoreRow), [score(USCC, 600), score(OTHER, 700)])
    await stage.authorize([USCC], recipient=PLATFORM)
    (fund,) = (await standings(database, {CODE: scheme})).values()
    assert [loss.parts for loss in fund.losses] == [Losses(800, 100, 100), None]
    assert fund.paid == Losses(800, 100, 100)


def score(uscc: str, points: int, since: date = DAY, days: int = 0) -> dict[str, Any]:
    return {
        "uscc": uscc,
        "since": since,
        "as_of": since + timedelta(days=days),
        "scored_at": NOW,
        "version": "1",
        "checksum": "c",
        "score": points,
        "confidence": 1.0,
        "explanation": {},
        "content": "h",
    }
