"""What the chat says of an adviser's review: before it, while he looks first, and after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.recommending import queueing
from domain.recommending.queueing import Found
from domain.recommending.rules import ReviewMode, ReviewRules, ReviewState
from domain.requests import RequestStatus
from handlers.recommended import UNREVIEWED
from handlers.turn import City
from tests.city import ADMITTED, EVERYBODY
from tests.domain.recommending.desk import LI, change, finish, listed, take
from tests.handlers import people
from tests.handlers.owner import ALL_IN_ONE, EVERYTHING, NOW, Owner

REQUIRED = replace(EVERYBODY, review=ReviewRules(ReviewMode.REQUIRED))
WITHIN = replace(EVERYBODY, review=ReviewRules(ReviewMode.WITHIN, hours=4))
ALL = (
    Found("P-LOAN", "苏州银行", "设备更新贷", 0.9, ("额度最高500万元",), ("revenue_min",)),
    Found("P-2", "江苏银行", "厂房贷", 0.8, ("接受抵押",), ()),
    Found("P-3", "宁波银行", "快贷", 0.7, (), ()),
    Found("P-4", "中国银行", "中银贷", 0.6, (), ()),
)


async def matched(owner: Owner, request_id: str) -> None:
    """As the relay and the worker do."""
    request = await owner.request()
    async with owner.database.unit_of_work() as session:
        await queueing.enqueue(session, {"request_id": request_id}, owner.now)
    async with owner.database.unit_of_work() as session:
        (claimed,) = await queueing.claim(session, owner.now, limit=1)
    async with owner.database.unit_of_work() as session:
        await queueing.store(
            session, claimed, ALL, region=request.region, rules=owner.city.review, now=owner.now
        )


async def reviewed(owner: Owner, request_id: str, *products: str, note: str = "") -> None:
    await matched(owner, request_id)
    await take(owner.database, request_id, at=NOW)
    struck = {item.product: "不合适" for item in ALL if item.product not in products}
    await change(owner.database, request_id, *products, struck=struck, note=note)
    await finish(owner.database, request_id, by=LI, seen=1)


async def test_at_once_the_list_says_that_nobody_has_looked_yet(owner: Owner) -> None:
    await owner.publishes()
    assert "已为您发布" in owner.heard[-1]
    assert "为您匹配到" in owner.heard[-1]
    assert UNREVIEWED in owner.heard[-1]


@pytest.mark.parametrize(("city", "when"), [(REQUIRED, "看好后发给机构"), (WITHIN, "最晚4小时内发给机构")])
async def test_where_an_adviser_looks_first_no_list_is_shown(owner: Owner, city: City, when: str) -> None:
    owner = replace(owner, city=city)
    request_id = await owner.publishes()
    said = owner.heard[-1]
    assert f"已为您提交，需求编号 {request_id}。融资顾问会先帮您复核匹配到的产品，{when}" in said
    assert "为您匹配到" not in said
    assert (await owner.request()).state is RequestStatus.REVIEWING
    asked = await owner.says("有什么产品适合我", "ask_products")
    assert "融资顾问正在复核" in asked
    assert "为您匹配到" not in asked
    assert "顾问正在审核" in await owner.says("到哪一步了", "ask_progress")


async def test_what_waits_to_be_admitted_is_looked_at_first_as_well(owner: Owner) -> None:
    """What the city's rules said when the owner confirmed, whichever way it goes out."""
    owner = replace(owner, city=replace(ADMITTED, review=REQUIRED.review))
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("确认", "affirm")
    assert (await owner.request()).state is RequestStatus.DRAFT
    await people.enrol(owner)
    assert await people.time_goes_on(owner) == [(await owner.request()).id]
    assert (await owner.request()).state is RequestStatus.REVIEWING


async def test_the_reviewed_list_is_what_he_gets_when_he_asks_again(owner: Owner) -> None:
    request_id = await owner.publishes()
    await reviewed(owner, request_id, "P-2", "P-LOAN", "P-3", "P-4", note="厂房贷利息低，先办这个")
    said = await owner.says("有什么产品适合我", "ask_products")
    assert said == (
        "融资顾问复核后，为您推荐4款产品，先看前3款：\n"
        "1. 江苏银行「厂房贷」\n   接受抵押\n"
        "2. 苏州银行「设备更新贷」\n   额度最高500万元\n   待核实：年销售额\n"
        "3. 宁波银行「快贷」\n"
        "回复「更多」看另外1款。\n\n"
        "顾问留言：厂房贷利息低，先办这个"
    )
    asked = await owner.says("到哪一步了", "ask_progress")
    assert "顾问已复核，推荐江苏银行「厂房贷」等4款，问「有什么产品适合我」看详情" in asked
    assert owner.state.memory.listing is not None
    assert owner.state.memory.listing.codes == ("P-2", "P-LOAN", "P-3", "P-4")


async def test_a_question_with_conditions_of_its_own_is_matched(owner: Owner) -> None:
    request_id = await owner.publishes()
    await reviewed(owner, request_id, "P-2", "P-LOAN", "P-3", "P-4")
    said = await owner.says("有没有纯信用的", "ask_products", ("guarantee", "credit", "纯信用"))
    assert "融资顾问复核后" not in said


async def test_where_nothing_is_left_the_adviser_says_so(owner: Owner) -> None:
    request_id = await owner.publishes()
    await reviewed(owner, request_id, note="先把逾期结清再来")
    said = await owner.says("有什么产品", "ask_products")
    assert said == (
        "顾问复核后，认为目前没有特别合适的产品；机构仍然看得到您的需求。\n\n顾问留言：先把逾期结清再来"
    )


async def test_more_about_the_firm_goes_into_the_match_that_nobody_has_begun_with(owner: Owner) -> None:
    request_id = await owner.publishes()
    await matched(owner, request_id)
    owner.now += timedelta(minutes=1)
    await owner.says("我们一年销售3000万", "inform", ("revenue", 30_000_000, "3000万"))
    assert (await listed(owner.database, request_id)).review.standing is ReviewState.MATCHING


async def test_while_an_adviser_looks_first_it_can_be_added_to_and_changed(owner: Owner) -> None:
    owner = replace(owner, city=REQUIRED)
    request_id = await owner.publishes()
    said = await owner.says("我们一年销售3000万", "inform", ("revenue", 30_000_000, "3000万"))
    assert said == "记下了，融资顾问复核时会按新情况来看。"
    said = await owner.says("金额改成100万", "correct", ("amount", 1_000_000, "100万"))
    assert f"您的需求（{request_id}）已经提交了" in said
    said = await owner.says("确认", "affirm")
    assert f"原来那笔（{request_id}）已撤下" in said
    assert (await owner.request()).state is RequestStatus.REVIEWING
