"""Institutions: banks, guarantors, insurers and others that offer products; their branches and officers.

An institution is on the market from the day on which it is stored, until an operator takes it off: then its
products are offered to nobody and it follows nothing new, while what it follows goes on to its end.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import catalogue, regions
from domain.base import Json, Row, Serial, UtcDateTime, Value
from domain.bulk import Fields, upsert
from domain.errors import NotAllowedNow, NotFound
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
    """A branch, with the region that it serves; a `centre` (专营机构) is there for small firms alone."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    region: RegionCode | None = None
    centre: bool = False


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
    """An institution as stored: the format in `data`, but for branches and officers.

    `exited_at`: since when it is off the market; empty while it is on it.
    """

    __tablename__ = "institutions"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    exited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InstitutionStepRow(Row):
    """An institution was taken off the market, or let back: when, by whom, why."""

    __tablename__ = "institution_steps"

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    institution: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    entered: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))


class BranchRow(Row):
    """A branch, with the region that it serves; without one it serves wherever its institution does.

    Those that are centres are told before the other branches of the region.
    """

    __tablename__ = "institution_branches"

    institution: Mapped[str] = mapped_column(ForeignKey("institutions.name"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    region: Mapped[str | None] = mapped_column(String(6))
    centre: Mapped[bool]


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
        found[branch.institution]["branches"][branch.name] = [branch.region, branch.centre]
    for officer in await session.scalars(select(OfficerRow).where(OfficerRow.institution.in_(names))):
        found[officer.institution]["officers"][officer.openid] = [officer.name, officer.branch]
    return found


def fields(institution: Institution, before: Fields | None = None) -> Fields:
    """The record by field as it will stand, branches by name and officers by openid."""
    stated: Fields = {
        "branches": {branch.name: [branch.region, branch.centre] for branch in institution.branches},
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
        branch.model_dump() | {"institution": item.name} for item in institutions for branch in item.branches
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


async def active(session: AsyncSession, name: str) -> bool:
    """Whether it is on the market; one of which no record is stored was never taken off it.

    Held until the transaction ends: who takes it off comes before or after, never between.
    """
    query = select(InstitutionRow.exited_at).where(InstitutionRow.name == name)
    return await session.scalar(query.with_for_update(read=True)) is None


async def exited(session: AsyncSession) -> frozenset[str]:
    """The names of all that are off the market."""
    query = select(InstitutionRow.name).where(InstitutionRow.exited_at.is_not(None))
    return frozenset(await session.scalars(query))


async def leave_market(
    session: AsyncSession, name: str, *, reason: str, by: str, now: datetime
) -> InstitutionRow:
    """An operator takes it off the market (退出).

    Raises:
        NotFound: there is no such institution.
        NotAllowedNow: it is off the market already.
    """
    row = await _of_name(session, name)
    if row.exited_at is not None:
        raise NotAllowedNow(f"「{name}」已经退出，不用重复办理。")
    row.exited_at = now
    await _record_step(session, row, entered=False, reason=reason, by=by, now=now)
    return row


async def enter_market(
    session: AsyncSession, name: str, *, reason: str, by: str, now: datetime
) -> InstitutionRow:
    """An operator lets it back to the market (准入).

    Raises:
        NotFound: there is no such institution.
        NotAllowedNow: it is on the market already.
    """
    row = await _of_name(session, name)
    if row.exited_at is None:
        raise NotAllowedNow(f"「{name}」已经准入，不用重复办理。")
    row.exited_at = None
    await _record_step(session, row, entered=True, reason=reason, by=by, now=now)
    return row


async def steps_of(session: AsyncSession, name: str) -> list[InstitutionStepRow]:
    """When it left and entered the market, the latest first."""
    query = select(InstitutionStepRow).where(InstitutionStepRow.institution == name)
    return list(await session.scalars(query.order_by(InstitutionStepRow.id.desc())))


async def _of_name(session: AsyncSession, name: str) -> InstitutionRow:
    row = await session.get(InstitutionRow, name, with_for_update=True)
    if row is None:
        raise NotFound("没有这家机构。")
    return row


async def _record_step(
    session: AsyncSession, row: InstitutionRow, *, entered: bool, reason: str, by: str, now: datetime
) -> None:
    """Its products come and go with it: whoever holds a copy of the catalogue must look again."""
    row.updated_at = now
    session.add(InstitutionStepRow(institution=row.name, at=now, actor=by, entered=entered, reason=reason))
    await catalogue.changed(session)


async def officers_of(
    session: AsyncSession, institution: str, *, branch: str | None = None, region: str | None = None
) -> list[OfficerRow]:
    """Whom to tell: the officers of that branch, or of the branches that serve the region, centres first.

    Where there are none, those of no particular branch; where there are none of these either, all:
    better the wrong desk than nobody.
    """
    query = select(OfficerRow).where(OfficerRow.institution == institution).order_by(OfficerRow.openid)
    everybody = list(await session.scalars(query))
    if branch is None and region is None:
        return everybody
    for near in [{branch}] if branch else await _branches_serving(session, institution, region or ""):
        if at_place := [officer for officer in everybody if officer.branch in near]:
            return at_place
    return [officer for officer in everybody if officer.branch is None] or everybody


async def _branches_serving(
    session: AsyncSession, institution: str, region: str
) -> tuple[set[str | None], set[str | None]]:
    """Branches that serve the region: the centres among them, and all."""
    rows = await session.scalars(select(BranchRow).where(BranchRow.institution == institution))
    near = [row for row in rows if row.region and regions.contains(row.region, region)]
    return {row.name for row in near if row.centre}, {row.name for row in near}
