"""Financial products: the catalogue format and its table."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime, Value
from domain.bulk import Fields, upsert
from domain.conditions import Conditions, Months, Rate, Yuan
from domain.labels import Guarantee, Industry, ProductKind, Purpose

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{5}$")]
SchemeCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Product(Value):
    """A product as an institution offers it.

    Money in yuan, terms in months, rates in per cent a year. Empty `purposes`, `regions`,
    `industries` and `guarantees` mean any; a missing bound means none. `risk_sharing` is the code of the
    scheme by which a loss is shared, see `domain.risk_sharing`.
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
    risk_sharing: SchemeCode | None = None
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


class ProductRow(Row):
    """A product as stored: what is searched for in columns, the whole format in `data`."""

    __tablename__ = "products"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    institution: Mapped[str] = mapped_column(String(60), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def product(self) -> Product:
        return Product.model_validate(self.data)


async def known(session: AsyncSession, codes: Sequence[str]) -> dict[str, Fields]:
    """The fields of those that are stored, by code."""
    found = await session.execute(select(ProductRow.code, ProductRow.data).where(ProductRow.code.in_(codes)))
    return dict(found.all())


def fields(product: Product, before: Fields | None = None) -> Fields:
    """The record as it is stored: all that is stated; nothing of what was there `before` stays."""
    del before
    return product.model_dump(mode="json", exclude_defaults=True)


async def save_all(session: AsyncSession, products: Sequence[Product], now: datetime) -> None:
    """Insert, or replace by `code`; the caller tells the catalogue that it changed."""
    rows = [
        {
            "code": product.code,
            "name": product.name,
            "institution": product.institution,
            "data": fields(product),
            "updated_at": now,
        }
        for product in products
    ]
    await upsert(session, ProductRow, rows)


async def all_products(session: AsyncSession) -> list[Product]:
    rows = await session.scalars(select(ProductRow).order_by(ProductRow.code))
    return [row.product for row in rows]


async def named(session: AsyncSession, name: str) -> list[Product]:
    """All products of that name, one for each institution that offers it."""
    rows = await session.scalars(select(ProductRow).where(ProductRow.name == name).order_by(ProductRow.code))
    return [row.product for row in rows]
