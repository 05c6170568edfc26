"""An institution follows, decides and grants; what the rules forbid is a conflict with its reason."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain import requests
from domain.base import today_in_china, utcnow
from domain.clients import Scope
from domain.loans import LoanRow
from domain.market.tables import FollowStepRow
from domain.needs import Need
from domain.requests import RequestStatus
from tests.bot.web.conftest import Api
from tests.bot.web.houses import NEED, TERMS, USCC, Bank, bank, published

# The steps after the first, with the least that each needs.
STEPS: dict[str, dict[str, Any]] = {
    "leave": {},
    "approve": TERMS,
    "reject": {"reason": "debt"},
    "grant": {"amount": 1, "rate": 4, "granted_on": "2026-11-01"},
}


def own(answer: dict[str, Any]) -> tuple[str, str]:
    (follow,) = answer["follows"]
    return follow["institution"], follow["state"]


async def test_from_the_follow_to_the_money(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    status, answer = await suzhou.follow(request_id)
    assert (status, own(answer), answer["status"]) == (200, ("苏州银行", "following"), "followed")
    assert answer["places_free"] == 2
    assert answer["follows"][0]["until"].endswith("+08:00")
    status, answer = await suzhou.post(f"/financing-requests/{request_id}/approve", TERMS)
    assert (status, own(answer), answer["status"]) == (200, ("苏州银行", "approved"), "approved")
    today = today_in_china().isoformat()
    paid = {"amount": 600_000, "rate": 4.2, "granted_on": today, "loan_id": "JK-1"}
    status, answer = await suzhou.post(f"/financing-requests/{request_id}/grant", paid)
    assert (status, own(answer), answer["status"]) == (200, ("苏州银行", "granted"), "granted")
    async with api.database.reading() as session:
        loan = await session.get_one(LoanRow, "JK-1")
    assert (loan.uscc, loan.institution) == (USCC, "苏州银行")


async def test_an_operator_names_the_institution(api: Api) -> None:
    await bank(api)
    request_id = await published(api)
    path = f"/financing-requests/{request_id}/follow"
    status, problem = await api.post(path, {})
    assert (status, problem["field"]) == (400, "institution")
    status, answer = await api.post(path, {"institution": "苏州银行"})
    assert (status, own(answer)) == (200, ("苏州银行", "following"))
    status, _ = await api.post(
        f"/financing-requests/{request_id}/approve", TERMS | {"institution": "苏州银行"}
    )
    assert status == 200
    async with api.database.reading() as session:
        actors = set(await session.scalars(select(FollowStepRow.actor)))
    assert actors == {"client:bootstrap"}


async def test_an_institution_acts_for_nobody_else(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    await bank(api, "江苏银行")
    status, _ = await suzhou.post(f"/financing-requests/{request_id}/follow", {"institution": "江苏银行"})
    assert status == 403
    status, _ = await suzhou.post(f"/financing-requests/{request_id}/follow", {"institution": "苏州银行"})
    assert status == 200


async def test_the_fourth_waits_and_takes_the_place_that_is_given_up(api: Api) -> None:
    banks = [await bank(api, f"{number}号银行") for number in range(4)]
    request_id = await published(api)
    states = [own((await one.follow(request_id))[1])[1] for one in banks]
    assert states == ["following"] * 3 + ["waiting"]
    status, problem = await banks[0].follow(request_id)
    assert (status, problem["detail"]) == (409, "贵机构已经在跟进这笔需求。")
    _, seen = await banks[3].get(f"/financing-requests/{request_id}")
    assert (seen["places_free"], seen["follows"][0]["offered"]) == (0, False)
    status, _ = await banks[0].post(f"/financing-requests/{request_id}/leave")
    assert status == 200
    _, seen = await banks[3].get(f"/financing-requests/{request_id}")
    assert (seen["places_free"], seen["follows"][0]["offered"]) == (0, True), "it is kept for who waits"
    assert own((await banks[3].follow(request_id))[1]) == ("3号银行", "following")


async def test_what_the_rules_forbid_is_a_conflict(api: Api) -> None:
    suzhou, other = await bank(api), await bank(api, "江苏银行")
    named = await published(api, NEED.model_copy(update={"institutions": ("江苏银行",)}))
    status, problem = await suzhou.follow(named)
    assert (status, problem["detail"]) == (409, "这笔需求只发给了企业指定的机构，贵机构不在其中。")
    request_id = await published(api)
    for step, body in STEPS.items():
        status, problem = await other.post(f"/financing-requests/{request_id}/{step}", body)
        assert (status, problem["detail"]) == (409, "还没有跟进这笔需求，请先跟进。"), step
    status, _ = await suzhou.post(f"/financing-requests/{named}/approve", TERMS)
    assert status == 404, "what is not for it does not exist"
    await suzhou.follow(request_id)
    day = today_in_china().isoformat()
    status, problem = await suzhou.post(
        f"/financing-requests/{request_id}/grant", {"amount": 1, "rate": 4, "granted_on": day}
    )
    assert (status, problem["title"]) == (409, "Conflict")
    async with api.database.unit_of_work() as session:
        row = await requests.held(session, request_id)
        assert row is not None
        await requests.withdraw(session, row, utcnow())
    status, problem = await suzhou.post(f"/financing-requests/{request_id}/approve", TERMS)
    assert status == 409
    assert "已结束" in problem["detail"]
    status, _ = await other.follow(request_id)
    assert status == 409
    for unknown in ("RQ000000-00000000", await published(api, status=RequestStatus.DRAFT)):
        assert (await suzhou.follow(unknown))[0] == 404
        for step, body in STEPS.items():
            assert (await suzhou.post(f"/financing-requests/{unknown}/{step}", body))[0] == 404


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("approve", {}, "amount"),
    ("approve", TERMS | {"amount": 0}, "amount"),
    ("approve", TERMS | {"rate": 101}, "rate"),
    ("approve", TERMS | {"guarantee": "honour"}, "guarantee"),
    ("approve", TERMS | {"colour": "red"}, "colour"),
    ("reject", {}, "reason"),
    ("reject", {"reason": "mood"}, "reason"),
    ("reject", {"reason": "other", "note": "x" * 201}, "note"),
    ("grant", {"amount": 1, "rate": 4}, "granted_on"),
    ("grant", {"amount": 1, "rate": 4, "granted_on": "yesterday"}, "granted_on"),
    ("follow", {"decision_days": 6}, "decision_days"),
]


@pytest.mark.parametrize(("step", "body", "field"), WRONG)
async def test_what_is_wrong_is_named(api: Api, step: str, body: dict[str, Any], field: str) -> None:
    suzhou, request_id = await bank(api), await published(api)
    status, problem = await suzhou.post(f"/financing-requests/{request_id}/{step}", body)
    assert (status, problem["errors"][0]["field"]) == (400, field)


async def test_a_rejection_tells_why_and_frees_the_place(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    await suzhou.follow(request_id)
    status, answer = await suzhou.post(
        f"/financing-requests/{request_id}/reject", {"reason": "debt", "note": "对外担保较多"}
    )
    assert (status, own(answer), answer["places_free"]) == (200, ("苏州银行", "rejected"), 3)
    assert answer["follows"][0]["reason"] == "debt"


async def test_follows_at_once_take_exactly_the_places(api: Api) -> None:
    banks = [await bank(api, f"{number}号银行") for number in range(10)]
    request_id = await published(api)
    answers = await asyncio.gather(*(one.follow(request_id) for one in banks))
    assert Counter(own(answer)[1] for _, answer in answers) == {"following": 3, "waiting": 7}


SCOPES: dict[Scope, list[tuple[str, str]]] = {
    Scope.READ: [("GET", "/financing-requests"), ("GET", "/saved-filters"), ("POST", "/match")],
    Scope.FOLLOW: [("POST", "/financing-requests/0/follow"), ("POST", "/financing-requests/0/leave")],
    Scope.DECIDE: [(("POST"), f"/financing-requests/0/{step}") for step in ("approve", "reject", "grant")],
    Scope.WEBHOOKS: [("GET", "/webhooks"), ("POST", "/webhooks"), ("POST", "/webhooks/0/replay")],
}


@pytest.mark.parametrize("held", Scope)
async def test_a_token_is_good_for_its_scopes_alone(api: Api, held: Scope) -> None:
    one = await bank(api, scopes=(held,))
    for scope, calls in SCOPES.items():
        for method, path in calls:
            status, problem = await one.send(method, path, None if method == "GET" else {})
            if scope is held:
                assert status in {200, 400, 404}, path
            else:
                assert (status, problem["scope"]) == (403, scope), path


async def test_scopes_are_an_institution_s(api: Api) -> None:
    body = {
        "name": "苏州银行",
        "role": "institution",
        "institution": "苏州银行",
        "scopes": ["follow", "read"],
    }
    status, made = await api.post("/clients", body)
    assert (status, made["scopes"]) == (201, ["read", "follow"])
    for wrong in ({"name": "x", "role": "operator", "scopes": ["read"]}, body | {"scopes": []}):
        assert (await api.post("/clients", wrong))[0] == 400


async def step_count(api: Api) -> int:
    async with api.database.reading() as session:
        return len((await session.scalars(select(FollowStepRow.id))).all())


async def test_the_same_call_with_its_key_counts_once(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    path = f"/financing-requests/{request_id}"
    first = await suzhou.post(f"{path}/follow", {"decision_days": 3}, key="f1")
    await suzhou.post(f"{path}/reject", {"reason": "debt"}, key="r1")
    steps = await step_count(api)
    assert await suzhou.post(f"{path}/follow", {"decision_days": 3}, key="f1") == first
    assert await step_count(api) == steps
    status, problem = await suzhou.post(f"{path}/follow", {"decision_days": 4}, key="f1")
    assert (status, problem["title"]) == (422, "Unprocessable Content")
    assert (await suzhou.post(f"{path}/leave", {"decision_days": 3}, key="f1"))[0] in {400, 422}
    status, problem = await suzhou.post(f"{path}/leave", None, key="é")
    assert (status, problem["field"]) == (400, "Idempotency-Key")


async def test_many_calls_with_one_key_at_once_are_one(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    path = f"/financing-requests/{request_id}/follow"
    answers = await asyncio.gather(*(suzhou.post(path, {}, key="same") for _ in range(6)))
    assert [status for status, _ in answers] == [200] * 6
    assert all(answer == answers[0] for answer in answers)
    assert await step_count(api) == 1


async def test_a_refused_call_may_be_sent_again_with_its_key(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    path = f"/financing-requests/{request_id}"
    assert (await suzhou.post(f"{path}/approve", TERMS, key="a1"))[0] == 409
    await suzhou.follow(request_id)
    assert (await suzhou.post(f"{path}/approve", TERMS, key="a1"))[0] == 200


async def walk(one: Bank, path: str = "/financing-requests", **query: str) -> list[str]:
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = await one.get(path, **{"page_size": "2"} | query | cursor)
        assert status == 200, page
        ids += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return ids
        cursor = {"cursor": page["next_cursor"]}


async def test_browsing_by_filters(api: Api) -> None:
    suzhou = await bank(api)
    long_ago = utcnow() - timedelta(days=10)
    a = await published(api, NEED, at=long_ago)
    b = await published(api, Need(region="330106", industry="F", amount_max=100_000, purpose="rnd"))
    c = await published(api, Need(region="320509", industry="C", guarantee=("guarantee_fund",)))
    assert await walk(suzhou) == [c, b, a]
    since = (utcnow() - timedelta(days=1)).isoformat()
    for query, expected in (
        ({"region": "320500"}, [c, a]),
        ({"region": "320583,330000"}, [b, a]),
        ({"industry": "C"}, [c, a]),
        ({"purpose": "equipment,rnd"}, [b, a]),
        ({"amount_min": "200000"}, [c, a]),
        ({"amount_max": "400000"}, [c, b]),
        ({"guarantee": "guarantee_fund"}, [c, b]),
        ({"term_min": "13"}, [c, b]),
        ({"published_since": since}, [c, b]),
        ({"status": "published", "industry": "F"}, [b]),
        ({"follow": "following"}, []),
    ):
        assert await walk(suzhou, **query) == expected, query
    await suzhou.follow(a)
    assert await walk(suzhou, follow="following") == [a]
    assert await walk(await bank(api, "江苏银行"), follow="following") == [], "its own alone"
    for end in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        status, problem = await suzhou.get("/financing-requests", published_since=end)
        assert (status, problem["errors"][0]["field"]) == (400, "published_since"), end
    for wrong in ({"region": "1"}, {"amount_min": "x"}, {"follow": "x"}, {"guarantee": "honour"}):
        assert (await suzhou.get("/financing-requests", **wrong))[0] == 400
