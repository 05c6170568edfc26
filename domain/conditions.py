"""Admission conditions of products and policies, in the format of the catalogue files."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.labels import Collateral, Qualification, TaxGrade

Yuan = Annotated[int, Field(ge=0, le=10**13)]
Months = Annotated[int, Field(ge=0, le=1200)]
Rate = Annotated[Decimal, Field(ge=0, le=100)]
# To the last decimal that is kept: what is finer is refused, not rounded.
ExactRate = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]


class Conditions(BaseModel):
    """What a company must fulfil; every key is optional and all that are given must hold.

    Money is in yuan, `debt_ratio_max` is liabilities / assets as a fraction, bounds are inclusive.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    founded_months_min: Months | None = None
    revenue_min: Yuan | None = None
    revenue_max: Yuan | None = None
    employees_min: Annotated[int, Field(ge=0)] | None = None
    employees_max: Annotated[int, Field(ge=0)] | None = None
    registered_capital_min: Yuan | None = None
    assets_max: Yuan | None = None
    debt_ratio_max: Annotated[Decimal, Field(ge=0)] | None = None
    credit_score_min: Annotated[int, Field(ge=0)] | None = None
    tax_grades: tuple[TaxGrade, ...] = ()
    qualifications_any: tuple[Qualification, ...] = ()
    qualifications_all: tuple[Qualification, ...] = ()
    collaterals_any: tuple[Collateral, ...] = ()
    first_loan: bool | None = None
    no_overdue: Literal[True] | None = None
