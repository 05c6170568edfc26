"""Branches and officers leave the institutions' data for tables of their own, and come back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import DateTime, String, column, insert, select, table, text

from bot import schema
from domain.base import Json
from domain.database import Database
from tests.domain.databases import opened

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BEFORE: dict[str, dict[str, Any]] = {
    "苏州银行": {
        "name": "苏州银行",
        "aliases": ["苏行"],
        "branches": [{"name": "昆山支行", "region": "320583"}, {"name": "电子银行部"}],
        "officers": [
            {"openid": "oWang", "name": "王经理", "branch": "昆山支行"},
            {"openid": "oLi", "name": ""},
        ],
    },
    "苏州信保": {"name": "苏州信保", "kind": "guarantor"},
}
COMPANY = """
    INSERT INTO companies (uscc, name, facts, enrolled, notices, updated_at)
    VALUES ('91320583MA1MABCD5X', '恒达', '{}', false, '[]', '2026-11-23 00:00:00+00:00')
"""
MEMBER = """
    INSERT INTO company_members (openid, uscc, evidence, since)
    VALUES ('oZhang', '91320583MA1MABCD5X', 'import', '2026-11-23 00:00:00+00:00')
"""
INSTITUTIONS = table(
    "institutions",
    column("name", String),
    column("data", Json),
    column("updated_at", DateTime(timezone=True)),
)


@pytest.fixture
async def old(empty_database_url: str) -> AsyncIterator[Database]:
    """A database as it was before, with a company and its person too."""
    async with opened(empty_database_url) as database:
        await schema.migrate(database, "0002")
        async with database.unit_of_work() as session:
            rows = [{"name": name, "data": data, "updated_at": NOW} for name, data in BEFORE.items()]
            await session.execute(insert(INSTITUTIONS), rows)
            await session.execute(text(COMPANY))
            await session.execute(text(MEMBER))
        yield database


async def rows(database: Database, query: str) -> set[tuple[Any, ...]]:
    async with database.reading() as session:
        return {tuple(row) for row in await session.execute(text(query))}


async def data(database: Database) -> dict[str, Any]:
    async with database.reading() as session:
        found = await session.execute(select(INSTITUTIONS.c.name, INSTITUTIONS.c.data))
        return dict(found.all())


async def test_they_move_to_their_tables(old: Database) -> None:
    await schema.migrate(old, "0003")
    assert await rows(old, "SELECT institution, name, region FROM institution_branches") == {
        ("苏州银行", "昆山支行", "320583"),
        ("苏州银行", "电子银行部", None),
    }
    assert await rows(old, "SELECT institution, openid, name, branch FROM institution_officers") == {
        ("苏州银行", "oWang", "王经理", "昆山支行"),
        ("苏州银行", "oLi", "", None),
    }
    assert await data(old) == {
        "苏州银行": {"name": "苏州银行", "aliases": ["苏行"]},
        "苏州信保": BEFORE["苏州信保"],
    }
    assert await rows(old, "SELECT openid, role FROM company_members") == {("oZhang", "agent")}


async def test_they_come_back(old: Database) -> None:
    await schema.migrate(old, "0003")
    await schema.downgrade(old, "0002")
    after = await data(old)
    for name, before in BEFORE.items():
        assert after[name].keys() == before.keys()
        for key, value in before.items():
            given = after[name][key]
            both = (
                (given, value) if isinstance(value, str) else (sorted(given, key=str), sorted(value, key=str))
            )
            assert both[0] == both[1]
    assert await rows(old, "SELECT openid FROM company_members") == {("oZhang",)}
