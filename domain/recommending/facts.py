"""What is known of the firm that a request is for."""

from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.companies import CompanyFacts, CompanyRow
from domain.requests import RequestRow


async def known(session: AsyncSession, request: RequestRow) -> CompanyFacts:
    """Its record on the platform, completed by what the owner said himself."""
    if request.uscc:
        company = await session.get(CompanyRow, request.uscc)
    else:
        company = await companies.company_of(session, request.openid)
    recorded = company.facts if company else {}
    return CompanyFacts.model_validate(request.declared | recorded)
