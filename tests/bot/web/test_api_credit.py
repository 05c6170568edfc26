"""Credit data over HTTP: what sources, institutions, offices and credit services get for an answer."""

from dataclasses import dataclass
from typing import Any

import pytest

from domain import clients
from domain.authorizations.labels import PLATFORM
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.credit import objections
from tests.bot.web.conftest import Api
from tests.domain.credit.stage import BANK, NOW, OTHER, OWNER, SERVICE, TAX, USCC, Stage, item, uscc

REPORT = {
    "report_id": "R-1",
    "uscc": USCC,
    "kind": "report",
    "title": "企业信用报告",
    "summary": "经营稳定。",
    "url": "https://example.com/r/1",
    "as_of": "2026-11-01",
}


@dataclass
class Desk:
    """One client of each role that has to do with credit data."""

    api: Api
    stage: Stage
    tokens: dict[str, str]

    async def call(self, who: str, method: str, path: str, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return await self.api.call(method, path, headers=headers, **more)

    async def post(self, who: str, path: str, body: Any) -> tuple[int, Any]:
        return await self.call(who, "POST", path, json=body)


@pytest.fixture
async def desk(api: Api) -> Desk:
    stage = Stage(api.database)
    await stage.set_up()
    new = {
        "tax": NewClient(name=TAX, role=Role.DATA_SOURCE),
        "bank": NewClient(name="科技支行", role=Role.INSTITUTION, institution=BANK),
        "service": NewClient(name="接口", role=Role.CREDIT_SERVICE, institution=SERVICE),
        "office": NewClient(name="昆山金融办", role=Role.GOVERNMENT, regions=("320583",)),
        "operator": NewClient(name="运营", role=Role.OPERATOR),
    }
    async with api.database.unit_of_work() as session:
        tokens = {
            who: clients.create(session, client, by="test", now=utcnow()).token for who, client in new.items()
        }
    return Desk(api, stage, tokens)


def batch(*items: Any, batch_id: str = "2026-11", source: str = TAX) -> dict[str, Any]:
    return {"batch_id": batch_id, "source": source, "items": list(items)}


async def test_a_source_sends_a_batch_and_hears_what_is_bad(desk: Desk) -> None:
    body = batch(item("revenue", 1000000), item("employees", "许多"))
    answer = {
        "batch_id": "2026-11",
        "accepted": 1,
        "rejected": [{"index": 1, "field": "value", "reason": "应为整数"}],
    }
    assert await desk.post("tax", "/credit-data", body) == (200, answer | {"repeated": False})
    assert await desk.post("tax", "/credit-data", body) == (200, answer | {"repeated": True})
    status, problem = await desk.post("tax", "/credit-data", batch(item("revenue", 2)))
    assert (status, problem["detail"]) == (409, "批次号 2026-11 已经用于另一批数据，请换一个批次号。")
    assert await desk.stage.values() == {"revenue": 1000000}


async def test_a_source_speaks_for_itself_and_an_operator_for_any(desk: Desk) -> None:
    status, problem = await desk.post("tax", "/credit-data", batch(item("revenue", 1), source="法院"))
    assert (status, problem["field"]) == (403, "source")
    assert (await desk.post("operator", "/credit-data", batch(item("revenue", 1), source="法院")))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"batch_id": "1", "source": TAX, "items": []},
        {"batch_id": "1", "source": TAX, "items": [{}] * 5001},
        {"batch_id": "a b", "source": TAX, "items": [{}]},
        {"batch_id": "1", "source": "", "items": [{}]},
        {"batch_id": "1", "source": TAX, "items": "x"},
    ],
)
async def test_what_is_no_batch_is_refused_by_field(desk: Desk, body: Any) -> None:
    status, problem = await desk.post("tax", "/credit-data", body)
    assert status == 400
    assert problem["errors"]


