"""Records of other systems come in, and the next match sees them."""

from typing import Any

import pytest

from tests.bot.web.conftest import Api

PRODUCT = {
    "code": "EQ",
    "name": "设备贷",
    "institution": "苏州银行",
    "amount_max": 5_000_000,
    "purposes": ["equipment"],
    "regions": ["320500"],
    "conditions": {"founded_months_min": 24},
    "description": "支持制造企业购置数控机床",
}
POLICY = {
    "code": "P-EQ",
    "title": "设备更新贴息",
    "issuer": "苏州市工信局",
    "level": "city",
    "kind": "subsidy",
    "regions": ["320500"],
    "text": "购置设备的贷款给予贴息",
}
COMPANY = {
    "uscc": "91320583MA1MABCD5X",
    "name": "苏州恒达精密机械有限公司",
    "region": "320583",
    "founded": "2016",
    "openid": "oZhang",
    "phone": "13812345678",
}
WISH = {"amount_min": 1_200_000, "amount_max": 1_200_000, "purpose": "equipment"}


async def put(api: Api, kind: str, *items: Any) -> dict[str, Any]:
    status, body = await api.post(f"/{kind}", {"items": list(items)})
    assert status == 200
    return dict(body)


async def match(api: Api, company: Any, wish: Any, **query: str) -> dict[str, Any]:
    status, body = await api.post("/match", {"company": company, "request": wish}, **query)
    assert status == 200, body
    return dict(body)


async def test_what_was_just_accepted_is_matched(api: Api) -> None:
    assert (await match(api, {}, {}))["products"] == []
    assert await put(api, "products", PRODUCT) == {"accepted": 1, "rejected": []}
    assert await put(api, "policies", POLICY) == {"accepted": 1, "rejected": []}
    answer = await match(api, COMPANY, WISH)
    assert answer.keys() == {"products", "near_misses", "policies"}
    (product,) = answer["products"]
    assert product.keys() == {"code", "score", "reasons", "open"}
    assert (product["code"], product["open"]) == ("EQ", [])
    assert product["reasons"]
    assert [policy["code"] for policy in answer["policies"]] == ["P-EQ"]


async def test_what_is_not_known_is_open_and_what_fails_is_named(api: Api) -> None:
    await put(api, "products", PRODUCT)
    (product,) = (await match(api, {}, WISH))["products"]
    assert sorted(product["open"]) == ["founded_months_min", "region"]
    answer = await match(api, COMPANY, WISH | {"amount_min": 9_000_000, "amount_max": 9_000_000})
    assert answer["products"] == []
    (miss,) = answer["near_misses"]
    (gap,) = miss["gaps"]
    assert (miss["code"], gap["condition"]) == ("EQ", "amount")
    assert "5000000" in str(gap["needs"])
    assert "9000000" in str(gap["has"])
    assert gap["text"]


async def test_an_update_counts_at_once(api: Api) -> None:
    await put(api, "products", PRODUCT)
    await put(api, "products", PRODUCT | {"amount_max": 100_000})
    assert (await match(api, COMPANY, WISH))["products"] == []
    await put(api, "products", PRODUCT | {"valid_to": "2020-01-01"})
    answer = await match(api, COMPANY, WISH)
    assert (answer["products"], answer["near_misses"]) == ([], [])


async def test_bad_rows_are_named_and_good_ones_kept(api: Api) -> None:
    answer = await put(api, "products", {"code": "X"}, PRODUCT, PRODUCT | {"amount_max": "很多"}, 5)
    assert answer["accepted"] == 1
    assert {(bad["index"], bad["field"]) for bad in answer["rejected"]} == {
        (0, "name"),
        (0, "institution"),
        (2, "amount_max"),
        (3, ""),
    }
    assert all(bad["reason"] for bad in answer["rejected"])


BANK = {
    "name": "苏州银行",
    "branches": [{"name": "昆山支行", "region": "320583"}],
    "officers": [{"openid": "oWang", "name": "王经理", "branch": "昆山支行"}],
}
LOAN = {
    "loan_id": "JK-1",
    "uscc": COMPANY["uscc"],
    "institution": "苏州银行",
    "amount": 1_000_000,
    "balance": 600_000,
    "rate": 4.35,
    "granted_on": "2026-01-10",
    "due_on": "2027-01-09",
}


async def test_a_key_that_occurs_twice_is_refused(api: Api) -> None:
    answer = await put(api, "loans", LOAN, LOAN | {"balance": 0})
    assert answer["accepted"] == 1
    (twice,) = answer["rejected"]
    assert (twice["index"], twice["field"]) == (1, "loan_id")
    assert "第 0 项" in twice["reason"]


@pytest.mark.parametrize(("kind", "row"), [("companies", COMPANY), ("institutions", BANK), ("loans", LOAN)])
async def test_companies_institutions_and_loans_too(api: Api, kind: str, row: dict[str, Any]) -> None:
    assert await put(api, kind, row) == {"accepted": 1, "rejected": []}
    assert await put(api, kind, row) == {"accepted": 1, "rejected": []}


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": {}}, {"items": "x"}, {"rows": []}])
async def test_items_must_be_a_list(api: Api, body: dict[str, Any]) -> None:
    status, problem = await api.post("/products", body)
    assert (status, problem["field"]) == (400, "items")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"request": {"amount_min": "多"}}, "request.amount_min"),
        ({"request": {"rate": 5}}, "request.rate"),
        ({"request": {"guarantee": ["house"]}}, "request.guarantee.0"),
        ({"request": {"region": "苏州"}}, "request.region"),
        ({"request": "贷款"}, "request"),
        ({"company": {"employees": -1}}, "company.employees"),
        ({"company": {"colour": "red"}}, "company.colour"),
        ({"company": {"founded": "很久以前"}}, "company.founded"),
    ],
)
async def test_a_wrong_match_names_its_field(api: Api, body: dict[str, Any], field: str) -> None:
    status, problem = await api.post("/match", body)
    assert status == 400
    (error,) = problem["errors"]
    assert error["field"] == field
    assert error["reason"]
    assert field in problem["detail"]


@pytest.mark.parametrize(
    ("body", "query", "words"),
    [
        ({"firm": {}}, {}, "firm"),
        ({"company": "恒达"}, {}, "company"),
        ({}, {"limit": "-1"}, "limit"),
        ({}, {"limit": "all"}, "limit"),
    ],
)
async def test_a_wrong_call_is_explained(
    api: Api, body: dict[str, Any], query: dict[str, str], words: str
) -> None:
    status, problem = await api.post("/match", body, **query)
    assert status == 400
    assert words in problem["detail"]


async def test_the_limit_caps_and_zero_gives_all(api: Api) -> None:
    rows = [PRODUCT | {"code": f"EQ-{place}"} for place in range(25)]
    await put(api, "products", *rows)
    assert len((await match(api, COMPANY, WISH))["products"]) == 20
    assert len((await match(api, COMPANY, WISH, limit="3"))["products"]) == 3
    assert len((await match(api, COMPANY, WISH, limit="0"))["products"]) == 25
