"""A client of an institution keeps filters and runs them; nobody else sees them."""

from typing import Any

import pytest

from domain.needs import Need
from tests.bot.web.conftest import Api
from tests.bot.web.houses import NEED, Bank, bank, published

KUNSHAN = {"regions": ["320583"], "industries": ["C"], "amount_min": 100_000}


async def kept(one: Bank, **changed: Any) -> dict[str, Any]:
    status, made = await one.post("/saved-filters", {"name": "昆山制造业", "filter": KUNSHAN} | changed)
    assert status == 201, made
    return dict(made)


async def test_a_filter_is_kept_changed_and_deleted(api: Api) -> None:
    suzhou = await bank(api)
    made = await kept(suzhou)
    assert (made["name"], made["filter"], made["tell"]) == ("昆山制造业", KUNSHAN, False)
    newer = await kept(suzhou, name="全部", filter={})
    assert [item["id"] for item in (await suzhou.get("/saved-filters"))[1]["items"]] == [
        newer["id"],
        made["id"],
    ]
    changed = {"name": "苏州", "filter": {"regions": ["320500"]}, "tell": True}
    status, put = await suzhou.send("PUT", f"/saved-filters/{made['id']}", changed)
    assert (status, {name: put[name] for name in changed}) == (200, changed)
    assert put["created_at"] == made["created_at"]
    status, gone = await suzhou.send("DELETE", f"/saved-filters/{made['id']}")
    assert (status, gone["name"]) == (200, "苏州")
    assert (await suzhou.send("DELETE", f"/saved-filters/{made['id']}"))[0] == 404
    assert len((await suzhou.get("/saved-filters"))[1]["items"]) == 1


async def test_running_it_finds_what_passes_now_in_pages(api: Api) -> None:
    suzhou = await bank(api)
    made = await kept(suzhou)
    passing = [await published(api) for _ in range(3)]
    await published(api, Need(region="330106", industry="C"))
    await published(api, NEED.model_copy(update={"institutions": ("江苏银行",)}))
    path = f"/saved-filters/{made['id']}/requests"
    _, first = await suzhou.get(path, page_size="2")
    _, second = await suzhou.get(path, page_size="2", cursor=first["next_cursor"])
    found = [item["id"] for item in first["items"] + second["items"]]
    assert (found, second["next_cursor"]) == (passing[::-1], None)
    assert {item["company"] for item in first["items"]} == {None}


async def test_another_client_s_filter_does_not_exist(api: Api) -> None:
    made = await kept(await bank(api))
    for other in (await bank(api), await bank(api, "江苏银行")):
        one = f"/saved-filters/{made['id']}"
        assert (await other.get(f"{one}/requests"))[0] == 404
        assert (await other.send("PUT", one, {"name": "x", "filter": {}}))[0] == 404
        assert (await other.send("DELETE", one))[0] == 404
        assert (await other.get("/saved-filters"))[1]["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filter": {}}, "name"),
        ({"name": "x"}, "filter"),
        ({"name": "", "filter": {}}, "name"),
        ({"name": "x", "filter": {"regions": ["999999"]}}, "filter"),
        ({"name": "x", "filter": {"amount_min": 2, "amount_max": 1}}, "filter"),
        ({"name": "x", "filter": {"guarantees": ["honour"]}}, "filter"),
        ({"name": "x", "filter": {"openid": "oZhang"}}, "filter"),
    ],
)
async def test_what_is_wrong_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    status, problem = await (await bank(api)).post("/saved-filters", body)
    assert status == 400
    assert problem["errors"][0]["field"].startswith(field)


async def test_there_are_fifty_at_most(api: Api) -> None:
    suzhou = await bank(api)
    for number in range(50):
        await kept(suzhou, name=str(number))
    assert (await suzhou.post("/saved-filters", {"name": "x", "filter": {}}))[0] == 409
    await kept(await bank(api))


async def test_kept_twice_with_one_key_it_is_one(api: Api) -> None:
    suzhou = await bank(api)
    body = {"name": "x", "filter": {}}
    first = await suzhou.post("/saved-filters", body, key="f")
    assert first[0] == 201
    assert await suzhou.post("/saved-filters", body, key="f") == first
    assert len((await suzhou.get("/saved-filters"))[1]["items"]) == 1
