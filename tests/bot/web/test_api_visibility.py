"""Which financing requests each role sees, and how much of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain import clients, requests
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.database import Database
from domain.needs import Need
from domain.requests import RequestStatus
from tests.bot.web.conftest import Api

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
WORDS = "买设备，找张总13812345678"
# Name of the request → where, to whom, and how far it got.
REQUESTS: dict[str, tuple[str | None, tuple[str, ...], RequestStatus]] = {
    "to all": ("320583", (), RequestStatus.PUBLISHED),
    "to all, followed": ("320509", (), RequestStatus.FOLLOWED),
    "to both": ("320583", ("苏州银行", "江苏银行"), RequestStatus.PUBLISHED),
    "to the other": ("320583", ("江苏银行",), RequestStatus.PUBLISHED),
    "to nobody there is": ("320583", ("某" * 61,), RequestStatus.PUBLISHED),
    "elsewhere": ("330106", (), RequestStatus.PUBLISHED),
    "nowhere said": (None, (), RequestStatus.PUBLISHED),
    "draft": ("320583", (), RequestStatus.DRAFT),
    "draft to it": ("320583", ("苏州银行",), RequestStatus.DRAFT),
    "in review": ("320583", (), RequestStatus.REVIEWING),
    "withdrawn": ("320583", (), RequestStatus.WITHDRAWN),
    "granted": ("320583", (), RequestStatus.GRANTED),
}
EVERYTHING = set(REQUESTS)
# Published at some time, whatever became of it.
PUBLIC = EVERYTHING - {"draft", "draft to it", "in review"}
CASES: list[tuple[NewClient, set[str]]] = [
    (NewClient(name="运营", role=Role.OPERATOR), EVERYTHING),
    (NewClient(name="顾问", role=Role.ADVISER), EVERYTHING),
    (
        NewClient(name="苏州的顾问", role=Role.ADVISER, regions=("320500",)),
        EVERYTHING - {"elsewhere"},
    ),
    (
        NewClient(name="昆山", role=Role.GOVERNMENT, regions=("320583",)),
        PUBLIC - {"to all, followed", "elsewhere", "nowhere said"},
    ),
    (
        NewClient(name="苏州", role=Role.GOVERNMENT, regions=("320500",)),
        PUBLIC - {"elsewhere", "nowhere said"},
    ),
    (
        NewClient(name="两地", role=Role.GOVERNMENT, regions=("320509", "330000")),
        {"to all, followed", "elsewhere"},
    ),
    (
        NewClient(name="行", role=Role.INSTITUTION, institution="苏州银行"),
        {"to all", "to all, followed", "to both", "elsewhere", "nowhere said"},
    ),
    (
        NewClient(name="另一行", role=Role.INSTITUTION, institution="农业银行", branch="昆山支行"),
        {"to all", "to all, followed", "elsewhere", "nowhere said"},
    ),
]


async def put(database: Database) -> dict[str, str]:
    """The requests; their names by id."""
    names = {}
    async with database.unit_of_work() as session:
        for name, (region, institutions, status) in REQUESTS.items():
            need = Need(amount_max=500_000, region=region, institutions=institutions, purpose_text=WORDS)
            row = await requests.draft(session, "oZhang", need, NOW)
            row.company, row.uscc, row.status = "恒达", "91320583MA1MABCD5X", status
            row.published_at = None if name not in PUBLIC else NOW
            names[row.id] = name
    return names


async def token_of(api: Api, new: NewClient) -> dict[str, str]:
    async with api.database.unit_of_work() as session:
        token = clients.create(session, new, by="test", now=utcnow()).token
    return {"Authorization": f"Bearer {token}"}


async def walk(api: Api, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        _, page = await api.call(
            "GET", "/financing-requests", headers=headers, params={"page_size": "2"} | query | cursor
        )
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize(("new", "seen"), CASES, ids=lambda case: getattr(case, "name", ""))
async def test_everybody_sees_his_own_share(api: Api, new: NewClient, seen: set[str]) -> None:
    names, headers = await put(api.database), await token_of(api, new)
    listed = await walk(api, headers)
    assert sorted(names[item["id"]] for item in listed) == sorted(seen)
    by_id = {item["id"]: item for item in listed}
    for request_id in names:
        status, item = await api.call("GET", f"/financing-requests/{request_id}", headers=headers)
        assert (status, item if status == 200 else None) == (
            (200, by_id[request_id]) if request_id in by_id else (404, None)
        )


async def test_an_institution_does_not_learn_whose_it_is(api: Api) -> None:
    names = await put(api.database)
    headers = await token_of(api, NewClient(name="行", role=Role.INSTITUTION, institution="苏州银行"))
    for item in await walk(api, headers):
        assert (item["openid"], item["company"], item["uscc"]) == (None, None, None)
        assert item["institutions"] == (["苏州银行"] if names[item["id"]] == "to both" else [])
        assert item["purpose_text"] is None, "the owner's own words may name him"
        assert item["amount_max"] == 500_000


async def test_an_institution_cannot_ask_by_what_it_may_not_know(api: Api) -> None:
    names = await put(api.database)
    headers = await token_of(api, NewClient(name="行", role=Role.INSTITUTION, institution="苏州银行"))
    for query in ({"openid": "oZhang"}, {"openid": "oLi"}, {"institution": "江苏银行"}):
        status, problem = await api.call("GET", "/financing-requests", headers=headers, params=query)
        assert (status, problem["title"]) == (403, "Forbidden")
    own = await walk(api, headers, institution="苏州银行")
    assert [names[item["id"]] for item in own] == ["to both"]
    assert await walk(api, headers, status="draft") == []


async def test_the_rest_see_the_whole(api: Api) -> None:
    await put(api.database)
    for role, regions in ((Role.OPERATOR, ()), (Role.ADVISER, ()), (Role.GOVERNMENT, ("320583",))):
        headers = await token_of(api, NewClient(name="x", role=role, regions=regions))
        for item in await walk(api, headers, openid="oZhang"):
            assert (item["openid"], item["company"], item["purpose_text"]) == ("oZhang", "恒达", WORDS)
