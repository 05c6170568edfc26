"""Offices read their queue, approve and return; nobody sees another region's companies."""

import asyncio
from typing import Any

import pytest

from domain import clients
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.registrations import deciding
from domain.registrations.deciding import CompanyHead
from domain.registrations.tables import RegistrationRow
from tests.bot.web.conftest import CIPHER, Api
from tests.domain.registrations.applicants import NOW, activated, registered, submitted

MISSING = "ZC000000-00000000"
KUNSHAN, SUZHOU, HANGZHOU = ("320583",), ("320500",), ("330100",)


async def office(api: Api, *regions: str) -> dict[str, str]:
    """What an office's calls carry; without regions an operator's."""
    role = Role.GOVERNMENT if regions else Role.OPERATOR
    async with api.database.unit_of_work() as session:
        new = NewClient(name="办公室", role=role, regions=regions)
        return {"Authorization": f"Bearer {clients.create(session, new, by='test', now=utcnow()).token}"}


async def submit(api: Api, openid: str = "oZhang", **changes: Any) -> RegistrationRow:
    return await submitted(api.database, CIPHER, openid, **changes)


async def decide(
    api: Api, headers: dict[str, str], registration_id: str, what: str = "approve", **body: Any
) -> tuple[int, Any]:
    return await api.call(
        "POST", f"/registrations/{registration_id}/{what}", headers=headers, json={"version": 1} | body
    )


async def test_what_a_reviewer_sees(api: Api) -> None:
    row = await submit(api)
    status, page = await api.call("GET", "/registrations", headers=await office(api, *KUNSHAN))
    assert (status, page["next_cursor"]) == (200, None)
    (item,) = page["items"]
    assert item == {
        "id": row.id,
        "kind": "company",
        "status": "district_review",
        "status_label": "区县初审",
        "version": 1,
        "uscc": "91110000600037341L",
        "uscc_doubtful": False,
        "name": "苏州恒达精密机械有限公司",
        "company_kind": "high_tech",
        "region": "320583",
        "region_name": "苏州市昆山市",
        "industry": "C",
        "industry_label": "制造业",
        "role": "legal_representative",
        "role_label": "法定代表人",
        "contact": "张三",
        "phone": "13****78",
        "founded": "2016-01-01",
        "registered_capital": 5_000_000,
        "register": None,
        "submitted_at": "2026-11-23T04:00:00+00:00",
        "updated_at": "2026-11-23T04:00:00+00:00",
    }
    status, one = await api.call("GET", f"/registrations/{row.id}", headers=await office(api, *KUNSHAN))
    assert status == 200
    assert one == item | {
        "steps": [
            {
                "at": "2026-11-23T04:00:00+00:00",
                "by": "applicant",
                "before": None,
                "after": "district_review",
                "note": "",
            }
        ]
    }
    assert "oZhang" not in str(one)


async def test_two_offices_one_after_the_other(api: Api) -> None:
    row = await submit(api)
    district, city = await office(api, *KUNSHAN), await office(api, *SUZHOU)
    assert (await decide(api, city, row.id))[0] == 403, "not its step yet"
    status, item = await decide(api, district, row.id, note="资料齐全")
    assert (status, item["status"], item["version"]) == (200, "city_review", 2)
    status, problem = await decide(api, district, row.id, version=2)
    assert (status, problem["detail"]) == (403, "现在是「市级复审」，不由您这一级审核。")
    assert (await decide(api, city, row.id, version=2))[1]["status"] == "activation"
    await activated(api.database)
    _, one = await api.call("GET", f"/registrations/{row.id}", headers=district)
    assert [(step["by"][:9], step["after"], step["note"]) for step in one["steps"]] == [
        ("applicant", "district_review", ""),
        ("client:CL", "city_review", "资料齐全"),
        ("client:CL", "activation", ""),
        ("applicant", "registered", ""),
    ]


