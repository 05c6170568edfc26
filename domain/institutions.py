"""Institutions: banks, guarantors, insurers and others that offer products; their branches and officers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import regions
from domain.base import Json, Row, UtcDateTime, Value
from domain.bulk import Fields, upsert
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
    name: Annotated[str, Field(max_length=60)] = ""
    branch: Annotated[str, Field(max_length=60)] | None = None


class Institution(Value):
    """An institution as other systems send it; empty `regions` mean everywhere.

    `branches` and `officers` that are not stated stay as they are; stated ones replace all.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: InstitutionKind = InstitutionKind.BANK
    aliases: tuple[str, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    branches: tuple[Branch, ...] = ()
    officers: tuple[Officer, ...] = ()

    @model_validator(mode="after")
    def _everybody_once(self) -> Self:
        for field, names in (
            ("branches", [branch.name for branch in self.branches]),
            ("officers", [officer.openid for officer in self.officers]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"{field} 中有重复")
        homes = {officer.branch for officer in self.officers if officer.branch}
        strange = homes - {branch.name for branch in self.branches} if self.branches else set()
        if strange:
            raise ValueError(f"officers 中的网点不在 branches 里：{'、'.join(sorted(strange))}")
        return self


class InstitutionRow(Row):
    """An institution as stored: the format in `data`, but for branches and officers."""

    __tablename__ = "institutions"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BranchRow(Row):
    """A branch, with the region that it serves; without one it serves wherever its institution does."""

    __tablename__ = "institution_branches"

    institution: Mapped[str] = mapped_column(ForeignKey("institutions.name"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    region: Mapped[str | None] = mapped_column(String(6))


class OfficerRow(Row):
    """A person at an institution, of one branch or of the whole house. The openid belongs in no log."""

    __tablename__ = "institution_officers"

    institution: Mapped[str] = mapped_column(ForeignKey("institutions.name"), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(60))
    branch: Mapped[str | None] = mapped_column(String(60))


_APART = {"branches", "officers"}


async def known(session: AsyncSession, names: Sequence[str]) -> dict[str, Fields]:
    """The fields of those that are stored, by name, in the form of `fields`."""
    rows = await session.execute(
        select(InstitutionRow.name, InstitutionRow.data).where(InstitutionRow.name.in_(names))
    )
    found: dict[str, Fields] = {name: {**data, "branches": {}, "officers": {}} for name, data in rows}
    for branch in await session.scalars(select(BranchRow).where(BranchRow.institution.in_(names))):
        found[branch.institution]["branches"][branch.name] = branch.region
    for officer in await session.scalars(select(OfficerRow).where(OfficerRow.institution.in_(names))):
        found[officer.institution]["officers"][officer.openid] = [officer.name, officer.branch]
    return found


def fields(institution: Institution, before: Fields | None = None) -> Fields:
    """The record by field as it will stand, branches by name and officers by openid."""
    stated: Fields = {
        "branches": {branch.name: branch.region for branch in institution.branches},
        "officers": {officer.openid: [officer.name, officer.branch] for officer in institution.officers},
    }
    kept = {name: before[name] for name in _APART - institution.model_fields_set} if before else {}
    return _data(institution) | stated | kept


def _data(institution: Institution) -> Fields:
    return institution.model_dump(mode="json", exclude_defaults=True, exclude=_APART)


async def save_all(session: AsyncSession, institutions: Sequence[Institution], now: datetime) -> None:
    """Insert, or replace by `name`; branches and officers are replaced where they are stated."""
    rows = [{"name": item.name, "data": _data(item), "updated_at": now} for item in institutions]
    await upsert(session, InstitutionRow, rows)
    await _replace_branches(session, [item for item in institutions if "branches" in item.model_fields_set])
    await _replace_officers(session, [item for item in institutions if "officers" in item.model_fields_set])


async def _replace_branches(session: AsyncSession, institutions: Sequence[Institution]) -> None:
    names = [item.name for item in institutions]
    await session.execute(delete(BranchRow).where(BranchRow.institution.in_(names)))
    rows = [
        {"institution": item.name, "name": branch.name, "region": branch.region}
        for item in institutions
        for branch in item.branches
    ]
    await upsert(session, BranchRow, rows)


async def _replace_officers(session: AsyncSession, institutions: Sequence[Institution]) -> None:
    names = [item.name for item in institutions]
    await session.execute(delete(OfficerRow).where(OfficerRow.institution.in_(names)))
    rows = [
        officer.model_dump() | {"institution": item.name}
        for item in institutions
        for officer in item.officers
    ]
    await upsert(session, OfficerRow, rows)


async def known_names(session: AsyncSession) -> set[str]:
    return set(await session.scalars(select(InstitutionRow.name)))


async def officers_of(
    session: AsyncSession, institution: str, *, branch: str | None = None, region: str | None = None
) -> list[OfficerRow]:
    """Whom to tell: the officers of that branch, or of the branches that serve the region.

    Where there are none, those of no particular branch; where there are none of these either, all:
    better the wrong desk than nobody.
    """
    query = select(OfficerRow).where(OfficerRow.institution == institution).order_by(OfficerRow.openid)
    everybody = list(await session.scalars(query))
    if branch is None and region is None:
        return everybody
    near = {branch} if branch else await _branches_serving(session, institution, region or "")
    at_place = [officer for officer in everybody if officer.branch in near]
    return at_place or [officer for officer in everybody if officer.branch is None] or everybody


async def _branches_serving(session: AsyncSession, institution: str, region: str) -> set[str | None]:
    rows = await session.execute(
        select(BranchRow.name, BranchRow.region).where(BranchRow.institution == institution)
    )
    return {name for name, served in rows if served and regions.contains(served, region)}
