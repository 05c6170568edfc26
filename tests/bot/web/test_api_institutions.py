"""Operators take institutions off the market and let them back."""

from domain import institutions
from domain.base import utcnow
from domain.institutions import Branch, Institution, Officer
from domain.market.tables import FollowRow
from tests.bot.web.conftest import Api
from tests.bot.web.houses import TERMS, bank, published

NAME = "苏州银行"
EXIT, ENTRY = f"/institutions/{NAME}/exit", f"/institutions/{NAME}/entry"
REASON = {"reason": "资质年检未通过"}


async def test_institutions_are_shown_with_branches_and_without_officers(api: Api) -> None:
    centre = Branch(name="小微专营中心", region="320583", centre=True)
    whole = Institution(name=NAME, branches=(centre, Branch(name="总行")), officers=(Officer(openid="oLi"),))
    async with api.database.unit_of_work() as session:
        await institutions.save_all(session, [whole, Institution(name="江苏银行")], utcnow())
    _, page = await api.get("/institutions")
    by_name = {item["name"]: item for item in page["items"]}
    # Each database has its own order of Chinese names.
    assert sorted(by_name[NAME]["branches"], key=lambda branch: branch["centre"]) == [
        {"name": "总行", "region": None, "centre": False},
        {"name": "小微专营中心", "region": "320583", "centre": True},
    ]
    assert by_name["江苏银行"]["branches"] == []
    assert "oLi" not in str(page)
    _, one = await api.get(f"/institutions/{NAME}")
    assert one == by_name[NAME] | {"steps": []}
    assert (await api.get("/institutions/无此银行"))[0] == 404


async def test_who_left_sees_and_follows_nothing_new_and_ends_what_it_follows(api: Api) -> None:
    suzhou, followed = await bank(api), await published(api)
    new = await published(api)
    await suzhou.follow(followed)
    status, answer = await api.post(EXIT, REASON)
    assert (status, answer) == (200, {"name": NAME, "active": False, **REASON})
    status, problem = await suzhou.follow(new)
    assert status == 409
    assert "退出平台" in problem["detail"]
    _, page = await suzhou.get("/financing-requests")
    assert [item["id"] for item in page["items"]] == [followed]
    assert (await suzhou.post(f"/financing-requests/{followed}/approve", TERMS))[0] == 200
    assert (await api.post(ENTRY, {"reason": "已整改"}))[0] == 200
    assert (await suzhou.follow(new))[0] == 200
    _, one = await api.get(f"/institutions/{NAME}")
    assert [(step["step"], step["reason"], step["by"]) for step in one["steps"]] == [
        ("entry", "已整改", "client:bootstrap"),
        ("exit", "资质年检未通过", "client:bootstrap"),
    ]


async def test_who_left_waits_for_nothing(api: Api) -> None:
    request_id = await published(api)
    others = [await bank(api, f"{number}号银行") for number in range(3)]
    for one in others:
        await one.follow(request_id)
    suzhou, behind = await bank(api), await bank(api, "江苏银行")
    for one in (suzhou, behind):
        await one.follow(request_id)
    await api.post(EXIT, REASON)
    await others[0].post(f"/financing-requests/{request_id}/leave")
    _, view = await behind.get(f"/financing-requests/{request_id}")
    assert view["follows"][0]["offered"], "the place goes to the next"
    _, view = await suzhou.get(f"/financing-requests/{request_id}")
    assert (view["follows"][0]["state"], view["follows"][0]["offered"]) == ("ended", False)


async def test_leaving_twice_is_a_conflict(api: Api) -> None:
    await bank(api)
    assert (await api.post(ENTRY, REASON))[0] == 409
    assert (await api.post(EXIT, REASON))[0] == 200
    assert (await api.post(EXIT, REASON))[0] == 409
    assert (await api.post("/institutions/无此银行/exit", REASON))[0] == 404
    for wrong in ({}, {"reason": ""}, {"reason": "x" * 201}):
        assert (await api.post(EXIT, wrong))[0] == 400


async def test_who_let_a_kept_place_go_can_be_taken_off_the_market(api: Api) -> None:
    """The time is over by the clock, and the worker has not come yet."""
    request_id = await published(api)
    others = [await bank(api, f"{number}号银行") for number in range(3)]
    suzhou = await bank(api)
    for one in (*others, suzhou):
        await one.follow(request_id)
    await others[0].post(f"/financing-requests/{request_id}/leave")
    async with api.database.unit_of_work() as session:
        row = await session.get_one(FollowRow, (request_id, NAME))
        assert row.has_offer
        row.until = utcnow()
    assert (await api.post(EXIT, REASON))[0] == 200
    async with api.database.reading() as session:
        assert (await session.get_one(FollowRow, (request_id, NAME))).state == "lapsed"


async def test_its_products_come_and_go_with_it(api: Api) -> None:
    await bank(api, NAME)
    product = {"code": "sz-1", "name": "设备贷", "institution": NAME, "amount_max": 3_000_000}
    await api.post("/products", {"items": [product]})

    async def offered() -> list[str]:
        _, answer = await api.post("/match", {"company": {}, "request": {"amount_max": 500_000}})
        return [item["code"] for item in answer["products"]]

    assert await offered() == ["sz-1"]
    await api.post(EXIT, REASON)
    assert await offered() == []
    await api.post(ENTRY, REASON)
    assert await offered() == ["sz-1"]