async def test_an_objection_is_answered(desk: Desk) -> None:
    await desk.stage.take(item("penalties_2y", 2, "2026-11-01"))
    value_id = (await desk.stage.latest())["penalties_2y"].id
    async with desk.api.database.unit_of_work() as session:
        row = await objections.raise_objection(session, OWNER, USCC, value_id, "没有受过处罚", now=NOW)
    status, page = await desk.call("tax", "GET", "/objections", params={"state": "submitted"})
    assert status == 200
    (shown,) = page["items"]
    assert shown["id"] == row.id
    assert (shown["text"], shown["due_on"], shown["overdue"]) == ("没有受过处罚", "2026-12-13", False)
    assert shown.keys() & {"value", "openid"} == set()
    assert (await desk.post("operator", f"/objections/{row.id}/ask", {}))[1]["state"] == "asked"
    path = f"/objections/{row.id}/correct"
    status, problem = await desk.post("tax", path, {"value": "许多", "answer": "已更正"})
    assert (status, problem["field"]) == (400, "value")
    assert (await desk.post("tax", path, {"value": 0, "answer": "已更正"}))[1]["state"] == "corrected"
    assert await desk.stage.values() == {"penalties_2y": 0}
    assert (await desk.post("tax", f"/objections/{row.id}/uphold", {"answer": "在案"}))[0] == 409
    assert (await desk.post("tax", "/objections/YY000000-00000000/uphold", {"answer": "在案"}))[0] == 404


async def test_an_institution_screens_those_that_authorized_it(desk: Desk) -> None:
    await desk.stage.take(item("revenue", 5000000), item("revenue", 9000000, of=OTHER))
    body = {"conditions": [{"indicator": "revenue", "op": ">=", "value": 1000000}], "regions": ["320500"]}
    assert await desk.post("bank", "/screening", body) == (200, {"items": [], "next_cursor": None})
    await desk.stage.authorize([USCC])
    found = {"uscc": USCC, "name": "企业CD5X", "values": {"revenue": 5000000}, "disputed": []}
    assert await desk.post("bank", "/screening", body) == (200, {"items": [found], "next_cursor": None})
    status, problem = await desk.post(
        "bank", "/screening", {"conditions": [{"indicator": "x", "op": "=", "value": 1}]}
    )
    assert (status, problem["field"]) == (400, "conditions.0.indicator")
    status, problem = await desk.post(
        "bank", "/screening", {"conditions": [{"indicator": "x", "op": "~", "value": 1}]}
    )
    assert (status, problem["errors"][0]["field"]) == (400, "conditions.0.op")


async def test_figures_of_groups(desk: Desk) -> None:
    usccs = [uscc(number) for number in range(5)]
    await desk.stage.companies(usccs)
    await desk.stage.authorize(usccs, PLATFORM)
    await desk.stage.take(*(item("employees", 10, of=of) for of in usccs))
    status, found = await desk.call("office", "GET", "/credit-statistics", params={"by": "region"})
    group = {"key": "320583", "name": "苏州市昆山市", "companies": 5}
    figures = {"indicators": {"employees": {"known": 5, "mean": 10, "median": 10}}}
    assert (status, found) == (200, {"by": "region", "items": [group | figures]})
    found = (await desk.call("operator", "GET", "/credit-statistics", params={"by": "industry"}))[1]
    assert [(item["key"], item["name"]) for item in found["items"]] == [("C", "制造业")]
    for query in ({}, {"by": "owner"}, {"by": "region", "indicators": "officers"}):
        assert (await desk.call("office", "GET", "/credit-statistics", params=query))[0] == 400


async def test_a_credit_service_delivers_and_is_rated(desk: Desk) -> None:
    status, problem = await desk.post("service", "/credit-service/reports", REPORT)
    assert (status, problem["detail"]) == (403, "企业没有给出这项授权，不能查询。")
    for reader in (SERVICE, BANK):
        await desk.stage.authorize([USCC], reader)
    assert (await desk.post("service", "/credit-service/reports", REPORT))[0] == 201
    again = await desk.post("service", "/credit-service/reports", REPORT)
    assert again == (200, {"report_id": "R-1", "new": False})
    assert (await desk.post("service", "/credit-service/reports", REPORT | {"title": "另一份"}))[0] == 409
    rating = {"uscc": USCC, "report_id": "R-1", "stars": 4, "words": "及时"}
    path = f"/credit-service/{SERVICE}/ratings"
    status, answer = await desk.post("bank", path, rating)
    assert (status, answer["stars"], answer["ratings"]) == (200, 4, 1)
    status, answer = await desk.call("service", "GET", path)
    assert (answer["stars"], answer["ratings"]) == (4, 1)
    (shown,) = answer["items"]
    assert (shown["stars"], shown["words"], "rater" in shown) == (4, "及时", False)
    assert (await desk.post("bank", path, rating | {"stars": 9}))[0] == 400
    assert (await desk.post("bank", path, rating | {"report_id": "R-7"}))[0] == 404
