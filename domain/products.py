"""Financial products: the catalogue format and its table."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from domain.base import Value
from domain.conditions import Conditions, Months, Rate, Yuan
from domain.labels import Guarantee, Industry, ProductKind, Purpose

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{5}$")]


class Product(Value):
    """A product as an institution offers it.

    Money in yuan, terms in months, rates in per cent a year. Empty `purposes`, `regions`,
    `industries` and `guarantees` mean any; a missing bound means none.
    """

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=60)]
    institution: Annotated[str, Field(min_length=1, max_length=60)]
    kind: ProductKind = ProductKind.LOAN
    amount_min: Yuan | None = None
    amount_max: Yuan | None = None
    term_min_months: Months | None = None
    term_max_months: Months | None = None
    rate_min: Rate | None = None
    rate_max: Rate | None = None
    guarantees: tuple[Guarantee, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    industries: tuple[Industry, ...] = ()
    conditions: Conditions = Conditions()
    decision_days: Annotated[int, Field(ge=1, le=5)] = 5
    materials: tuple[str, ...] = ()
    description: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        for low, high in (
            ("amount_min", "amount_max"),
            ("term_min_months", "term_max_months"),
            ("rate_min", "rate_max"),
            ("valid_from", "valid_to"),
        ):
            lower, upper = getattr(self, low), getattr(self, high)
            if lower is not None and upper is not None and lower > upper:
                raise ValueError(f"{low} 大于 {high}")
        return self

    def on_offer(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )
