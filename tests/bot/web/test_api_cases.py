"""Advisers read their queue, take, write and close; nobody sees another region's cases."""

from typing import Any

import pytest

from domain import clients
from domain.base import utcnow
from domain.cases.rules import CaseKind
from domain.clients import NewClient, Role
from tests.bot.web.conftest import Api
from tests.domain.cases.cases import NOW, loan, opened, owner

MISSING = "GW000000-00000000"


async def adviser(api: Api, *regions: str, role: Role = Role.ADVISER) -> dict[str, str]:
    """What an adviser's calls carry; without regions he works everywhere."""
    async with api.database.unit_of_work() as session:
        new = NewClient(name="王顾问", role=role, regions=regions)
        return {"Authorization": f"Bearer {clients.create(session, new, by='test', now=utcnow()).token}"}


async def do(
    api: Api, headers: dict[str, str], case_id: str, what: str, version: int, **body: Any
) -> tuple[int, Any]:
    return await api.call(
        "POST", f"/cases/{case_id}/{what}", headers=headers, json={"version": version} | body
    )


async def test_what_an_adviser_sees(api: Api) -> None:
    await owner(api.database)
    await loan(api.database, due_in=10)
    row = await opened(api.database, loan_id="L1", amount=800_000, term_months=12, words="想续一年")
    headers = await adviser(api, "320583")
    status, page = await api.call("GET", "/cases", headers=headers)
    assert (status, page["next_cursor"]) == (200, None)
    (item,) = page["items"]
    overdue = item.pop("overdue")
    assert overdue == (row.answer_by < utcnow())
    assert item == {
        "id": row.id,
        "kind": "renewal",
        "kind_label": "续贷展期",
        "state": "open",
        "state_label": "等待顾问接手",
        "priority": "high",
        "version": 1,
        "uscc": "91320583MA1MUQ8K3F",
        "company": "昆山8K3F五金厂",
        "region": "320583",
        "region_name": "苏州市昆山市",
        "loan_id": "L1",
        "institution": "城东银行",
        "amount": 800_000,
        "term_months": 12,
        "words": "想续一年",
        "opened_at": NOW.isoformat(),
        "answer_by": row.answer_by.isoformat(),
        "answered_at": None,
        "taken_by": None,
        "adviser": None,
        "closed_at": None,
        "outcome": None,
    }
    _, one = await api.call("GET", f"/cases/{row.id}", headers=headers)
    assert (one["loan"]["balance"], one["loan"]["state_label"]) == (800_000, "正常")
    assert [(step["by"], step["after"]) for step in one["steps"]] == [("owner", "open")]
    assert "oZhang" not in str(one)


async def test_taken_answered_and_closed(api: Api) -> None:
    await owner(api.database)
    row = await opened(api.database, kind=CaseKind.DIFFICULTY)
    headers = await adviser(api, "320500")
    assert (await do(api, headers, row.id, "note", 1, note="您好"))[0] == 409, "not his yet"
    status, item = await do(api, headers, row.id, "take", 1)
    assert (status, item["state"], item["adviser"]) == (200, "taken", "王顾问")
    assert (await do(api, headers, row.id, "note", 1, note="您好"))[0] == 409, "it has changed since"
    status, item = await do(api, headers, row.id, "note", 2, note="您好")
    assert (status, item["answered_at"] is not None, item["overdue"]) == (200, True, False)
    for body in ({}, {"note": "好"}, {"outcome": "solved"}, {"note": "好", "outcome": "gone"}):
        assert (await do(api, headers, row.id, "close", 3, **body))[0] == 400
    assert (await do(api, headers, row.id, "close", 3, note="好", outcome="withdrawn"))[0] == 409
    status, item = await do(api, headers, row.id, "close", 3, note="已展期", outcome="solved")
    assert (status, item["state"], item["outcome"]) == (200, "closed", "solved")
    _, page = await api.call("GET", "/cases?state=open", headers=headers)
    assert page["items"] == []
    _, page = await api.call("GET", "/cases?state=closed&kind=difficulty&priority=high", headers=headers)
    assert [one["id"] for one in page["items"]] == [row.id]


async def test_another_region_s_does_not_exist(api: Api) -> None:
    await owner(api.database)
    row = await opened(api.database)
    stranger = await adviser(api, "330100")
    assert (await api.call("GET", "/cases", headers=stranger))[1]["items"] == []
    assert (await api.call("GET", f"/cases/{row.id}", headers=stranger))[0] == 404
    for what, body in (
        ("take", {}),
        ("note", {"note": "x"}),
        ("close", {"note": "x", "outcome": "solved"}),
    ):
        assert (await do(api, stranger, row.id, what, 1, **body))[0] == 404
        assert (await do(api, stranger, MISSING, what, 1, **body))[0] == 404
        assert (await do(api, stranger, "%00", what, 1, **body))[0] == 404
    assert len((await api.call("GET", "/cases", headers=await adviser(api)))[1]["items"]) == 1


async def test_page_by_page(api: Api) -> None:
    for number in range(3):
        await opened(api.database, f"o{number}")
    headers, seen, cursor = await adviser(api, role=Role.OPERATOR), list[str](), ""
    for _ in range(3):
        _, page = await api.call("GET", f"/cases?page_size=1{cursor}", headers=headers)
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(seen)) == 3
    assert page["next_cursor"] is None


@pytest.mark.parametrize("query", ["state=gone", "kind=x", "priority=x", "cursor=x", "page_size=0"])
async def test_what_is_wrong_is_named(api: Api, query: str) -> None:
    status, problem = await api.call("GET", f"/cases?{query}", headers=await adviser(api))
    assert (status, query.partition("=")[0] in problem["detail"]) == (400, True)
