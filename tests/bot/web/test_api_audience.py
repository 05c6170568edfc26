"""Audiences by API: counts of the whole, pages by uscc, and what was accepted a moment ago."""

from typing import Any

from tests.bot.web.conftest import Api

POLICY = {
    "code": "Z1",
    "title": "设备更新贴息",
    "issuer": "苏州市财政局",
    "level": "city",
    "kind": "subsidy",
    "regions": ["320500"],
    "conditions": {"revenue_min": 1_000_000},
}
PRODUCT = {
    "code": "P1",
    "name": "设备贷",
    "institution": "苏州银行",
    "amount_max": 100,
    "purposes": ["equipment"],
    "regions": ["320500"],
    "conditions": {"no_overdue": True},
}


def uscc(number: int) -> str:
    return f"91320583MA1M{number:06}"


def company(number: int, **facts: Any) -> dict[str, Any]:
    return {"uscc": uscc(number), "name": "苏州恒达", **facts}


async def put(api: Api, kind: str, *items: dict[str, Any]) -> None:
    status, answer = await api.post(f"/{kind}", {"items": list(items)})
    assert (status, answer["rejected"]) == (200, [])


async def test_a_policy_finds_its_companies(api: Api) -> None:
    await put(api, "policies", POLICY)
    status, nobody = await api.post("/policies/Z1/audience", {})
    assert (status, nobody) == (200, {"count": 0, "certain": 0, "items": [], "next_cursor": None})
    await put(
        api,
        "companies",
        company(1, region="320583", revenue=1_000_000),
        company(2, region="320583", revenue=999_999),
        company(3, region="340111", revenue=1_000_000),
        company(4, region="320000", revenue=1_000_000),
        company(5),
    )
    _, found = await api.post("/policies/Z1/audience", {})
    assert (found["count"], found["certain"]) == (3, 1)
    assert [item["uscc"] for item in found["items"]] == [uscc(1), uscc(4), uscc(5)]


async def test_a_product_is_judged_without_wishes(api: Api) -> None:
    await put(api, "products", PRODUCT)
    await put(
        api,
        "companies",
        company(1, region="320583", overdue=False),
        company(2, region="320583", overdue=True),
        company(3, region="320583"),
    )
    _, found = await api.post("/products/P1/audience", {})
    assert (found["count"], found["certain"]) == (2, 1)


async def test_pages(api: Api) -> None:
    await put(api, "policies", POLICY | {"conditions": {}})
    await put(api, "companies", *(company(number, region="320583") for number in range(5)))
    pages, cursor = [], ""
    while cursor is not None:
        query = {"page_size": "2"} | ({"cursor": cursor} if cursor else {})
        status, answer = await api.post("/policies/Z1/audience", {}, **query)
        assert (status, answer["count"]) == (200, 5)
        pages.append([item["uscc"] for item in answer["items"]])
        cursor = answer["next_cursor"]
    assert pages == [[uscc(0), uscc(1)], [uscc(2), uscc(3)], [uscc(4)]]
    assert (await api.post("/policies/Z1/audience", {}, cursor="nonsense"))[0] == 400
    assert (await api.post("/policies/Z1/audience", {}, page_size="0"))[0] == 400


async def test_what_is_not_on_offer_has_none_and_what_does_not_exist_is_not_found(api: Api) -> None:
    await put(api, "companies", company(1, region="320583", revenue=2_000_000, overdue=False))
    await put(api, "policies", POLICY | {"deadline": "2020-01-01"})
    await put(api, "products", PRODUCT | {"valid_from": "2099-01-01"})
    nobody = (200, {"count": 0, "certain": 0, "items": [], "next_cursor": None})
    assert await api.post("/policies/Z1/audience", {}) == nobody
    assert await api.post("/products/P1/audience", {}) == nobody
    assert (await api.post("/policies/P1/audience", {}))[0] == 404
    assert (await api.post("/products/Z1/audience", {}))[0] == 404
    assert (await api.post("/products/%00/audience", {}))[0] == 404
