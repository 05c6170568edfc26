"""Operators make clients, see them and make their tokens void."""

from typing import Any

import pytest

from tests.bot.web.conftest import Api

OFFICE = {"name": "昆山金融办", "role": "government", "regions": ["320583"]}


async def test_made_listed_and_revoked(api: Api) -> None:
    status, made = await api.post("/clients", OFFICE)
    assert status == 201
    token = made.pop("token")
    assert made == {
        "id": made["id"],
        "name": "昆山金融办",
        "role": "government",
        "institution": None,
        "branch": None,
        "regions": ["320583"],
        "scopes": None,
        "created_by": "client:bootstrap",
        "created_at": made["created_at"],
        "expires_at": None,
        "revoked_at": None,
        "last_used_at": None,
    }
    assert await api.get("/clients") == (200, {"items": [made], "next_cursor": None})
    headers = {"Authorization": f"Bearer {token}"}
    assert (await api.call("GET", "/registrations", headers=headers))[0] == 200
    status, revoked = await api.call("DELETE", f"/clients/{made['id']}")
    assert status == 200
    assert revoked["revoked_at"]
    assert revoked["last_used_at"]
    assert (await api.call("GET", "/registrations", headers=headers))[0] == 401
    assert (await api.get("/clients"))[1]["items"] == [revoked]


async def test_who_made_it_is_written_down(api: Api) -> None:
    operator = (await api.post("/clients", {"name": "运营", "role": "operator"}))[1]
    headers = {"Authorization": f"Bearer {operator['token']}"}
    status, made = await api.call("POST", "/clients", headers=headers, json=OFFICE)
    assert (status, made["created_by"]) == (201, f"client:{operator['id']}")


async def test_the_answer_with_the_token_is_kept_by_nobody(api: Api) -> None:
    headers = {"Authorization": "Bearer operator-token"}
    async with api.client.post("/api/v1/clients", headers=headers, json=OFFICE) as response:
        assert response.headers["Cache-Control"] == "no-store"


async def test_pages(api: Api) -> None:
    for place in range(5):
        await api.post("/clients", OFFICE | {"name": str(place)})
    names, cursor = [], {}
    while True:
        _, page = await api.get("/clients", page_size="2", **cursor)
        names += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert names == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        (OFFICE | {"regions": ["kunshan"]}, "regions.0"),
        (OFFICE | {"token": "rq_mine"}, "token"),
        (OFFICE | {"role": "boss"}, "role"),
        (OFFICE | {"name": "x\0"}, "name"),
        (OFFICE | {"regions": []}, ""),
    ],
)
async def test_what_is_wrong_is_named(api: Api, body: Any, field: str) -> None:
    status, problem = await api.post("/clients", body)
    assert status == 400
    assert field in {error["field"] for error in problem["errors"]}


async def test_one_that_would_have_expired_already(api: Api) -> None:
    status, problem = await api.post("/clients", OFFICE | {"expires_at": "2020-01-01T00:00:00+08:00"})
    assert (status, problem["field"]) == (400, "expires_at")


@pytest.mark.parametrize("client", ["CL000000-00000000", "%00", "bootstrap"])
async def test_there_is_no_such_client(api: Api, client: str) -> None:
    status, problem = await api.call("DELETE", f"/clients/{client}")
    assert status == 404
    assert problem["detail"].startswith("没有这个客户端")
