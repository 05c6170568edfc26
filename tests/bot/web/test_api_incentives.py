"""Incentives and funds over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain import clients, institutions, loans, products
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.institutions import Institution
from domain.loans import Loan
from domain.products import Product
from tests.bot.web.conftest import Api

BANK, OTHER = "苏州银行", "江苏银行"
NOW = datetime(2025, 1, 20, 4, tzinfo=UTC)
CLIENTS = {
    "operator": NewClient(name="运营", role=Role.OPERATOR),
    "office": NewClient(name="昆山金融办", role=Role.GOVERNMENT, regions=("320583",)),
    "bank": NewClient(name="支行", role=Role.INSTITUTION, institution=BANK),
}


@pytest.fixture
async def tokens(api: Api) -> dict[str, str]:
    async with api.database.unit_of_work() as session:
        for bank, code in ((BANK, "A"), (OTHER, "B")):
            await institutions.save_all(session, [Institution(name=bank)], NOW)
            product = {
                "code": code,
                "name": "信保贷",
                "institution": bank,
                "guarantees": ["credit"],
                "risk_sharing": "suzhou_xinbao",
            }
            await products.save_all(session, [Product.model_validate(product)], NOW)
            loan = {
                "uscc": "91320583MA1MABCD5X",
                "institution": bank,
                "product": "信保贷",
                "amount": 60_000_000,
                "balance": 60_000_000,
                "granted_on": "2024-05-06",
                "due_on": "2025-05-05",
            }
            lost = {"loan_id": f"L{code}", "state": "written_off", "amount": 1000, "balance": 1000}
            given = [loan | {"loan_id": code}, loan | lost]
            await loans.save_all(session, [Loan.model_validate(item) for item in given], NOW)
        return {
            who: clients.create(session, new, by="test", now=utcnow()).token for who, new in CLIENTS.items()
        }


async def call(api: Api, token: str, method: str, path: str, **query: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    return await api.call(method, path, params=query, headers=headers)


async def test_a_report_explains_every_line(api: Api, tokens: dict[str, str]) -> None:
    status, found = await call(api, tokens["operator"], "GET", "/incentives", year="2024")
    assert status == 200
    assert (found["year"], found["closed_at"], found["rules"]["version"]) == (2024, None, "suzhou-2019")
    assert len(found["inputs"]) == 64
    assert [item["institution"] for item in found["items"]] == [OTHER, BANK]
    (line,) = (line for line in found["items"][1]["lines"] if line["rule"] == "deposits")
    # 30 % of 60,001,000 yuan
    assert (line["result"], line["unit"], line["cap"]) == (18_000_300, "deposit", None)
    assert line["figures"] == [{"name": "年度信用贷款", "value": 60_001_000}]
    assert line["basis"]
    assert line["source"]
    assert found["total"] == {"award": 0, "deposit": 36_000_600, "purchase": 0}
    rules = {line["rule"] for line in found["items"][1]["lines"]}
    assert "loss_hedge" not in rules, "its borrower has more than 10,000,000 yuan"


async def test_who_sees_which_lines(api: Api, tokens: dict[str, str]) -> None:
    _, found = await call(api, tokens["office"], "GET", "/incentives", year="2024", institution=OTHER)
    assert [item["institution"] for item in found["items"]] == [OTHER]
    _, found = await call(api, tokens["bank"], "GET", "/incentives", year="2024")
    assert [item["institution"] for item in found["items"]] == [BANK]
    assert found["total"]["deposit"] == 18_000_300
    status, problem = await call(api, tokens["bank"], "GET", "/incentives", year="2024", institution=OTHER)
    assert (status, problem["field"]) == (403, "institution")
    _, found = await call(api, tokens["operator"], "GET", "/incentives", year="2024", institution="无")
    assert (found["items"], found["total"]["deposit"]) == ([], 0)


async def test_a_year_is_closed_once(api: Api, tokens: dict[str, str]) -> None:
    _, before = await call(api, tokens["operator"], "GET", "/incentives", year="2024")
    status, closed = await call(api, tokens["operator"], "POST", "/incentives/2024/close")
    assert status == 200
    assert closed | {"closed_at": None} == before
    assert closed["closed_at"]
    assert (await call(api, tokens["operator"], "GET", "/incentives", year="2024"))[1] == closed
    status, problem = await call(api, tokens["operator"], "POST", "/incentives/2024/close")
    assert (status, problem["detail"]) == (409, "已经结账到2024年，2024年不能再结账。")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/incentives?year=1999", 404),
        ("GET", "/incentives?year=x", 400),
        ("POST", "/incentives/x/close", 404),
        ("POST", "/incentives/99999/close", 404),
        ("POST", "/incentives/2999/close", 409),
    ],
)
async def test_years_without_a_report(
    api: Api, tokens: dict[str, str], method: str, path: str, status: int
) -> None:
    assert (await call(api, tokens["operator"], method, path))[0] == status


async def test_how_far_a_fund_is_used(api: Api, tokens: dict[str, str]) -> None:
    status, found = await call(api, tokens["office"], "GET", "/guarantee-funds")
    assert status == 200
    (fund,) = found["items"]
    assert (fund["code"], fund["loans"], fund["balance"], fund["leverage"]) == (
        "suzhou_xinbao",
        2,
        120_000_000,
        0.12,
    )
    assert fund["missing"] == 9_880_000_000
    assert fund["above_cap"] == ["91320583MA1MABCD5X"]
    assert fund["losses"] == {"fund": 1300, "bank": 400, "guarantor": 300, "total": 2000}
    assert [loss["parts"]["bank"] for loss in fund["loss_loans"]] == [200, 200]


async def test_what_a_scheme_costs_and_who_bears_what(api: Api) -> None:
    path = "/guarantee-funds/suzhou_xinbao/terms"
    status, found = await api.get(path, amount="1000001", term_months="6")
    assert (status, found["shares"]) == (200, {"fund": 65.0, "bank": 20.0, "guarantor": 15.0})
    assert (found["fee_rate"], found["fee"]) == (None, None)
    assert found["losses"] == {"fund": 650_001, "bank": 200_000, "guarantor": 150_000, "total": 1_000_001}
    for query, field in (({"amount": "10000001"}, "amount"), ({"score": "gut"}, "score")):
        status, problem = await api.get(path, **query)
        assert (status, problem["field"]) == (400, field)
    assert (await api.get("/guarantee-funds/none/terms"))[0] == 404
