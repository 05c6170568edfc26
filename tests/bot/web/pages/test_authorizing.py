"""Giving authorizations on their page, and taking them back."""

import re

import pytest
from sqlalchemy import select

from domain import requests
from domain.authorizations import reading
from domain.authorizations.labels import Category, DataPurpose, Kind, State
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.labels import Purpose
from domain.needs import Need
from domain.requests import RequestRow, RequestStatus
from tests.bot.web.pages import town
from tests.bot.web.pages.town import BANK, JINGGONG, SICHOU
from tests.bot.web.pages.world import Answer, Phone, World

NEW = "/m/authorizations/new"
PASSING_ON = f"{NEW}?kind=passing_on&company={JINGGONG}&institution={BANK}"
CREDIT_DATA = f"{NEW}?kind=credit_data&company={JINGGONG}"
CHOSEN = "&read=1&scope=base&scope=lending"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def form_of(page: Answer, **change: str) -> list[tuple[str, str]]:
    """All hidden fields of the page's form, as a browser sends them."""
    given = [(name, value) for name, value in _HIDDEN.findall(page.text) if name not in change]
    return given + list(change.items())


async def agree(phone: Phone, path: str) -> Answer:
    page = await phone.open(path)
    answer = await phone.post(NEW, form_of(page, agree="yes"))
    return await phone.open(answer.location) if answer.status == 303 else answer


async def standing(world: World, kind: Kind) -> list[AuthorizationRow]:
    async with world.database.reading() as session:
        rows = await reading.of_company(session, JINGGONG)
    return [row for row in rows if row.kind == kind and row.state(utcnow()) is State.GIVEN]


async def test_an_institution_is_authorized_for_just_what_was_chosen(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.bank(world)
    answer = await agree(phone, f"{PASSING_ON}{CHOSEN}&purpose=pre_loan")
    assert "授权已经生效" in answer.text
    (row,) = await standing(world, Kind.PASSING_ON)
    assert (row.recipient, row.scope, row.purposes, row.openid, row.ip) == (
        BANK,
        {Category.BASE, Category.LENDING},
        {DataPurpose.PRE_LOAN},
        phone.openid,
        "127.0.0.1",
    )
    text = reading.text_of(row)
    assert text is not None
    assert (text.hash, BANK in text.text) == (row.text_hash, True)


async def test_no_box_is_ticked_beforehand(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    for path in (PASSING_ON, CREDIT_DATA, f"{CREDIT_DATA}{CHOSEN}&purpose=matching"):
        assert " checked" not in (await phone.open(path)).text
    assert " checked" not in (await world.phone().open("/m/identity")).text


@pytest.mark.parametrize(
    ("query", "said"),
    [("&read=1&purpose=pre_loan", "请至少选择一类信息"), ("&read=1&scope=base", "请至少选择一项用途")],
)
async def test_nothing_chosen_is_said(world: World, query: str, said: str) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.bank(world)
    answer = await phone.open(PASSING_ON + query)
    assert (answer.status, said in answer.text) == (422, True)


async def test_an_institution_must_be_one_of_the_platform(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    answer = await phone.open(f"{PASSING_ON}{CHOSEN}&purpose=pre_loan")
    assert "授权给哪家机构" in answer.text or "哪些信息" in answer.text
    assert "同意授权" not in answer.text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 422),
        ({"agree": "on"}, 422),
        ({"agree": "yes", "text_hash": "0" * 64}, 422),
        ({"agree": "yes", "text_version": "99"}, 422),
        ({"agree": "yes", "company": SICHOU}, 404),
        ({"agree": "yes", "kind": "face"}, 404),
        ({"agree": "yes", "institution": "没有的银行"}, 404),
        # What was read names other categories than what is sent.
        ({"agree": "yes", "scope": "equity"}, 422),
        ({"agree": "yes", "purpose": "matching"}, 409),
    ],
    ids=str,
)
async def test_what_was_not_read_and_ticked_is_not_given(
    world: World, change: dict[str, str], status: int
) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.bank(world)
    page = await phone.open(f"{PASSING_ON}{CHOSEN}&purpose=pre_loan")
    answer = await phone.post(NEW, form_of(page, **change))
    assert answer.status == status
    assert await standing(world, Kind.PASSING_ON) == []


