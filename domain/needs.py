"""What an owner asks for: the `request` of the data formats, before it is anybody's request."""

from typing import Annotated

from pydantic import Field

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
