"""Companies and the people who act for them: the exchange format and the tables."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from sqlalchemy import ColumnElement, ForeignKey, String, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.authorizations.enrolment import take_over_enrolled
from domain.base import Json, Row, UtcDateTime, Value
from domain.bulk import Fields, upsert
from domain.conditions import Yuan
from domain.labels import Collateral, Industry, Label, Qualification, TaxGrade
from domain.products import RegionCode
from domain.secrets import Cipher

Uscc = Annotated[str, StringConstraints(pattern=r"^(?i:[0-9A-HJ-NP-RTUW-Y]{18})$", to_upper=True)]


def _whole_day(value: object) -> object:
    """`2016` and `2016-05` are dates of reduced precision: the earliest day meant, which excludes nobody."""
    padding = {len("2016"): "-01-01", len("2016-05"): "-01"}
    text = str(value) if isinstance(value, str | int) else ""
    return text + padding[len(text)] if len(text) in padding else value


FoundedOn = Annotated[date, BeforeValidator(_whole_day)]


IMPORTED = "import"
"""The evidence of a person's place in a company that another system told."""


class MemberRole(Label):
    """What a person is in a company."""

    LEGAL_REPRESENTATIVE = "legal_representative", "法定代表人"
    AGENT = "agent", "经办人"
    ACCOUNTANT = "accountant", "财务"
    SHAREHOLDER = "shareholder", "股东"


class CompanyFacts(Value):
    """What is known about a company for matching; `None` means not known, an empty tuple means none."""

    region: RegionCode | None = None
    industry: Industry | None = None
    founded: FoundedOn | None = None
    registered_capital: Yuan | None = None
    revenue: Yuan | None = None
    employees: Annotated[int, Field(ge=0)] | None = None
    assets: Yuan | None = None
    liabilities: Yuan | None = None
    tax_grade: TaxGrade | None = None
    credit_score: Annotated[int, Field(ge=0)] | None = None
    qualifications: tuple[Qualification, ...] | None = None
    first_loan: bool | None = None
    overdue: bool | None = None
    collaterals: tuple[Collateral, ...] | None = None


OpenId = Annotated[str, Field(min_length=1, max_length=64)]
_FACTS = set(CompanyFacts.model_fields)
# What a system that knows nothing of it must not take away from a company that is known.
_KEPT = {"contact", "phone", "enrolled", "notices"}


class Member(Value):
    """A person who acts for a company; without a role he keeps the one he has, or is its agent."""

    openid: OpenId
    role: MemberRole | None = None


