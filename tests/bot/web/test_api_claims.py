"""Operators read the claims and tell what the offices said."""

from domain import events
from domain.base import today_in_china
from tests.bot.web.conftest import Api
from tests.domain.claims.scene import AWARD, OTHER, STRANGER, Scene


async def test_read_by_state_and_policy_page_by_page(api: Api) -> None:
    scene = Scene(api.database)
    await scene.set_up()
    first, second = await scene.begin(AWARD), await scene.begin(AWARD, STRANGER, OTHER)
    await scene.submit(first)
    _, page = await api.get("/claims", page_size="1")
    _, rest = await api.get("/claims", page_size="1", cursor=page["next_cursor"])
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {first.id, second.id}
    assert rest["next_cursor"] is None
    _, submitted = await api.get("/claims", state="submitted", policy=AWARD)
    (item,) = submitted["items"]
    assert (item["id"], item["state"], item["submitted_on"]) == (first.id, "submitted", "2026-11-23")
    assert "openid" not in item
    assert (await api.get("/claims", policy="P-NONE"))[1]["items"] == []
    assert (await api.get("/claims", state="lost"))[0] == 400


async def test_what_the_office_said(api: Api) -> None:
    scene = Scene(api.database)
    await scene.set_up()
    claim = await scene.begin(AWARD)
    one = f"/claims/{claim.id}"
    status, problem = await api.post(f"{one}/accept", {})
    assert (status, problem["detail"]) == (409, "这项申报现在是「准备中」，不能记为「审核中」。")
    await scene.submit(claim)
    assert (await api.call("POST", f"{one}/accept"))[1]["state"] == "accepted"
    for body in ({}, {"amount": 0}, {"amount": "x"}, {"amount": 5, "on": "2999-01-01"}):
        assert (await api.post(f"{one}/grant", body))[0] == 400
    assert (await api.post(f"{one}/refuse", {"reason": ""}))[0] == 400
    today = today_in_china().isoformat()
    status, item = await api.post(f"{one}/grant", {"amount": 80_000, "on": today})
    assert (status, item["state"], item["amount"], item["decided_on"]) == (
        200,
        "granted",
        80_000,
        today,
    )
    assert len(await scene.events(events.CLAIM_DECIDED)) == 2
    assert (await api.post(f"{one}/refuse", {"reason": "迟了"}))[0] == 409


async def test_refused_with_its_reason(api: Api) -> None:
    scene = Scene(api.database)
    await scene.set_up()
    claim = await scene.begin(AWARD)
    await scene.submit(claim)
    _, item = await api.post(f"/claims/{claim.id}/refuse", {"reason": "发票抬头不符"})
    assert (item["state"], item["reason"]) == ("refused", "发票抬头不符")
    for missing in ("ZS000000-00000000", "%00"):
        assert (await api.post(f"/claims/{missing}/accept", {}))[0] == 404
