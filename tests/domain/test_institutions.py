"""Institutions with branches and officers: kept apart, replaced where stated, found by place."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain import institutions
from domain.database import Database
from domain.institutions import BranchRow, Institution, InstitutionRow, OfficerRow, officers_of

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BANK = {
    "name": "苏州银行",
    "aliases": ["苏行"],
    "branches": [
        {"name": "昆山支行", "region": "320583"},
        {"name": "苏州分行", "region": "320500"},
        {"name": "电子银行部"},
    ],
    "officers": [
        {"openid": "oKunshan", "name": "王经理", "branch": "昆山支行"},
        {"openid": "oSuzhou", "branch": "苏州分行"},
        {"openid": "oOnline", "branch": "电子银行部"},
        {"openid": "oHead"},
    ],
}


async def save(database: Database, *rows: dict[str, Any]) -> None:
    async with database.unit_of_work() as session:
        await institutions.save_all(session, [Institution.model_validate(row) for row in rows], NOW)


async def asked(database: Database, **where: str) -> list[str]:
    async with database.reading() as session:
        return [officer.openid for officer in await officers_of(session, "苏州银行", **where)]


async def test_branches_and_officers_have_tables_of_their_own(database: Database) -> None:
    await save(database, BANK)
    async with database.reading() as session:
        row = (await session.scalars(select(InstitutionRow))).one()
        assert row.data == {"name": "苏州银行", "aliases": ["苏行"]}
        branches = (await session.scalars(select(BranchRow).order_by(BranchRow.name))).all()
        assert {(item.name, item.region) for item in branches} == {
            ("昆山支行", "320583"),
            ("苏州分行", "320500"),
            ("电子银行部", None),
        }
        officer = await session.get_one(OfficerRow, ("苏州银行", "oKunshan"))
        assert (officer.name, officer.branch) == ("王经理", "昆山支行")


@pytest.mark.parametrize(
    ("where", "whom"),
    [
        ({}, ["oHead", "oKunshan", "oOnline", "oSuzhou"]),
        ({"branch": "昆山支行"}, ["oKunshan"]),
        ({"branch": "吴江支行"}, ["oHead"]),
        ({"region": "320583"}, ["oKunshan", "oSuzhou"]),
        ({"region": "320506"}, ["oSuzhou"]),
        ({"region": "340100"}, ["oHead"]),
    ],
)
async def test_whom_to_tell(database: Database, where: dict[str, str], whom: list[str]) -> None:
    await save(database, BANK)
    assert await asked(database, **where) == whom


async def test_better_the_wrong_desk_than_nobody(database: Database) -> None:
    await save(database, BANK | {"officers": BANK["officers"][:2]})
    assert await asked(database, region="340100") == ["oKunshan", "oSuzhou"]
    assert await asked(database, branch="电子银行部") == ["oKunshan", "oSuzhou"]


async def test_lists_that_are_not_stated_stay_and_stated_ones_replace(database: Database) -> None:
    other = {"name": "昆山农村商业银行", "officers": [{"openid": "oKunshan"}]}
    await save(database, BANK, other)
    await save(database, {"name": "苏州银行", "officers": [{"openid": "oNew"}]})
    assert await asked(database) == ["oNew"]
    async with database.reading() as session:
        assert len((await session.scalars(select(BranchRow))).all()) == 3
        elsewhere = (await session.scalars(select(OfficerRow).where(OfficerRow.openid == "oKunshan"))).all()
        assert [officer.institution for officer in elsewhere] == ["昆山农村商业银行"]
    await save(database, {"name": "苏州银行", "branches": []})
    async with database.reading() as session:
        assert (await session.scalars(select(BranchRow))).all() == []
    assert await asked(database) == ["oNew"]
