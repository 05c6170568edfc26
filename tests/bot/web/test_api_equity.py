"""Investors see what is on the market without its name, follow it, and tell what came of it."""

from typing import Any

from domain import clients
from domain.base import utcnow
from domain.clients import NewClient, Role, Scope
from domain.equity.terms import EquityTerms
from tests.bot.web.conftest import Api
from tests.domain.equity.scene import BANK, FUND, NAMES, OFFERED, OTHER_FUND, USCC, Scene
from tests.domain.equity.test_linking import borrowing

WORDS = f"{NAMES[USCC]}做减速器，电话13812345678，拿下两家车企定点"
OFFER: EquityTerms = OFFERED.model_copy(update={"words": WORDS})


class Houses:
    """The town of the equity tests behind the API, and calls in the name of its houses."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.scene = Scene(api.database)
        self.tokens: dict[str, str] = {}

    async def call(self, house: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        if house not in self.tokens:
            new = NewClient(name=house, role=Role.INSTITUTION, institution=house)
            async with self.api.database.unit_of_work() as session:
                self.tokens[house] = clients.create(session, new, by="test", now=utcnow()).token
        headers = {"Authorization": f"Bearer {self.tokens[house]}"}
        more = {} if body is None else {"json": body}
        return await self.api.call(method, path, headers=headers, **more)


async def town(api: Api) -> tuple[Houses, str]:
    houses = Houses(api)
    await houses.scene.set_up()
    return houses, await houses.scene.published(OFFER)


async def test_before_it_follows_nobody_learns_whose_it_is(api: Api) -> None:
    houses, request_id = await town(api)
    await houses.scene.draft(openid="oStranger")
    status, page = await houses.call(FUND, "GET", "/equity-requests")
    assert (status, page["next_cursor"]) == (200, None)
    (item,) = page["items"]
    assert (item["id"], item["status"], item["round"]) == (request_id, "published", "a")
    assert (item["amount"], item["share"], item["valuation"]) == (5_000_000, 10.0, 50_000_000)
    assert (item["industry"], item["region"]) == ("C", "320500"), "the city, not the district"
    assert (item["company"], item["uscc"], item["follow"]) == (None, None, None)
    assert item["words"] == "（本企业）做减速器，电话138****5678，拿下两家车企定点"
    assert "openid" not in item
    assert "follows" not in item
    status, one = await houses.call(FUND, "GET", f"/equity-requests/{request_id}")
    assert (status, one) == (200, item)


async def test_after_it_follows_it_knows(api: Api) -> None:
    houses, request_id = await town(api)
    status, item = await houses.call(FUND, "POST", f"/equity-requests/{request_id}/follow")
    assert (status, item["status"], item["follow"]["state"]) == (200, "followed", "following")
    assert (item["company"], item["uscc"], item["words"]) == (NAMES[USCC], USCC, WORDS)
    assert item["region"] == "320583"
    _, other = await houses.call(OTHER_FUND, "GET", f"/equity-requests/{request_id}")
    assert (other["company"], other["follow"]) == (None, None)
    passed = {"kind": "passed", "reason": "stage"}
    status, item = await houses.call(FUND, "POST", f"/equity-requests/{request_id}/events", passed)
    assert (status, item["status"], item["follow"]["state"]) == (200, "published", "passed")
    assert item["company"] is None, "who passed is a stranger again"


async def test_events_up_to_the_money(api: Api) -> None:
    houses, request_id = await town(api)
    path = f"/equity-requests/{request_id}"
    _, item = await houses.call(FUND, "POST", f"{path}/follow")
    assert (await houses.call(FUND, "POST", f"{path}/events", {"kind": "met", "on": "2999-01-01"}))[0] == 400
    for body, state in (
        ({"kind": "met", "on": "2026-01-05"}, "met"),
        ({"kind": "term_sheet"}, "term_sheet"),
        ({"kind": "invested", "amount": 3_000_000, "note": "首笔到账"}, "invested"),
    ):
        status, item = await houses.call(FUND, "POST", f"{path}/events", body)
        assert (status, item["status"], item["follow"]["state"]) == (200, state, state)
    assert (item["follow"]["amount"], item["follow"]["note"]) == (3_000_000, "首笔到账")
    status, problem = await houses.call(FUND, "POST", f"{path}/events", {"kind": "met"})
    assert (status, problem["detail"]) == (409, "现在是「已投资」，不能记为「已约见」。")
    for body in ({}, {"kind": "invested"}, {"kind": "met", "x": 1}):
        assert (await houses.call(FUND, "POST", f"{path}/events", body))[0] == 400


async def test_to_a_bank_there_is_no_such_thing(api: Api) -> None:
    houses, request_id = await town(api)
    assert (await houses.call(BANK, "GET", "/equity-requests"))[1]["items"] == []
    for method, path in (
        ("GET", f"/equity-requests/{request_id}"),
        ("POST", f"/equity-requests/{request_id}/follow"),
        ("GET", f"/equity-requests/{request_id}/debt-side"),
    ):
        assert (await houses.call(BANK, method, path))[0] == 404
    assert (await houses.call(FUND, "GET", "/equity-requests/EQ000000-00000000"))[0] == 404
    assert (await houses.call(FUND, "POST", "/equity-requests/%00/follow"))[0] == 404


async def test_an_operator_names_the_institution(api: Api) -> None:
    houses, request_id = await town(api)
    path = f"/equity-requests/{request_id}"
    assert (await api.post(f"{path}/follow", {}))[0] == 400
    assert (await api.post(f"{path}/follow", {"institution": BANK}))[0] == 404
    status, item = await api.post(f"{path}/follow", {"institution": FUND})
    assert (status, item["openid"], item["company"]) == (200, "oOwner", NAMES[USCC])
    assert [follow["institution"] for follow in item["follows"]] == [FUND]
    status, problem = await houses.call(FUND, "POST", f"{path}/follow", {"institution": OTHER_FUND})
    assert (status, problem["detail"]) == (403, "只能以本机构的名义操作")


async def test_a_token_that_only_reads_follows_nothing(api: Api) -> None:
    houses, request_id = await town(api)
    new = NewClient(name="只读", role=Role.INSTITUTION, institution=FUND, scopes=(Scope.READ,))
    async with api.database.unit_of_work() as session:
        houses.tokens[FUND] = clients.create(session, new, by="test", now=utcnow()).token
    assert (await houses.call(FUND, "GET", "/equity-requests"))[0] == 200
    assert (await houses.call(FUND, "POST", f"/equity-requests/{request_id}/follow"))[0] == 403


async def test_filters_and_pages(api: Api) -> None:
    houses, request_id = await town(api)
    second = await houses.scene.draft(OFFERED, "oStranger")
    await houses.scene.publish(second, "91320583MA1MABCE3P")
    _, first = await houses.call(FUND, "GET", "/equity-requests?page_size=1")
    _, rest = await houses.call(FUND, "GET", f"/equity-requests?page_size=1&cursor={first['next_cursor']}")
    assert {first["items"][0]["id"], rest["items"][0]["id"]} == {request_id, second}
    assert rest["next_cursor"] is None
    for query, count in (("round=a", 2), ("round=b", 0), ("industry=C", 2), ("status=followed", 0)):
        _, page = await houses.call(FUND, "GET", f"/equity-requests?{query}")
        assert len(page["items"]) == count, query
    assert (await houses.call(FUND, "GET", "/equity-requests?round=z"))[0] == 400


async def test_both_sides_with_consent_and_not_without(api: Api) -> None:
    houses, request_id = await town(api)
    loan = await borrowing(houses.scene)
    debt, equity = f"/equity-requests/{request_id}/debt-side", f"/financing-requests/{loan}/equity-side"
    assert (await houses.call(FUND, "GET", debt))[0] == 404, "it does not follow yet"
    await houses.call(FUND, "POST", f"/equity-requests/{request_id}/follow")
    nothing = (200, {"shared": False, "items": []})
    assert await houses.call(FUND, "GET", debt) == nothing
    assert await houses.call(BANK, "GET", equity) == nothing
    await houses.scene.consent(at=utcnow())
    status, seen = await houses.call(FUND, "GET", debt)
    assert (status, seen["shared"]) == (200, True)
    (one,) = seen["items"]
    assert one.keys() == {"institution_kind", "state", "since"}
    assert (one["institution_kind"], one["state"]) == ("bank", "following")
    _, seen = await houses.call(BANK, "GET", equity)
    assert [(one["institution_kind"], one["state"]) for one in seen["items"]] == [("investor", "following")]
    assert (await houses.call(FUND, "GET", equity))[0] == 404, "it lends nothing"
    assert (await api.get(equity))[1]["shared"] is True, "an operator"