class Company(CompanyFacts):
    """A company as other systems send it; `openid` and `role` are a short form of one of the `members`."""

    uscc: Uscc
    name: Annotated[str, Field(min_length=1, max_length=120)]
    openid: OpenId | None = None
    role: MemberRole | None = None
    members: tuple[Member, ...] = ()
    contact: Annotated[str, Field(max_length=64)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None
    enrolled: bool = False
    notices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _a_role_is_somebodys(self) -> Self:
        if self.role and not self.openid:
            raise ValueError("填了 role 却没有 openid")
        return self

    def people(self) -> dict[str, MemberRole | None]:
        """Everybody named, by openid."""
        named = {member.openid: member.role for member in self.members}
        if self.openid:
            named[self.openid] = self.role or named.get(self.openid)
        return named


class CompanyRow(Row):
    """A company; contact and phone are encrypted.

    `enrolled` and `notices` are what the platform that it comes from vouches for: that it was
    registered there, and which notices its person asked for.
    """

    __tablename__ = "companies"

    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    contact: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    enrolled: Mapped[bool]
    notices: Mapped[list[str]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CompanyMemberRow(Row):
    """A person who acts for a company, in one role; `evidence` says how that is known."""

    __tablename__ = "company_members"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(ForeignKey("companies.uscc"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


async def known(session: AsyncSession, usccs: Sequence[str], *, cipher: Cipher) -> dict[str, Fields]:
    """The fields of those that are stored, by uscc, in the form of `fields`."""
    members: defaultdict[str, Fields] = defaultdict(dict)
    people = select(CompanyMemberRow.uscc, CompanyMemberRow.openid, CompanyMemberRow.role)
    for uscc, openid, role in await session.execute(people.where(CompanyMemberRow.uscc.in_(usccs))):
        members[uscc][openid] = role
    rows = await session.scalars(select(CompanyRow).where(CompanyRow.uscc.in_(usccs)))
    return {row.uscc: _stored_fields(row, members[row.uscc], cipher) for row in rows}


def _stored_fields(row: CompanyRow, members: Fields, cipher: Cipher) -> Fields:
    return {
        **row.facts,
        "uscc": row.uscc,
        "name": row.name,
        "contact": cipher.decrypt(row.contact, "contact") if row.contact else None,
        "phone": cipher.decrypt(row.phone, "phone") if row.phone else None,
        "enrolled": row.enrolled,
        "notices": row.notices,
        "members": members,
    }


def fields(company: Company, before: Fields | None = None) -> Fields:
    """The record by field as it will stand: the people of `before` stay, of `_KEPT` what is not stated."""
    members: Fields = dict(before["members"]) if before else {}
    for openid, role in company.people().items():
        members[openid] = role or members.get(openid, MemberRole.AGENT)
    stated: Fields = {
        **facts(company),
        "uscc": company.uscc,
        "name": company.name,
        "contact": company.contact or None,
        "phone": company.phone or None,
        "enrolled": company.enrolled,
        "notices": list(company.notices),
        "members": members,
    }
    kept = {name: before[name] for name in _KEPT - company.model_fields_set} if before else {}
    return stated | kept


def facts(company: CompanyFacts) -> Fields:
    """What matching asks for, as stored: only what is known."""
    return company.model_dump(mode="json", exclude_none=True, include=_FACTS)


async def save_all(
    session: AsyncSession, companies: Sequence[Company], now: datetime, *, cipher: Cipher
) -> None:
    """Insert, or replace by `uscc`, but for what of `_KEPT` is not stated.

    People are added, and change their role where one is stated.
    """
    by_stated: defaultdict[frozenset[str], list[Fields]] = defaultdict(list)
    for company in companies:
        stated = frozenset(_KEPT & company.model_fields_set)
        by_stated[stated].append(_row(company, now, cipher))
    for stated, rows in by_stated.items():
        await upsert(session, CompanyRow, rows, update=["name", "facts", "updated_at", *sorted(stated)])
    await take_over_enrolled(session, [company.uscc for company in companies if company.enrolled], now)
    people = [
        (role is not None, _member(company.uscc, openid, role or MemberRole.AGENT, now))
        for company in companies
        for openid, role in company.people().items()
    ]
    await upsert(session, CompanyMemberRow, [row for stated, row in people if stated], update=["role"])
    await upsert(session, CompanyMemberRow, [row for stated, row in people if not stated], update=[])


def _row(company: Company, now: datetime, cipher: Cipher) -> Fields:
    return {
        "uscc": company.uscc,
        "name": company.name,
        "facts": facts(company),
        "contact": cipher.encrypt(company.contact, "contact") if company.contact else None,
        "phone": cipher.encrypt(company.phone, "phone") if company.phone else None,
        "enrolled": company.enrolled,
        "notices": list(company.notices),
        "updated_at": now,
    }


def _member(uscc: str, openid: str, role: MemberRole, now: datetime) -> Fields:
    return {"openid": openid, "uscc": uscc, "role": role, "evidence": IMPORTED, "since": now}


def certain() -> ColumnElement[bool]:
    """Of a member beside his company: whether his place was looked at, here or by the platform it comes from.

    A plain import only says who might be meant; he still has to register.
    """
    return or_(CompanyRow.enrolled, CompanyMemberRow.evidence != IMPORTED)


async def company_of(session: AsyncSession, openid: str) -> CompanyRow | None:
    """The company that the person acts for, or may be meant for; the one bound last, if there are several."""
    return next(iter(await companies_of(session, openid)), None)


async def companies_of(session: AsyncSession, openid: str) -> Sequence[CompanyRow]:
    """All companies that name the person, the one bound last first; see `registered_by`."""
    query = (
        select(CompanyRow)
        .join(CompanyMemberRow, CompanyMemberRow.uscc == CompanyRow.uscc)
        .where(CompanyMemberRow.openid == openid)
        .order_by(CompanyMemberRow.since.desc(), CompanyRow.uscc)
    )
    return (await session.scalars(query)).all()


async def registered_by(session: AsyncSession, openid: str) -> Sequence[CompanyRow]:
    """Those of them for which he acts: in which his place is certain. The one bound last first."""
    query = (
        select(CompanyRow)
        .join(CompanyMemberRow, CompanyMemberRow.uscc == CompanyRow.uscc)
        .where(CompanyMemberRow.openid == openid)
        .where(certain())
        .order_by(CompanyMemberRow.since.desc(), CompanyRow.uscc)
    )
    return (await session.scalars(query)).all()


async def acts_for(session: AsyncSession, openid: str, uscc: str) -> bool:
    """Whether the person's place in the company is certain."""
    member = exists().where(
        CompanyMemberRow.openid == openid,
        CompanyMemberRow.uscc == uscc,
        CompanyRow.uscc == CompanyMemberRow.uscc,
        certain(),
    )
    return bool(await session.scalar(select(member)))


async def people_of(session: AsyncSession, uscc: str) -> Sequence[CompanyMemberRow]:
    """Everybody who acts for the company, the one bound first first."""
    query = (
        select(CompanyMemberRow)
        .join(CompanyRow, CompanyRow.uscc == CompanyMemberRow.uscc)
        .where(CompanyMemberRow.uscc == uscc, certain())
        .order_by(CompanyMemberRow.since, CompanyMemberRow.openid)
    )
    return (await session.scalars(query)).all()


async def unknown(session: AsyncSession, usccs: Sequence[str]) -> set[str]:
    """Those of which there is no company."""
    return set(usccs) - set(await session.scalars(select(CompanyRow.uscc).where(CompanyRow.uscc.in_(usccs))))
