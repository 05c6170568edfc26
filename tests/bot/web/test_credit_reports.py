"""`/companies/{uscc}/credit-report` and `/score`: who gets them, who does not, what the owner's log says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.web import keys
from bot.web.api.app import api_app
from domain import clients
from domain.authorizations.labels import Category, DataPurpose, Kind
from domain.authorizations.tables import AccessRow
from domain.base import today_in_china, utcnow
from domain.clients import NewClient, Role
from domain.database import Database
from domain.scores.run import Scoring
from tests.domain.scores.people import (
    KNOWN,
    SCORER,
    SHAKY,
    STEADY,
    authorization_of,
    authorize,
    revoke,
    settle,
    state,
)

BANK = "苏州银行"
OPERATOR = "operator-token"


@dataclass
class Api:
    client: TestClient[web.Request, web.Application]
    database: Database
    token: str

    async def get(self, path: str, token: str | None = None, **query: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        async with self.client.get(f"/api/v1{path}", headers=headers, params=query) as response:
            return response.status, await response.json(content_type=None)

    async def report(self, uscc: str, purpose: str = "pre_loan") -> tuple[int, Any]:
        return await self.get(f"/companies/{uscc}/credit-report", purpose=purpose)

    async def score(self, uscc: str) -> tuple[int, Any]:
        return await self.get(f"/companies/{uscc}/score", purpose="post_loan")


async def token_of(database: Database, role: Role, institution: str | None = None) -> str:
    new = NewClient(name=f"{role}-{institution}", role=role, institution=institution)
    async with database.unit_of_work() as session:
        made = clients.create(session, new, by="test", now=utcnow())
    return made.token


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    app = web.Application()
    under = api_app()
    under[keys.DATABASE], under[keys.SCORER], under[keys.API_TOKEN] = database, SCORER, OPERATOR
    app.add_subapp("/api/v1", under)
    async with TestClient(TestServer(app)) as client:
        yield Api(client, database, await token_of(database, Role.INSTITUTION, BANK))


@pytest.fixture
async def scored(api: Api) -> Api:
    for uscc in (STEADY, SHAKY):
        await settle(api.database, uscc)
        await authorize(api.database, uscc, now=utcnow())
        await state(api.database, uscc, KNOWN[uscc], today_in_china() - timedelta(days=20))
    await authorize(api.database, STEADY, kind=Kind.PASSING_ON, recipient=BANK, now=utcnow())
    await Scoring(api.database, SCORER).all()
    return api


async def log_of(database: Database, uscc: str) -> list[tuple[str, str, str, str | None]]:
    async with database.reading() as session:
        rows = await session.scalars(
            select(AccessRow).where(AccessRow.uscc == uscc, AccessRow.reader == BANK).order_by(AccessRow.id)
        )
        return [(row.reader, row.purpose, row.outcome, row.reason) for row in rows]


async def test_an_authorized_institution_gets_the_report(scored: Api) -> None:
    status, body = await scored.report(STEADY)
    assert status == 200
    assert (body["uscc"], body["company"]) == (STEADY, f"公司{STEADY[-4:]}")
    assert body["score"]["score"] == 709
    assert body["scale"] == {"lowest": 300, "highest": 850, "line": 600}
    assert body["score"]["dimensions"][0]["name"] == "经营环境"
    assert [item["score"] for item in body["history"]] == [709]
    assert len(body["categories"]) == len(Category)
    assert body["third_party"] == []
    assert await log_of(scored.database, STEADY) == [(BANK, "pre_loan", "granted", None)]


async def test_the_score_alone(scored: Api) -> None:
    status, body = await scored.score(STEADY)
    assert (status, body["score"], body["band"]) == (200, 709, "良好")


async def test_without_authorization_nothing_but_the_reason(scored: Api) -> None:
    for ask in (scored.report, scored.score):
        status, body = await ask(SHAKY)
        assert status == 403
        assert body["detail"] == "企业没有给出这项授权，不能查询。"
    outcomes = {(outcome, reason) for _, _, outcome, reason in await log_of(scored.database, SHAKY)}
    assert outcomes == {("refused", "not_given")}


async def test_a_company_that_does_not_exist_looks_like_one_that_did_not_agree(scored: Api) -> None:
    unknown, known = await scored.report("91320505MA0000000X"), await scored.report(SHAKY)
    assert unknown == known


async def test_a_revocation_counts_at_once(scored: Api) -> None:
    await revoke(scored.database, authorization_of(STEADY, Kind.PASSING_ON))
    status, body = await scored.report(STEADY)
    assert (status, body["detail"]) == (403, "企业已经撤回授权，不能查询。")


async def test_the_scope_of_the_authorization_is_the_scope_of_the_report(scored: Api) -> None:
    await authorize(
        scored.database,
        SHAKY,
        kind=Kind.PASSING_ON,
        recipient=BANK,
        scope=[Category.BASE],
        purposes=[DataPurpose.PRE_LOAN],
        now=utcnow(),
    )
    status, body = await scored.report(SHAKY)
    assert (status, [item["category"] for item in body["categories"]]) == (200, ["base"])
    assert {item["category"] for item in body["score"]["reasons"]} <= {"base"}
    assert (await scored.report(SHAKY, "post_loan"))[0] == 403


async def test_another_institution_and_every_other_role_are_refused(scored: Api) -> None:
    other = await token_of(scored.database, Role.INSTITUTION, "昆山农商行")
    path = f"/companies/{STEADY}/credit-report"
    assert (await scored.get(path, other, purpose="pre_loan"))[0] == 403
    adviser = await token_of(scored.database, Role.ADVISER)
    for token in (OPERATOR, adviser):
        status, body = await scored.get(path, token, purpose="pre_loan")
        assert (status, "只对金融机构开放" in body["detail"]) == (403, True)


@pytest.mark.parametrize("purpose", ["", "matching", "scoring", "own", "anything"])
async def test_the_purpose_is_one_that_companies_authorize(scored: Api, purpose: str) -> None:
    status, body = await scored.report(STEADY, purpose)
    assert (status, body["field"]) == (400, "purpose")


async def test_before_the_first_score(api: Api) -> None:
    await settle(api.database, STEADY)
    await authorize(api.database, STEADY, kind=Kind.PASSING_ON, recipient=BANK, now=utcnow())
    assert (await api.score(STEADY))[0] == 404
    status, body = await api.report(STEADY)
    assert (status, body["score"], body["history"]) == (200, None, [])
