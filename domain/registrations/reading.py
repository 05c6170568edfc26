"""Questions about registrations: a person's own, a company's people, and the offices' queues."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain import regions
from domain.companies import IMPORTED, CompanyMemberRow, CompanyRow, MemberRole, certain, people_of
from domain.labels import Industry
from domain.registrations.form import Form
from domain.registrations.rules import OPEN, RegistrationStatus
from domain.registrations.tables import RegistrationRow, RegistrationStepRow
from domain.secrets import Cipher


async def latest_of(session: AsyncSession, openid: str) -> RegistrationRow | None:
    """The registration that the person submitted last."""
    return next(iter(await all_of(session, openid)), None)


async def all_of(session: AsyncSession, openid: str) -> Sequence[RegistrationRow]:
    """The person's registrations, the one submitted last first."""
    query = (
        select(RegistrationRow)
        .where(RegistrationRow.openid == openid)
        .order_by(RegistrationRow.submitted_at.desc(), RegistrationRow.id.desc())
    )
    return (await session.scalars(query)).all()


async def own(session: AsyncSession, openid: str, registration_id: str) -> RegistrationRow | None:
    """A registration by its id, if it is that person's."""
    row = await session.get(RegistrationRow, registration_id)
    return row if row and row.openid == openid else None


async def open_of(session: AsyncSession, openid: str, uscc: str) -> RegistrationRow | None:
    """The person's registration for that company that is under way."""
    query = select(RegistrationRow).where(
        RegistrationRow.openid == openid, RegistrationRow.uscc == uscc, RegistrationRow.status.in_(OPEN)
    )
    # The row as it is now, also where the session met it before it waited for somebody.
    return (await session.scalars(query, execution_options={"populate_existing": True})).one_or_none()


def form_of(row: RegistrationRow, cipher: Cipher) -> Form:
    """What was filled in, for its owner to mend."""
    return Form(
        uscc=row.uscc,
        name=row.name,
        kind=row.company_kind,
        region=row.region,
        industry=Industry(row.industry),
        role=MemberRole(row.role),
        contact=cipher.decrypt(row.contact, "contact"),
        phone=cipher.decrypt(row.phone, "phone"),
        founded=row.founded,
        registered_capital=row.registered_capital,
        uscc_confirmed=row.uscc_doubtful,
    )


async def steps_of(session: AsyncSession, registration_id: str) -> Sequence[RegistrationStepRow]:
    """What happened to it, in its order."""
    query = (
        select(RegistrationStepRow)
        .where(RegistrationStepRow.registration_id == registration_id)
        .order_by(RegistrationStepRow.number)
    )
    return (await session.scalars(query)).all()


async def company_is_registered(session: AsyncSession, uscc: str) -> bool:
    """Whether somebody registered it here, or the platform that it comes from vouches for it."""
    company = await session.get(CompanyRow, uscc)
    if company is None:
        return False
    return company.enrolled or bool(await _members(session, company))


async def company_region(session: AsyncSession, uscc: str) -> str | None:
    """Where the company is, if it is known as precisely as a form asks for it."""
    company = await session.get(CompanyRow, uscc)
    code = company.facts.get("region") if company else None
    return code if code and regions.exists(code) and not code.endswith("0000") else None


async def is_registered(session: AsyncSession, openid: str) -> bool:
    """Whether the person acts for a registered company: by a registration of his own, or by a vouched one."""
    query = (
        select(CompanyMemberRow.uscc)
        .join(CompanyRow, CompanyRow.uscc == CompanyMemberRow.uscc)
        .where(CompanyMemberRow.openid == openid)
        .where(certain())
    )
    return await session.scalar(query.limit(1)) is not None


def is_certain(company: CompanyRow, member: CompanyMemberRow) -> bool:
    """Whether the person's place was looked at: here, or by the platform that vouches for the company.

    A plain import only says who might be meant; he still has to register.
    """
    return company.enrolled or member.evidence != IMPORTED


async def deciders(session: AsyncSession, uscc: str) -> list[str]:
    """Who may say yes to a person that joins: the legal representatives, without one the first member."""
    company = await session.get(CompanyRow, uscc)
    members = await _members(session, company) if company else []
    heads = [member.openid for member in members if member.role == MemberRole.LEGAL_REPRESENTATIVE]
    return heads or [member.openid for member in members[:1]]


async def awaiting(session: AsyncSession, openid: str) -> list[RegistrationRow]:
    """Those who ask to join a company and wait for this person's word, oldest first."""
    companies = select(CompanyMemberRow.uscc).where(CompanyMemberRow.openid == openid)
    query = (
        select(RegistrationRow)
        .where(RegistrationRow.status == RegistrationStatus.MEMBER_REVIEW)
        .where(RegistrationRow.uscc.in_(companies))
        .order_by(RegistrationRow.submitted_at, RegistrationRow.id)
    )
    found = (await session.scalars(query)).all()
    return [row for row in found if openid in await deciders(session, row.uscc)]


async def _members(session: AsyncSession, company: CompanyRow) -> list[CompanyMemberRow]:
    """The people whose place is certain, the first first."""
    return list(await people_of(session, company.uscc))


async def queue(
    session: AsyncSession,
    *,
    within: Collection[str] | None,
    status: RegistrationStatus | None = None,
    region: str | None = None,
    after: tuple[datetime, str] | None = None,
    size: int,
) -> Sequence[RegistrationRow]:
    """Registrations in these regions (None: everywhere), who has waited longest first, at most `size`.

    `after` is submission time and id of the last one of the page before.
    """
    place = (RegistrationRow.submitted_at, RegistrationRow.id)
    query = select(RegistrationRow)
    for codes in (within, None if region is None else (region,)):
        if codes is not None:
            inside = [RegistrationRow.region.startswith(regions.prefix(code)) for code in codes]
            query = query.where(or_(False, *inside))
    if status is not None:
        query = query.where(RegistrationRow.status == status)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return (await session.scalars(query.order_by(*place).limit(size))).all()
