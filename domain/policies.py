"""Government policies: the catalogue format and its table."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.base import Value
from domain.conditions import Conditions, Yuan
from domain.labels import Industry, PolicyKind, PolicyLevel
from domain.products import Code, RegionCode


class Policy(Value):
    """A policy that companies can benefit from; empty `regions` and `industries` mean any."""

    code: Code
    title: Annotated[str, Field(min_length=1, max_length=120)]
    issuer: Annotated[str, Field(min_length=1, max_length=120)]
    level: PolicyLevel
    kind: PolicyKind
    regions: tuple[RegionCode, ...] = ()
    industries: tuple[Industry, ...] = ()
    conditions: Conditions = Conditions()
    benefit: str = ""
    benefit_max: Yuan | None = None
    text: str = ""
    published: date | None = None
    deadline: date | None = None
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.published and self.deadline and self.published > self.deadline:
            raise ValueError("published 晚于 deadline")
        return self

    def on_offer(self, day: date) -> bool:
        return (self.published is None or self.published <= day) and (
            self.deadline is None or day <= self.deadline
        )
