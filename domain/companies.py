"""Companies: the exchange format and the table."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.base import Value
from domain.conditions import Yuan
from domain.labels import Collateral, Industry, Qualification, TaxGrade
from domain.products import RegionCode

Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NP-RTUW-Y]{18}$", to_upper=True)]


class CompanyFacts(Value):
    """What is known about a company for matching; `None` means not known, an empty tuple means none."""

    region: RegionCode | None = None
    industry: Industry | None = None
    founded: date | None = None
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
    openid: str | None = None
    contact: str | None = None
    phone: str | None = None
    enrolled: bool = False
    notices: tuple[str, ...] = ()