async def test_the_same_tick_twice_is_one_authorization(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.bank(world)
    page = await phone.open(f"{PASSING_ON}{CHOSEN}&purpose=pre_loan")
    first = await phone.post(NEW, form_of(page, agree="yes"))
    # Redis forgot that the form was used; what was given knows its ticket.
    for key in [key async for key in world.redis.scan_iter("*:ticket:*")]:
        await world.redis.delete(key)
    again = await phone.post(NEW, form_of(page, agree="yes"))
    assert (again.status, again.location) == (303, first.location)
    assert len(await standing(world, Kind.PASSING_ON)) == 1


async def test_who_is_not_verified_is_sent_there_first(world: World) -> None:
    phone = world.phone()
    await town.reviewed(world, await town.applied(world, phone.openid))
    answer = await phone.open(CREDIT_DATA)
    assert "去实名认证" in answer.text
    nobody = await world.phone("卜先生").open(NEW)
    assert "去注册企业" in nobody.text


async def test_where_an_adviser_looks_first_the_consent_does_not_speak_of_publishing(careful: World) -> None:
    phone, now = careful.phone(), utcnow()
    async with careful.database.unit_of_work() as session:
        row = await requests.draft(session, phone.openid, Need(amount_max=500_000), now)
        requests.confirm(row, now, review_first=True)
    await town.reviewed(careful, await town.applied(careful, phone.openid))
    await town.verified(careful, phone.openid)
    answer = await agree(phone, f"{CREDIT_DATA}{CHOSEN}&purpose=matching&purpose=scoring")
    assert ("融资顾问先审核" in answer.text, "已自动发布" in answer.text) == (True, False)
    async with careful.database.reading() as session:
        assert (await session.get_one(RequestRow, row.id)).state is RequestStatus.REVIEWING


async def test_the_consent_completes_the_registration_and_publishes_what_waited(world: World) -> None:
    phone = world.phone()
    now = utcnow()
    async with world.database.unit_of_work() as session:
        need = Need(amount_min=500_000, amount_max=500_000, term_months=12, purpose=Purpose.WORKING_CAPITAL)
        row = await requests.draft(session, phone.openid, need, now)
        requests.confirm(row, now, review_first=False)
    await town.reviewed(world, await town.applied(world, phone.openid))
    await town.verified(world, phone.openid)
    assert "有一笔融资需求在等您" in (await phone.open("/m/")).text
    answer = await agree(phone, f"{CREDIT_DATA}{CHOSEN}&purpose=matching&purpose=scoring")
    assert "企业注册已经完成" in answer.text
    assert "您的融资需求已自动发布" in answer.text
    async with world.database.reading() as session:
        (published,) = await session.scalars(select(RequestRow))
    assert (published.status, published.uscc) == (RequestStatus.PUBLISHED, JINGGONG)
    assert "手续都办好了" in (await phone.open("/m/")).text


async def test_revoking_names_what_it_ends_and_ends_it_at_once(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    row = await town.passed_on(world, phone.openid)
    path = f"/m/authorizations/{row.id}/revoke"
    asked = await phone.open(path)
    assert all(word in asked.text for word in (BANK, "贷前审查", "昆山精工机械有限公司", "确认撤回"))
    answer = await phone.send(path, {})
    assert "授权已经撤回" in answer.text
    assert await standing(world, Kind.PASSING_ON) == []
    again = await phone.open(path)
    assert "不用撤回" in again.text


async def test_a_consent_can_be_read_by_anybody_in_every_version(world: World) -> None:
    phone = world.phone()
    for kind in Kind:
        answer = await phone.get(f"/m/consents/{kind}/1")
        assert (answer.status, "$" in answer.text) == (200, False)
    for path in (
        "/m/consents/face/99",
        "/m/consents/none/1",
        "/m/consents/face/..%2f..%2fx",
        "/m/consents/face/1%0a",
    ):
        assert (await phone.get(path)).status == 404
