"""Companies: the exchange format and the table."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime, Value
from domain.conditions import Yuan
from domain.labels import Collateral, Industry, Qualification, TaxGrade
from domain.products import RegionCode
from domain.secrets import Cipher

Uscc = Annotated[str, StringConstraints(pattern=r"^(?i:[0-9A-HJ-NP-RTUW-Y]{18})$", to_upper=True)]


def _whole_day(value: object) -> object:
    """`2016` and `2016-05` are dates of reduced precision: the earliest day meant, which excludes nobody."""
    padding = {len("2016"): "-01-01", len("2016-05"): "-01"}
    text = str(value) if isinstance(value, str | int) else ""
    return text + padding[len(text)] if len(text) in padding else value


FoundedOn = Annotated[date, BeforeValidator(_whole_day)]


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


class Company(CompanyFacts):
    """A company as other systems send it."""

    uscc: Uscc
    name: Annotated[str, Field(min_length=1, max_length=120)]
    openid: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    contact: Annotated[str, Field(max_length=64)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None
    enrolled: bool = False
    notices: tuple[str, ...] = ()


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
    """A person who acts for a company; `evidence` says how that is known."""

    __tablename__ = "company_members"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(ForeignKey("companies.uscc"), primary_key=True)
    evidence: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


async def save(session: AsyncSession, company: Company, cipher: Cipher, now: datetime) -> None:
    """Insert, or replace by `uscc`; a row with `openid` binds the company to that person."""
    facts = CompanyFacts.model_validate(company.model_dump(include=set(CompanyFacts.model_fields)))
    row = CompanyRow(
        uscc=company.uscc,
        name=company.name,
        facts=facts.model_dump(mode="json", exclude_none=True),
        contact=cipher.encrypt(company.contact, "contact") if company.contact else None,
        phone=cipher.encrypt(company.phone, "phone") if company.phone else None,
        enrolled=company.enrolled,
        notices=list(company.notices),
        updated_at=now,
    )
    await session.merge(row)
    if company.openid:
        await session.flush()
        await session.merge(
            CompanyMemberRow(openid=company.openid, uscc=company.uscc, evidence="import", since=now)
        )


async def company_of(session: AsyncSession, openid: str) -> CompanyRow | None:
    """The company that the person acts for; the one bound last, if there are several."""
    query = (
        select(CompanyRow)
        .join(CompanyMemberRow, CompanyMemberRow.uscc == CompanyRow.uscc)
        .where(CompanyMemberRow.openid == openid)
        .order_by(CompanyMemberRow.since.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()
