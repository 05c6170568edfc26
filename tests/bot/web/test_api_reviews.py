"""The advisers' queue as they work with it: list, take, change, finish; and what it refuses."""

from typing import Any

import pytest

from domain import clients, companies, products
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.companies import Company
from domain.database import Database
from domain.products import Product
from tests.bot.web.conftest import CIPHER, Api
from tests.domain.recommending.desk import (
    BANKS,
    HEFEI,
    KUNSHAN,
    NOW,
    OWNER,
    REQUIRED,
    SUZHOU,
    finish,
    matched,
    take,
    told,
)

FITS = {
    "code": "N9",
    "name": "设备更新贷",
    "institution": BANKS[3],
    "amount_max": 5_000_000,
    "regions": [SUZHOU],
    "conditions": {"revenue_min": 1_000_000, "employees_min": 10},
}


async def adviser(database: Database, *regions: str) -> dict[str, str]:
    """The headers of a new adviser's calls."""
    async with database.unit_of_work() as session:
        new = NewClient(name="李顾问", role=Role.ADVISER, regions=regions)
        token = clients.create(session, new, by="test", now=utcnow()).token
    return {"Authorization": f"Bearer {token}"}


async def offer(database: Database, **changes: Any) -> None:
    async with database.unit_of_work() as session:
        await products.save_all(session, [Product.model_validate(FITS | changes)], NOW)
        company = Company(uscc="91320583MA1MABCD5X", name="恒达", openid=OWNER, region=KUNSHAN, employees=30)
        await companies.save_all(session, [company], NOW, cipher=CIPHER)


async def test_the_queue_shows_who_has_what(api: Api) -> None:
    first = await matched(api.database, at=NOW)
    second = await matched(api.database, at=utcnow())
    mine = await adviser(api.database)
    await api.call("POST", f"/reviews/{second}/take", headers=mine)
    status, page = await api.get("/reviews")
    assert (status, [item["id"] for item in page["items"]]) == (200, [first, second])
    assert [item["taken_by"] for item in page["items"]] == [None, *page["loads"]]
    assert list(page["loads"].values()) == [1]
    _, own = await api.call("GET", "/reviews?mine=true", headers=mine)
    assert [item["id"] for item in own["items"]] == [second]
    assert page["next_cursor"] is None


async def test_the_queue_is_read_page_by_page(api: Api) -> None:
    wanted = [await matched(api.database, at=NOW.replace(minute=minute)) for minute in range(5)]
    read: list[str] = []
    query = {"page_size": "2"}
    while True:
        _, page = await api.get("/reviews", **query)
        read += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert read == wanted


async def test_an_adviser_sees_the_requests_of_his_regions(api: Api) -> None:
    here, there = await matched(api.database, region=KUNSHAN), await matched(api.database, region=HEFEI)
    headers = await adviser(api.database, SUZHOU)
    _, page = await api.call("GET", "/reviews", headers=headers)
    assert [item["id"] for item in page["items"]] == [here]
    for method, path in (("GET", ""), ("POST", "/take")):
        status, _ = await api.call(method, f"/reviews/{there}{path}", headers=headers)
        assert status == 404
    status, taken = await api.call("POST", "/reviews/next", headers=headers)
    assert (status, taken["id"], taken["region_name"]) == (200, here, "苏州市昆山市")
    status, problem = await api.call("POST", "/reviews/next", headers=headers)
    assert (status, problem["detail"]) == (404, "现在没有待复核的需求。")


async def test_filters_by_region_and_state(api: Api) -> None:
    here, there = await matched(api.database, region=KUNSHAN), await matched(api.database, region=HEFEI)
    await take(api.database, there, at=utcnow())
    await finish(api.database, there, at=utcnow())
    for query, wanted in (
        ({"region": SUZHOU}, [here]),
        ({"state": "finished"}, [there]),
        ({"state": "waiting", "region": HEFEI}, []),
    ):
        _, page = await api.get("/reviews", **query)
        assert [item["id"] for item in page["items"]] == wanted
    for name, wrong in (("region", "000000"), ("state", "nothing"), ("mine", "yes")):
        status, problem = await api.get("/reviews", **{name: wrong})
        assert (status, problem["field"]) == (400, name)


