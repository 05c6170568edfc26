"""Government policies: the catalogue format and its table."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime, Value
from domain.bulk import Fields, upsert
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


class PolicyRow(Row):
    """A policy as stored: the whole format in `data`."""

    __tablename__ = "policies"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(120), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def policy(self) -> Policy:
        return Policy.model_validate(self.data)


async def known(session: AsyncSession, codes: Sequence[str]) -> dict[str, Fields]:
    """The fields of those that are stored, by code."""
    found = await session.execute(select(PolicyRow.code, PolicyRow.data).where(PolicyRow.code.in_(codes)))
    return dict(found.all())


def fields(policy: Policy, before: Fields | None = None) -> Fields:
    """The record as it is stored: all that is stated; nothing of what was there `before` stays."""
    del before
    return policy.model_dump(mode="json", exclude_defaults=True)


async def save_all(session: AsyncSession, policies: Sequence[Policy], now: datetime) -> None:
    """Insert, or replace by `code`; the caller tells the catalogue that it changed."""
    rows = [
        {"code": policy.code, "title": policy.title, "data": fields(policy), "updated_at": now}
        for policy in policies
    ]
    await upsert(session, PolicyRow, rows)


async def all_policies(session: AsyncSession) -> list[Policy]:
    rows = await session.scalars(select(PolicyRow).order_by(PolicyRow.code))
    return [row.policy for row in rows]
