"""The end of a registration: the company and its person exist."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.bulk import upsert
from domain.companies import CompanyFacts, CompanyMemberRow, CompanyRow, facts
from domain.labels import Industry
from domain.registrations.tables import RegistrationRow


async def enrol(session: AsyncSession, row: RegistrationRow, now: datetime) -> None:
    """Write them. What an import knows of the company stays; what it lacks is added."""
    stated = _stated(row)
    await upsert(session, CompanyRow, [_company(row, stated, now)], update=[])
    company = await session.get_one(CompanyRow, row.uscc, with_for_update=True, populate_existing=True)
    if missing := stated.keys() - company.facts.keys():
        company.facts = company.facts | {name: stated[name] for name in missing}
        company.updated_at = now
    # Both or neither: the phone of one and the name of another would mislead whoever calls.
    if company.contact is None and company.phone is None:
        company.contact, company.phone, company.updated_at = row.contact, row.phone, now
    member = {"openid": row.openid, "uscc": row.uscc, "role": row.role, "evidence": row.id, "since": now}
    await upsert(session, CompanyMemberRow, [member], update=["role", "evidence"])


def _stated(row: RegistrationRow) -> dict[str, Any]:
    return facts(
        CompanyFacts(
            region=row.region,
            industry=Industry(row.industry),
            founded=row.founded,
            registered_capital=row.registered_capital,
        )
    )


def _company(row: RegistrationRow, stated: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "uscc": row.uscc,
        "name": row.name,
        "facts": stated,
        "contact": row.contact,
        "phone": row.phone,
        "enrolled": False,
        "notices": [],
        "updated_at": now,
    }