async def test_from_taking_to_the_owner_s_list(api: Api) -> None:
    request_id = await matched(api.database, rules=REQUIRED)
    await offer(api.database)
    headers = await adviser(api.database)
    _, shown = await api.call("POST", f"/reviews/{request_id}/take", headers=headers)
    assert [(row["code"], row["rank"]) for row in shown["products"]] == [("A1", 1), ("B1", 2), ("A2", 3)]
    wanted = {
        "version": shown["version"],
        "products": ["N9", "B1", "A2"],
        "struck": {"A1": "这家企业刚被拒过"},
        "note": "先办设备贷，利息最低",
    }
    status, changed = await api.call("PUT", f"/reviews/{request_id}", headers=headers, json=wanted)
    assert (status, changed["changed"], changed["note"]) == (200, True, "先办设备贷，利息最低")
    first, *_, last = changed["products"]
    assert (first["code"], first["source"], first["open"]) == ("N9", "adviser", ["revenue_min"])
    assert first["reasons"][0].startswith("额度最高500万元")
    assert (last["code"], last["rank"], last["struck_reason"]) == ("A1", None, "这家企业刚被拒过")
    body = {"version": changed["version"]}
    status, done = await api.call("POST", f"/reviews/{request_id}/finish", headers=headers, json=body)
    assert (status, done["state"], done["taken_by"]) == (200, "finished", None)
    assert await told(api.database) == [(BANKS[3], "N9"), (BANKS[1], "B1"), (BANKS[0], "A2")]
    _, read = await api.get(f"/reviews/{request_id}")
    acts = [(step["act"], step["by"] == "system") for step in read["steps"]]
    # The institutions follow from what the adviser finished.
    assert acts == [
        ("matched", True),
        ("taken", False),
        ("changed", False),
        ("finished", False),
        ("sent", True),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"regions": [HEFEI]}, "宁波银行「设备更新贷」对不上这家企业：仅限合肥市的企业"),
        ({"amount_min": 2_000_000}, "额度需在200万元到500万元之间"),
        ({"conditions": {"employees_min": 50, "revenue_min": 1}}, "员工需满50人"),
        ({"valid_to": "2020-01-01"}, "宁波银行「设备更新贷」现在不办理"),
        ({"code": "N8"}, "没有产品 N9"),
    ],
)
async def test_a_product_that_does_not_fit_is_refused_with_what_is_missing(
    api: Api, changes: dict[str, Any], words: str
) -> None:
    request_id = await matched(api.database)
    await offer(api.database, **changes)
    await api.post(f"/reviews/{request_id}/take", None)
    body = {"version": 0, "products": ["N9", "A1", "B1", "A2"]}
    status, problem = await api.call("PUT", f"/reviews/{request_id}", json=body)
    assert (status, problem["field"]) == (400, "products")
    assert words in problem["detail"]


async def test_who_is_late_hears_what_happened(api: Api) -> None:
    request_id = await matched(api.database)
    first, second = await adviser(api.database), await adviser(api.database)
    body = {"version": 0, "products": ["A1", "B1", "A2"]}
    status, problem = await api.call("PUT", f"/reviews/{request_id}", headers=first, json=body)
    assert (status, problem["detail"][:4]) == (409, "请先领取")
    await api.call("POST", f"/reviews/{request_id}/take", headers=first)
    for method, path, sent in (
        ("POST", "/take", None),
        ("PUT", "", body),
        ("POST", "/finish", {"version": 0}),
    ):
        status, problem = await api.call(method, f"/reviews/{request_id}{path}", headers=second, json=sent)
        assert (status, problem["detail"]) == (409, "这笔复核已由其他顾问领取。")
    await api.call("PUT", f"/reviews/{request_id}", headers=first, json=body)
    status, problem = await api.call("PUT", f"/reviews/{request_id}", headers=first, json=body)
    assert (status, problem["detail"]) == (409, "这份推荐刚刚有变化，请刷新后再处理。")
    assert (await api.get("/reviews/RQ0"))[0] == 404


async def test_an_unknown_request_is_404_everywhere(api: Api) -> None:
    body = {"version": 0, "products": []}
    for method, path, sent in (
        ("GET", "", None),
        ("POST", "/take", None),
        ("PUT", "", body),
        ("POST", "/finish", {"version": 0}),
    ):
        for name in ("RQ0", "%00"):
            status, _ = await api.call(method, f"/reviews/{name}{path}", json=sent)
            assert status == 404, (method, path, name)
