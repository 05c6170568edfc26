"""Which company a page is about: one that the person acts for, and no other."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.pages.errors import NoSuchPage
from bot.web.pages.parts import visit_of
from domain import companies
from domain.companies import CompanyRow
from domain.registrations import reading
from domain.registrations.rules import RegistrationStatus


@dataclass(frozen=True, slots=True)
class Mine:
    """`company` is the one that was chosen; `all` are those to choose from, by code and name."""

    company: CompanyRow
    all: Sequence[CompanyRow]


@dataclass(frozen=True, slots=True)
class Subject:
    """A company by code and name; `activates`: it is registered once it has authorized."""

    uscc: str
    name: str
    activates: bool = False


async def chosen(request: web.Request, session: AsyncSession) -> Mine | None:
    """The company that the address names, else the one bound last; None for who has none.

    Raises:
        NoSuchPage: it names a company that is not this person's.
    """
    mine = await companies.registered_by(session, visit_of(request).openid)
    wanted = request.query.get("company")
    if not wanted:
        return Mine(mine[0], mine) if mine else None
    found = next((company for company in mine if company.uscc == wanted), None)
    if found is None:
        raise NoSuchPage
    return Mine(found, mine)


async def subjects(session: AsyncSession, openid: str) -> list[Subject]:
    """The companies that the person may agree for: his own, and those that wait for just that."""
    mine = [Subject(row.uscc, row.name) for row in await companies.registered_by(session, openid)]
    known = {subject.uscc for subject in mine}
    waiting = [
        Subject(row.uscc, row.name, activates=True)
        for row in await reading.all_of(session, openid)
        if row.state is RegistrationStatus.ACTIVATION and row.uscc not in known
    ]
    return waiting + mine