async def test_returned_with_a_reason(api: Api) -> None:
    row, district = await submit(api), await office(api, *KUNSHAN)
    for body in ({}, {"reason": ""}, {"reason": "长" * 201}, {"reason": "x", "version": "x"}):
        status, problem = await decide(api, district, row.id, "return", **body)
        assert (status, len(problem["errors"])) == (400, 1)
    assert (await decide(api, district, row.id, "return", reason=" \n "))[0] == 400
    status, item = await decide(api, district, row.id, "return", reason="营业执照看不清")
    assert (status, item["status"]) == (200, "returned")
    status, problem = await decide(api, district, row.id, version=2)
    assert (status, problem["title"]) == (409, "Conflict")
    assert "不在审核中" in problem["detail"]


async def test_another_region_s_does_not_exist(api: Api) -> None:
    row, stranger = await submit(api), await office(api, *HANGZHOU)
    assert (await api.call("GET", "/registrations", headers=stranger))[1]["items"] == []
    assert (await api.call("GET", "/registrations", headers=stranger, params={"region": "320583"}))[1][
        "items"
    ] == []
    answers = [
        await api.call("GET", f"/registrations/{row.id}", headers=stranger),
        await decide(api, stranger, row.id),
        await decide(api, stranger, row.id, version=7),
        await decide(api, stranger, row.id, "return", reason="不归我管"),
    ]
    missing = [
        await api.call("GET", f"/registrations/{MISSING}", headers=stranger),
        await decide(api, stranger, MISSING),
        await decide(api, stranger, MISSING, version=7),
        await decide(api, stranger, MISSING, "return", reason="不归我管"),
    ]
    assert {status for status, _ in answers} == {404}
    assert answers == missing, "it cannot be told from one that there is not"


async def test_of_reviewers_at_once_one_wins(api: Api) -> None:
    row = await submit(api)
    desks = [await office(api) for _ in range(4)]
    ends = await asyncio.gather(*(decide(api, desk, row.id) for desk in desks))
    assert sorted(status for status, _ in ends) == [200, 409, 409, 409]
    assert (await decide(api, desks[0], row.id))[0] == 409, "a second click on the same page"
    _, one = await api.call("GET", f"/registrations/{row.id}")
    assert (one["status"], one["version"]) == ("city_review", 2)


async def test_the_queue_page_by_page_with_its_filters(api: Api) -> None:
    for place, region in enumerate(["320583", "320509", "320583", "330106", "320583"]):
        await submit(api, f"o{place}", region=region)
    found, cursor = [], {}
    headers = await office(api, *SUZHOU)
    while True:
        query = {"page_size": "2", "region": "320583", "status": "district_review"} | cursor
        _, page = await api.call("GET", "/registrations", headers=headers, params=query)
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert {item["region"] for item in found} == {"320583"}
    assert len({item["id"] for item in found}) == 3
    assert (await api.get("/registrations", status="registered"))[1]["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "asleep"}, "status"),
        ({"region": "昆山"}, "region"),
        ({"region": "320599"}, "region"),
        ({"region": "\0"}, "region"),
        ({"page_size": "0"}, "page_size"),
        ({"cursor": "x"}, "cursor"),
    ],
)
async def test_a_wrong_query_names_its_field(api: Api, query: dict[str, str], field: str) -> None:
    status, problem = await api.get("/registrations", **query)
    assert (status, problem["field"]) == (400, field)


async def test_an_id_that_no_database_can_hold_is_not_found(api: Api) -> None:
    operator = await office(api)
    assert (await api.get("/registrations/%00"))[0] == 404
    assert (await decide(api, operator, "%00"))[0] == 404


async def test_who_joins_is_shown_as_that_and_a_member_by_no_name(api: Api) -> None:
    await registered(api.database, CIPHER)
    row = await submit(api, "oLi", role="agent")
    async with api.database.unit_of_work() as session:
        await deciding.approve(session, row.id, CompanyHead("oZhang"), seen=1, now=NOW)
    _, one = await api.call("GET", f"/registrations/{row.id}", headers=await office(api, *KUNSHAN))
    assert (one["kind"], one["status"], one["steps"][-1]["by"]) == ("join", "registered", "member")
    assert "oZhang" not in str(one)
