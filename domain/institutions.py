"""Institutions: banks, guarantors, insurers and others that offer products."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Json, Row, UtcDateTime, Value
from domain.labels import Label
from domain.products import RegionCode


class InstitutionKind(Label):
    """What an institution is."""

    BANK = "bank", "银行"
    GUARANTOR = "guarantor", "担保机构"
    INSURER = "insurer", "保险机构"
    INVESTOR = "investor", "投资机构"
    LESSOR = "lessor", "融资租赁公司"


class Branch(Value):
    """A branch, with the region that it serves."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    region: RegionCode | None = None


class Officer(Value):
    """A person at an institution who receives its notices in WeChat."""

    openid: Annotated[str, Field(min_length=1, max_length=64)]
    name: str = ""
    branch: str | None = None


class Institution(Value):
    """An institution as other systems send it; empty `regions` mean everywhere."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: InstitutionKind = InstitutionKind.BANK
    aliases: tuple[str, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    branches: tuple[Branch, ...] = ()
    officers: tuple[Officer, ...] = ()


class InstitutionRow(Row):
    """An institution as stored: the whole format in `data`."""

    __tablename__ = "institutions"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def save(session: AsyncSession, institution: Institution, now: datetime) -> None:
    """Insert, or replace by `name`."""
    data = institution.model_dump(mode="json", exclude_unset=True)
    await session.merge(InstitutionRow(name=institution.name, data=data, updated_at=now))


async def known_names(session: AsyncSession) -> set[str]:
    return set(await session.scalars(select(InstitutionRow.name)))
