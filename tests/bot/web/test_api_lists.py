"""Lists of requests and deliveries: filters, pages, and what a line holds."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import requests
from domain.database import Database
from domain.labels import Guarantee, Purpose
from domain.needs import Need
from domain.requests import RequestStatus
from notify import deliveries
from notify.deliveries import Channel, DeliveryState
from tests.bot.web.conftest import Api

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NEED = Need(
    amount_min=500_000,
    amount_max=800_000,
    term_months=24,
    rate_max="4.35",
    purpose=Purpose.EQUIPMENT,
    guarantee=(Guarantee.CREDIT,),
    region="320583",
    industry="C",
    institutions=("苏州银行",),
)


async def put_requests(database: Database) -> None:
    async with database.unit_of_work() as session:
        for place in range(12):
            row = await requests.draft(
                session, f"o{place % 2}", NEED if place % 3 else Need(), NOW + timedelta(seconds=place // 4)
            )
            if place % 4:
                row.status = RequestStatus.PUBLISHED


async def put_deliveries(database: Database) -> None:
    async with database.unit_of_work() as session:
        for place in range(12):
            await deliveries.queue(
                session,
                notice="reply" if place % 3 else "request_progress",
                openid=f"o{place % 2}",
                subject=str(place),
                channel=Channel.TEMPLATE,
                content={},
                not_before=NOW,
                now=NOW,
            )


async def walk(api: Api, path: str, size: int, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = await api.get(path, page_size=str(size), **query, **cursor)
        assert status == 200
        assert page.keys() == {"items", "next_cursor"}
        assert len(page["items"]) <= size
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        assert len(page["items"]) == size
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("size", [1, 4, 5, 11, 12, 500])
@pytest.mark.parametrize("path", ["/financing-requests", "/deliveries"])
async def test_pages_make_the_whole(api: Api, path: str, size: int) -> None:
    await put_requests(api.database)
    await put_deliveries(api.database)
    ids = [item["id"] for item in await walk(api, path, size)]
    assert len(ids) == len(set(ids)) == 12


async def test_requests_are_filtered_on_every_page(api: Api) -> None:
    await put_requests(api.database)
    found = await walk(api, "/financing-requests", 2, openid="o1", status="published", institution="苏州银行")
    assert found
    for item in found:
        assert (item["openid"], item["status"]) == ("o1", "published")
        assert "苏州银行" in item["institutions"]
    everything = await walk(api, "/financing-requests", 50)
    expected = [
        item["id"]
        for item in everything
        if item["openid"] == "o1" and item["status"] == "published" and item["institutions"]
    ]
    assert [item["id"] for item in found] == expected
    assert await walk(api, "/financing-requests", 50, openid="nobody") == []


async def test_deliveries_are_filtered(api: Api) -> None:
    await put_deliveries(api.database)
    found = await walk(api, "/deliveries", 2, openid="o0", notice="reply", state="queued")
    assert [item["id"] for item in found] == sorted((item["id"] for item in found), reverse=True)
    assert len(found) == 4
    assert found[0].keys() == {
        "id",
        "notice",
        "openid",
        "channel",
        "state",
        "reason",
        "created_at",
        "sent_at",
    }
    assert (found[0]["state"], found[0]["sent_at"]) == (DeliveryState.QUEUED, None)
    assert await walk(api, "/deliveries", 50, state="failed") == []


async def test_a_request_holds_what_was_asked_for(api: Api) -> None:
    async with api.database.unit_of_work() as session:
        row = await requests.draft(session, "oZhang", NEED, NOW)
        await requests.publish(session, row, NOW)
    status, item = await api.get(f"/financing-requests/{row.id}")
    assert status == 200
    expected = {
        "id": row.id,
        "status": "published",
        "openid": "oZhang",
        "amount_min": 500_000,
        "amount_max": 800_000,
        "term_min_months": None,
        "term_months": 24,
        "rate_max": 4.35,
        "purpose": "equipment",
        "guarantee": ["credit"],
        "collateral": [],
        "region": "320583",
        "industry": "C",
        "institutions": ["苏州银行"],
        "follows": [],
        "created_at": "2026-11-23T04:00:00+00:00",
        "published_at": "2026-11-23T04:00:00+00:00",
    }
    assert {key: item[key] for key in expected} == expected
    assert (await api.get("/financing-requests"))[1]["items"] == [item]


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/financing-requests", {"page_size": "0"}, "page_size"),
        ("/financing-requests", {"page_size": "501"}, "page_size"),
        ("/financing-requests", {"page_size": "-1"}, "page_size"),
        ("/financing-requests", {"page_size": "ten"}, "page_size"),
        ("/financing-requests", {"status": "asleep"}, "status"),
        ("/financing-requests", {"cursor": "第二页"}, "cursor"),
        ("/financing-requests", {"cursor": "abc"}, "cursor"),
        ("/financing-requests", {"cursor": _cursor("yesterday RQ1")}, "cursor"),
        ("/financing-requests", {"cursor": _cursor("2026-11-23T04:00:00 RQ1")}, "cursor"),
        ("/financing-requests", {"cursor": _cursor("0001-01-01T00:00:00+23:59 RQ1")}, "cursor"),
        ("/financing-requests", {"page_size": "4" * 5000}, "page_size"),
        ("/financing-requests", {"openid": "o\0"}, "openid"),
        ("/financing-requests", {"institution": "苏州\0银行"}, "institution"),
        ("/financing-requests", {"cursor": _cursor("2026-11-23T04:00:00+00:00 RQ\0")}, "cursor"),
        ("/deliveries", {"openid": "\0"}, "openid"),
        ("/deliveries", {"notice": "\0"}, "notice"),
        ("/deliveries", {"page_size": "0"}, "page_size"),
        ("/deliveries", {"state": "asleep"}, "state"),
        ("/deliveries", {"cursor": "-1"}, "cursor"),
        ("/deliveries", {"cursor": "9" * 30}, "cursor"),
    ],
)
async def test_a_wrong_query_names_its_field(api: Api, path: str, query: dict[str, str], field: str) -> None:
    status, problem = await api.get(path, **query)
    assert (status, problem["field"]) == (400, field)
    assert problem["detail"]


async def test_an_id_that_no_database_can_hold_is_not_found(api: Api) -> None:
    assert (await api.get("/financing-requests/RQ%00"))[0] == 404
