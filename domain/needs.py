"""What an owner asks for: the `request` of the data formats, before it is anybody's request."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.base import Value
from domain.conditions import Months, Rate, Yuan
from domain.labels import Collateral, Guarantee, Industry, Purpose
from domain.products import RegionCode


class Need(Value):
    """A financing need; everything is optional, `None` or empty means left open.

    An amount known from one side only has the other bound `None`. `term_months` is the longest
    term asked for, `guarantee` lists what the owner would accept, `purpose_text` is in his words.
    """

    amount_min: Yuan | None = None
    amount_max: Yuan | None = None
    term_min_months: Months | None = None
    term_months: Months | None = None
    rate_max: Rate | None = None
    purpose: Purpose | None = None
    purpose_text: Annotated[str, Field(max_length=500)] = ""
    guarantee: tuple[Guarantee, ...] = ()
    collateral: tuple[Collateral, ...] | None = None
    region: RegionCode | None = None
    industry: Industry | None = None
    institutions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        for low, high in (("amount_min", "amount_max"), ("term_min_months", "term_months")):
            lower, upper = getattr(self, low), getattr(self, high)
            if lower is not None and upper is not None and lower > upper:
                raise ValueError(f"{low} 大于 {high}")
        return self
