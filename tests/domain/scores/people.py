"""Companies for tests: what is known of them, what they agreed to, and their columns without a database."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import select

from bot.sections import PROJECT
from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, PURPOSES, Category, DataPurpose, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.companies import CompanyMemberRow, CompanyRow
from domain.credit import keeping
from domain.credit.registry import Kind as Type
from domain.credit.registry import standard
from domain.credit.values import CreditStatement, Stored, fitted
from domain.database import Database
from domain.scores.columns import Column
from domain.scores.scorecard import Read, load
from domain.scores.scorer import Scorer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
RECENTLY = date(2026, 10, 31)
REGISTRY = standard()
SCORECARD = load(PROJECT / "reference" / "scorecard.yml")
SCORER = Scorer(SCORECARD, REGISTRY)
_EPOCH = date(1970, 1, 1).toordinal()

STEADY, SHAKY, SILENT = "91320583MA1WFK8X3Y", "913205077N25A1B2C3", "91320505MA2Q7B8C9D"
KNOWN: dict[str, dict[str, Stored]] = {
    STEADY: {
        "founded_on": "2012-03-08",
        "utility_account_months": 96,
        "premises_owned": True,
        "top5_customer_share": 0.42,
        "invoiced_customers_12m": 35,
        "annual_report_filed": True,
        "representative_tenure_months": 150,
        "representative_changes_3y": 0,
        "pledged_share": 0,
        "quality_certificates": 2,
        "invoiced_sales_12m": 31_000_000,
        "invoiced_sales_growth": 0.14,
        "invoiced_months_12m": 12,
        "tax_paid_12m": 930_000,
        "electricity_growth": 0.06,
        "insured_employees": 58,
        "employees": 64,
        "specialised_new_level": "省级",
        "debt_ratio": 0.38,
        "current_ratio": 1.7,
        "net_margin": 0.07,
        "revenue": 30_500_000,
        "operating_cash_flow": 2_600_000,
        "receivables_days": 62,
        "overdue_now": False,
        "overdue_times_24m": 0,
        "loan_classification": "正常",
        "credit_history_months": 84,
        "dishonest_debtor": False,
        "enforcements_open": 0,
        "lawsuits_defendant_2y": 0,
        "tax_grade": "A",
        "tax_arrears_amount": 0,
        "social_insurance_months_24m": 24,
        "penalties_2y": 0,
    },
    SHAKY: {
        "founded_on": "2024-06-01",
        "invoiced_customers_12m": 2,
        "annual_report_filed": False,
        "representative_changes_3y": 2,
        "invoiced_sales_12m": 900_000,
        "invoiced_sales_growth": -0.42,
        "invoiced_months_12m": 5,
        "electricity_growth": -0.5,
        "debt_ratio": 0.91,
        "current_ratio": 0.6,
        "net_margin": -0.2,
        "overdue_now": True,
        "overdue_times_24m": 4,
        "overdue_days_max_24m": 120,
        "loan_classification": "次级",
        "dishonest_debtor": False,
        "enforcements_open": 1,
        "lawsuits_defendant_2y": 3,
        "tax_grade": "C",
        "tax_arrears_amount": 60_000,
        "penalties_2y": 1,
    },
    SILENT: {"founded_on": "2025-09-01", "premises_owned": False},
}


def columns(*companies: Mapping[str, Stored], disputed: Collection[str] = ()) -> dict[Read, Column]:
    """What the scorecard reads, a company a place; `disputed` of all of them."""
    return {read: _column(read.indicator, companies, disputed) for read in SCORECARD.reads}


def _column(code: str, companies: Collection[Mapping[str, Stored]], disputed: Collection[str]) -> Column:
    values = [_as_float(code, known[code]) if code in known else np.nan for known in companies]
    flags = [code in disputed and code in known for known in companies]
    return Column(np.array(values, dtype=np.float64), np.array(flags, dtype=np.bool_))


def _as_float(code: str, value: Stored) -> float:
    indicator = REGISTRY[code]
    if indicator.type is Type.DATE:
        return float(date.fromisoformat(str(value)).toordinal() - _EPOCH)
    return float(indicator.choices.index(str(value)) if indicator.type is Type.CHOICE else value)


async def settle(database: Database, uscc: str) -> None:
    """A company and its owner, both taken over from another platform."""
    async with database.unit_of_work() as session:
        session.add(
            CompanyRow(
                uscc=uscc, name=f"公司{uscc[-4:]}", facts={}, enrolled=True, notices=[], updated_at=NOW
            )
        )
        await session.flush()
        session.add(
            CompanyMemberRow(
                openid=owner_of(uscc), uscc=uscc, role="legal_representative", evidence="import", since=NOW
            )
        )


def owner_of(uscc: str) -> str:
    return f"owner-{uscc}"


def authorization_of(uscc: str, kind: Kind = Kind.CREDIT_DATA) -> str:
    """Its id; a company gives one of a kind in these tests."""
    return f"AU-{kind[:1]}-{uscc}"


async def authorize(
    database: Database,
    uscc: str,
    *,
    kind: Kind = Kind.CREDIT_DATA,
    recipient: str = PLATFORM,
    scope: Collection[Category] = ALL_CATEGORIES,
    purposes: Collection[DataPurpose] | None = None,
    now: datetime = NOW,
) -> str:
    """An authorization that stands; its id."""
    async with database.unit_of_work() as session:
        row = AuthorizationRow(
            id=authorization_of(uscc, kind),
            kind=kind,
            uscc=uscc,
            recipient=recipient,
            scope=frozenset(scope),
            purposes=frozenset(PURPOSES[kind] if purposes is None else purposes),
            given_at=now - timedelta(days=1),
            until=now + timedelta(days=300),
            next_notice_at=now + timedelta(days=300),
            ticket=f"{kind}-{uscc}",
            evidence="test",
        )
        session.add(row)
    return row.id


async def revoke(database: Database, authorization: str) -> None:
    async with database.unit_of_work() as session:
        row = await session.get_one(AuthorizationRow, authorization)
        row.ended_at = NOW


async def state(
    database: Database, uscc: str, known: Mapping[str, Stored], as_of: date = RECENTLY, batch: str = "b1"
) -> None:
    """What sources say about the company."""
    statements = [
        fitted(
            CreditStatement(
                uscc=uscc, indicator=code, as_of=_latest(code, as_of), value=value, source="市大数据局"
            ),
            REGISTRY,
        )
        for code, value in known.items()
    ]
    async with database.unit_of_work() as session:
        await keeping.keep(session, statements, batch, NOW)


def _latest(code: str, as_of: date) -> date:
    """A year that is over, for what counts by years."""
    return date(as_of.year - 1, 12, 31) if REGISTRY[code].periodic == "year" else as_of


async def credit_score(database: Database, uscc: str) -> object:
    """What matching knows."""
    async with database.reading() as session:
        facts = await session.scalar(select(CompanyRow.facts).where(CompanyRow.uscc == uscc))
    return (facts or {}).get("credit_score")
