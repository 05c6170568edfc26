"""The owner's requests on their pages: who looks until when, choosing, taking back, and his opinion."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.authorizations.labels import Category
from domain.base import utcnow
from domain.cases.tables import CaseRow
from domain.market.reading import follows_of
from domain.market.tables import FollowRow, RatingRow
from domain.requests import RequestRow
from tests.bot.web.pages import market, town
from tests.bot.web.pages.market import LATE, MERCHANTS, RURAL
from tests.bot.web.pages.town import BANK, JINGGONG
from tests.bot.web.pages.world import Phone, World


@pytest.fixture
async def owner(world: World) -> Phone:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.bank(world)
    return phone


@pytest.fixture
async def request_id(world: World, owner: Phone) -> str:
    """A request on the market."""
    return (await market.published(world, owner.openid, JINGGONG)).id


async def states(world: World, request_id: str) -> dict[str, str]:
    async with world.database.reading() as session:
        rows = (await follows_of(session, [request_id]))[request_id]
    return {row.institution: row.state for row in rows}


async def status(world: World, request_id: str) -> str:
    async with world.database.reading() as session:
        return (await session.get_one(RequestRow, request_id)).status


async def test_the_list_says_the_most_important_of_each(world: World, owner: Phone, request_id: str) -> None:
    await market.followed(world, request_id, BANK)
    await market.approved(world, request_id, BANK)
    over = (await market.published(world, owner.openid, JINGGONG, 300_000)).id
    await owner.send(f"/m/requests/{over}/withdraw", {})
    page = (await owner.open("/m/requests")).text
    assert all(
        word in page for word in ("100万元，购买设备", "1家机构已批准，等您选", "已经结束的", "已撤回")
    )


async def test_without_any_it_says_how_to_begin(world: World) -> None:
    assert "现在没有在办的融资需求" in (await world.phone().open("/m/requests")).text


async def test_who_looks_and_until_when(world: World, owner: Phone, request_id: str) -> None:
    await market.followed(world, request_id, BANK, RURAL, MERCHANTS, LATE)
    page = (await owner.open(f"/m/requests/{request_id}")).text
    assert page.count("前答复") == 3
    assert "还剩4天23小时" in page
    assert "它在排队，有空位会轮到它" in page
    assert page.count("它还不知道是哪家企业") == 3
    assert "institution=%E8%8B%8F%E5%B7%9E%E9%93%B6%E8%A1%8C" in page


async def test_what_is_authorized_already_is_not_asked_for(
    world: World, owner: Phone, request_id: str
) -> None:
    await town.passed_on(world, owner.openid)
    await market.followed(world, request_id, BANK)
    page = (await owner.open(f"/m/requests/{request_id}")).text
    assert "您已授权，它看得到企业名称和联系方式" in page
    assert "它还不知道是哪家企业" not in page


async def test_a_time_that_is_over_is_not_counted_down(world: World, owner: Phone, request_id: str) -> None:
    await market.followed(world, request_id, BANK)
    over = update(FollowRow).values(until=utcnow() - timedelta(minutes=1))
    async with world.database.unit_of_work() as session:
        await session.execute(over)
    assert "答复期限已过" in (await owner.open(f"/m/requests/{request_id}")).text


async def test_offers_stand_side_by_side_with_what_they_cost(
    world: World, owner: Phone, request_id: str
) -> None:
    await market.followed(world, request_id, BANK, RURAL)
    await market.approved(world, request_id, BANK, "4.35")
    await market.approved(world, request_id, RURAL, "3.9", 36)
    page = (await owner.open(f"/m/requests/{request_id}")).text
    # The annuity by hand: 1,000,000 at 4.35 % over 24 months, and at 3.9 % over 36.
    for figure in ("4.35%", "3.9%", "43,581元", "45,941元", "29,480元", "61,263元"):
        assert f"<td>{figure}</td>" in page
    plan = (await owner.open(f"/m/requests/{request_id}/accept?institution={BANK}")).text
    assert plan.count('<th scope="row">') == 24


async def test_one_is_accepted_after_it_was_asked_once_more(
    world: World, owner: Phone, request_id: str
) -> None:
    await market.followed(world, request_id, BANK, RURAL, MERCHANTS)
    await market.approved(world, request_id, BANK)
    await market.approved(world, request_id, RURAL)
    place = f"/m/requests/{request_id}/accept"
    asked = await owner.open(f"{place}?institution={BANK}")
    assert "的方案会结束" in asked.text
    answer = await owner.send(place, {"institution": BANK, "seen": "2"}, at=f"{place}?institution={BANK}")
    assert "已经选定苏州银行" in answer.text
    assert await states(world, request_id) == {BANK: "accepted", RURAL: "ended", MERCHANTS: "ended"}
    # Asked for again from an old page, the newest state is shown.
    again = await owner.open(f"{place}?institution={RURAL}")
    assert "昆山农商银行现在是「已结束」" in again.text


async def test_an_offer_that_is_not_the_one_shown_is_not_accepted(
    world: World, owner: Phone, request_id: str
) -> None:
    await market.followed(world, request_id, BANK)
    await market.approved(world, request_id, BANK)
    place = f"/m/requests/{request_id}/accept"
    shown = f"{place}?institution={BANK}"
    answer = await owner.send(place, {"institution": BANK, "seen": "1"}, at=shown)
    assert (answer.status, "刚刚有了变化" in answer.text) == (409, True)
    assert (await owner.send(place, {"institution": RURAL, "seen": "2"}, at=shown)).status == 404
    assert (await owner.send(place, {"institution": BANK, "seen": "x"}, at=shown)).status == 404
    assert await states(world, request_id) == {BANK: "approved"}


async def test_who_thinks_again_declines_and_the_request_goes_on(
    world: World, owner: Phone, request_id: str
) -> None:
    await market.followed(world, request_id, BANK)
    await market.approved(world, request_id, BANK)
    shown = f"/m/requests/{request_id}/accept?institution={BANK}"
    await owner.send(f"/m/requests/{request_id}/accept", {"institution": BANK, "seen": "2"}, at=shown)
    place = f"/m/requests/{request_id}/decline"
    answer = await owner.send(place, {"institution": BANK}, at=f"{place}?institution={BANK}")
    assert "已经谢绝苏州银行的方案" in answer.text
    assert "您没有接受它的方案" in answer.text
    assert (await states(world, request_id), await status(world, request_id)) == (
        {BANK: "ended"},
        "published",
    )
    assert "现在是「已结束」" in (await owner.open(f"{place}?institution={BANK}")).text


async def test_it_is_withdrawn_and_all_follows_end(world: World, owner: Phone, request_id: str) -> None:
    await market.followed(world, request_id, BANK)
    place = f"/m/requests/{request_id}/withdraw"
    assert "需求已经撤回" in (await owner.send(place, {})).text
    assert (await states(world, request_id), await status(world, request_id)) == (
        {BANK: "ended"},
        "withdrawn",
    )
    assert "现在不能撤回" in (await owner.open(place)).text


async def test_a_refusal_says_why_and_what_was_lent_is_what_is_shown(
    world: World, owner: Phone, request_id: str
) -> None:
    await market.followed(world, request_id, BANK, RURAL)
    await market.rejected(world, request_id, RURAL, "流水不足半年")
    await market.approved(world, request_id, BANK)
    await market.granted(world, request_id, BANK)
    page = (await owner.open(f"/m/requests/{request_id}")).text
    for words in ("经营收入或现金流不足：流水不足半年", "放款金额", "到期日期", "评价这家机构的服务"):
        assert words in page


async def test_stars_and_words_are_kept_and_may_be_changed(
    world: World, owner: Phone, request_id: str
) -> None:
    await market.followed(world, request_id, BANK)
    await market.approved(world, request_id, BANK)
    await market.granted(world, request_id, BANK)
    place = f"/m/requests/{request_id}/rate"
    at = f"{place}?institution={BANK}"
    refused = await owner.send(place, {"institution": BANK, "words": "办得快"}, at=at)
    assert (refused.status, "请选择几颗星" in refused.text, "办得快" in refused.text) == (422, True, True)
    assert (await owner.send(place, {"institution": BANK, "stars": "6"}, at=at)).status == 422
    for stars, words in (("4", "办得快"), ("5", "再说一次")):
        answer = await owner.send(place, {"institution": BANK, "stars": stars, "words": words}, at=at)
        assert f"您给了苏州银行 {stars} 星" in answer.text
    async with world.database.reading() as session:
        row = (await session.scalars(select(RatingRow))).one()
    assert (row.stars, row.words, row.openid) == (5, "再说一次", owner.openid)
    assert (await owner.open(f"{place}?institution={RURAL}")).status == 404


async def test_what_institutions_see_is_said_as_it_is(world: World, owner: Phone, request_id: str) -> None:
    place = f"/m/requests/{request_id}"
    waiting = (await owner.open(place)).text
    assert ("需求已经发布" in waiting, "推给" in waiting) == (True, False)
    await market.followed(world, request_id, BANK)
    page = (await owner.open(place)).text
    for words in ("也看不到您说的原话", Category.BASE.label, "联系人、电话", "没有授权的，看到的还是摘要"):
        assert words in page, words
    assert "跟进过的只知道它已经撤回" in (await owner.open(f"{place}/withdraw")).text


async def test_what_is_not_published_says_so(world: World, owner: Phone, request_id: str) -> None:
    async with world.database.unit_of_work() as session:
        row = await session.get_one(RequestRow, request_id)
        row.status, row.published_at = "draft", None
    assert "还没有发布" in (await owner.open(f"/m/requests/{request_id}")).text
    assert "没填完的" in (await owner.open("/m/requests")).text


async def test_an_adviser_s_answer_and_more_from_the_owner(world: World, owner: Phone) -> None:
    case = await market.in_difficulty(world, owner.openid, JINGGONG)
    place = f"/m/cases/{case.id}"
    page = (await owner.open(place)).text
    for words in ("王顾问在处理", "请把未收回的货款单据备好", "大客户的货款收不回来", "30万元"):
        assert words in page
    refused = await owner.send(place, {"words": " "})
    assert refused.status == 422
    assert "补充的情况已经转给顾问" in (await owner.send(place, {"words": "客户答应月底付一半"})).text
    assert "还款困难" in (await owner.open("/m/requests")).text
    withdrawn = await owner.send(f"{place}/withdraw", {})
    assert all(word in withdrawn.text for word in ("已经撤回", "您已撤回", "客户答应月底付一半"))
    assert "已经办结，不用再撤回" in (await owner.open(f"{place}/withdraw")).text
    async with world.database.reading() as session:
        assert (await session.get_one(CaseRow, case.id)).closed_at is not None


PLACES: list[Callable[[str], str]] = [
    lambda _: "/m/requests/RQ000000-00000000",
    lambda _: "/m/requests/RQ000000-00000000/withdraw",
    lambda _: "/m/cases/GW000000-00000000",
    lambda _: "/m/cases/GW000000-00000000/withdraw",
    lambda known: f"/m/requests/{known}/accept",
    lambda known: f"/m/requests/{known}/accept?institution=",
    lambda known: f"/m/requests/{known}/decline?institution=没有这家",
    lambda known: f"/m/requests/{known}/rate?institution=没有这家",
]


@pytest.mark.parametrize("place", PLACES)
async def test_what_is_not_there_is_said_kindly(
    owner: Phone, request_id: str, place: Callable[[str], str]
) -> None:
    assert (await owner.open(place(request_id))).status == 404
