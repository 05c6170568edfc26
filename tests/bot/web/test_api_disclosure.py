"""What an institution learns of a request: before it follows, with a place, and by whose leave."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from domain import requests
from domain.authorizations.labels import ALL_CATEGORIES, Category
from domain.authorizations.tables import AccessRow, AuthorizationRow
from domain.base import today_in_china, utcnow
from domain.market import deciding
from domain.market.rules import MarketRules
from domain.market.tables import FollowRow
from domain.requests import RequestRow
from domain.scores import keeping
from domain.scores.keeping import Outcome
from domain.scores.values import Score
from tests.bot.web.conftest import Api
from tests.bot.web.houses import TERMS, USCC, Bank, authorize, bank, published

SECRET = ("company", "uscc", "contact", "phone", "openid", "purpose_text")
SHOWN = {"company": "恒达", "uscc": USCC, "purpose_text": "买设备，找张总138****5678"}


async def seen(one: Bank, request_id: str) -> dict[str, Any]:
    status, view = await one.get(f"/financing-requests/{request_id}")
    assert status == 200
    return dict(view)


async def listed(one: Bank) -> dict[str, Any]:
    _, page = await one.get("/financing-requests")
    (view,) = page["items"]
    return dict(view)


async def accesses(api: Api) -> int:
    async with api.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(AccessRow)) or 0


async def score(api: Api, band: str) -> None:
    """What the nightly run writes down of the company."""
    made = Score(
        uscc=USCC,
        as_of=today_in_china(),
        scored_at=utcnow(),
        version="1",
        checksum="0",
        score=700,
        band=band,
        pd=0.02,
        confidence=0.9,
        why_none=None,
        dimensions=(),
        reasons=(),
        advice=(),
    )
    async with api.database.unit_of_work() as session:
        await keeping.keep(session, [Outcome.of(made, None)], ())


async def test_before_it_follows_the_summary_names_nobody(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    await authorize(api, "苏州银行")
    for view in (await seen(suzhou, request_id), await listed(suzhou)):
        assert {name: view[name] for name in SECRET} == dict.fromkeys(SECRET)
        assert view["declared"] == {}
        assert (view["size"], view["region"], view["industry"]) == ("small", "320583", "C")
        assert (view["amount_min"], view["amount_max"], view["purpose"]) == (500_000, 800_000, "equipment")
        assert (view["follows"], view["places_free"]) == ([], 3)


async def test_with_a_place_it_sees_what_it_is_authorized_to(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    await suzhou.follow(request_id)
    view = await seen(suzhou, request_id)
    assert {name: view[name] for name in SECRET} == dict.fromkeys(SECRET), "a place alone is no leave"
    await authorize(api, "苏州银行")
    view = await seen(suzhou, request_id)
    assert {name: view[name] for name in SECRET} == SHOWN | {
        "contact": "张三",
        "phone": "13812345678",
        "openid": None,
    }
    view = await listed(suzhou)
    assert {name: view[name] for name in SECRET} == SHOWN | dict.fromkeys(("contact", "phone", "openid"))


async def test_each_look_past_the_summary_is_written_down(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    await suzhou.follow(request_id)
    await seen(suzhou, request_id)
    assert await accesses(api) == 0, "nothing was authorized, and nothing asked"
    await authorize(api, "苏州银行")
    await listed(suzhou)
    assert await accesses(api) == 0, "of lists nothing needs the gate"
    await seen(suzhou, request_id)
    async with api.database.reading() as session:
        (access,) = await session.scalars(select(AccessRow))
    assert (access.uscc, access.reader, access.outcome, access.purpose) == (
        USCC,
        "苏州银行",
        "granted",
        "pre_loan",
    )


@pytest.mark.parametrize(
    "how", ["another", "revoked", "expired", "not the basics", "waiting", "left", "its time is over"]
)
async def test_without_leave_or_place_it_stays_hidden(api: Api, how: str) -> None:
    suzhou, request_id = await bank(api), await published(api)
    scope = ALL_CATEGORIES - {Category.BASE} if how == "not the basics" else ALL_CATEGORIES
    given = await authorize(api, "江苏银行" if how == "another" else "苏州银行", scope)
    if how == "waiting":
        for number in range(3):
            await (await bank(api, f"{number}号银行")).follow(request_id)
    await suzhou.follow(request_id)
    if how == "left":
        await suzhou.post(f"/financing-requests/{request_id}/leave")
    if how == "its time is over":
        async with api.database.unit_of_work() as session:
            await session.execute(update(FollowRow).values(until=utcnow()))
    ended = {"revoked": {"ended_at": utcnow(), "ended_by": "oZhang"}, "expired": {"until": utcnow()}}
    if how in ended:
        async with api.database.unit_of_work() as session:
            changed = update(AuthorizationRow).where(AuthorizationRow.id == given).values(**ended[how])
            await session.execute(changed)
    for view in (await seen(suzhou, request_id), await listed(suzhou)):
        assert {name: view[name] for name in SECRET} == dict.fromkeys(SECRET), how
        assert view["declared"] == {}, how


async def test_of_what_was_taken_back_its_own_follow_is_left(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    await suzhou.follow(request_id)
    await authorize(api, "苏州银行")
    await score(api, "良好")
    async with api.database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, request_id), utcnow())
    view = await seen(suzhou, request_id)
    assert view == await listed(suzhou)
    assert (view.pop("id"), view.pop("status")) == (request_id, "withdrawn")
    (follow,) = view.pop("follows")
    assert (follow["institution"], follow["state"], follow["reason"]) == ("苏州银行", "ended", "withdrawn")
    left = {name for name, value in view.items() if value}
    assert left == {"created_at", "updated_at", "published_at"}
    assert await accesses(api) == 0


async def test_the_band_of_the_score_by_the_company_s_leave(api: Api) -> None:
    suzhou, request_id = await bank(api), await published(api)
    assert (await seen(suzhou, request_id))["score_band"] is None
    await authorize(api, "苏州银行")
    assert (await seen(suzhou, request_id))["score_band"] is None, "there is no score yet"
    await score(api, "良好")
    view = await seen(suzhou, request_id)
    assert (view["score_band"], view["company"]) == ("良好", None)
    assert (await listed(suzhou))["score_band"] is None
    assert (await seen(await bank(api, "江苏银行"), request_id))["score_band"] is None


async def test_an_institution_sees_its_own_follow_alone(api: Api) -> None:
    suzhou, other, request_id = await bank(api), await bank(api, "江苏银行"), await published(api)
    await suzhou.follow(request_id)
    await other.follow(request_id)
    for one in (suzhou, other):
        view = await seen(one, request_id)
        assert [follow["institution"] for follow in view["follows"]] == [one.name]
        assert view["places_free"] == 1
    _, view = await api.get(f"/financing-requests/{request_id}")
    assert [follow["institution"] for follow in view["follows"]] == ["苏州银行", "江苏银行"]
    assert set(view["follows"][0]) == {"institution", "state", "until"}


async def test_what_it_follows_it_sees_whatever_became_of_it(api: Api) -> None:
    suzhou, other, request_id = await bank(api), await bank(api, "江苏银行"), await published(api)
    await suzhou.follow(request_id)
    await other.follow(request_id)
    await suzhou.post(f"/financing-requests/{request_id}/approve", TERMS)
    async with api.database.unit_of_work() as session:
        await deciding.accept(session, "oZhang", request_id, "苏州银行", now=utcnow(), rules=MarketRules())
    day = today_in_china().isoformat()
    status, _ = await suzhou.post(
        f"/financing-requests/{request_id}/grant", {"amount": 1, "rate": 4, "granted_on": day}
    )
    assert status == 200
    view = await seen(other, request_id)
    assert (view["status"], view["follows"][0]["state"], view["places_free"]) == ("granted", "ended", 0)
    assert (await (await bank(api, "农业银行")).get(f"/financing-requests/{request_id}"))[0] == 404
