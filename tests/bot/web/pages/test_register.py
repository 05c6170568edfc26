"""Registering a company on its page: filled in, refused, mended, joined, withdrawn."""

import json

import pytest

from bot.web.pages.places import cities, districts, parts_of, provinces
from domain import regions
from domain.registrations import reading
from domain.registrations.rules import RegistrationStatus
from domain.registrations.tables import RegistrationRow
from tests.bot.web.pages import town
from tests.bot.web.pages.world import Phone, World

FORM = {
    "uscc": "91320583MA1X7T8U2K",
    "name": "昆山精工机械有限公司",
    "kind": "high_tech",
    "industry": "C",
    "province": "320000",
    "city": "320500",
    "district": "320583",
    "founded": "2016-05-08",
    "registered_capital": "500",
    "role": "legal_representative",
    "contact": "安女士",
    "phone": "138 1234 5678",
    "uscc_confirmed": "yes",
}


async def latest(world: World, phone: Phone) -> RegistrationRow:
    async with world.database.reading() as session:
        row = await reading.latest_of(session, phone.openid)
    assert row is not None
    return row


async def test_a_company_is_registered_on_the_page(world: World) -> None:
    phone = world.phone()
    answer = await phone.send("/m/register", FORM)
    assert (answer.status, answer.url.path[:18]) == (200, "/m/registrations/Z")
    assert "昆山精工机械有限公司" in answer.text
    assert "区县初审" in answer.text
    row = await latest(world, phone)
    form = reading.form_of(row, world.cipher)
    assert (form.region, form.registered_capital, form.phone) == ("320583", 5_000_000, "13812345678")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"uscc": "123"}, "统一社会信用代码是 18 位"),
        ({"uscc_confirmed": ""}, "校验位对不上"),
        ({"name": ""}, "营业执照上的企业全称"),
        ({"kind": ""}, "请选择一种企业类型"),
        ({"kind": "circus"}, "企业类型只能是"),
        ({"industry": "Ω"}, "请选择所属行业"),
        ({"district": ""}, "请选到区县"),
        ({"province": "330000"}, "请选到区县"),
        ({"district": "999999"}, "请选到区县"),
        ({"role": "emperor"}, "您在企业里的身份"),
        ({"contact": ""}, "请填写联系人的姓名"),
        ({"phone": "12345"}, "请填写手机号"),
        ({"founded": "昨天"}, "请填写成立的日期"),
        ({"founded": "2999-01-01"}, "成立日期不能晚于今天"),
        ({"registered_capital": "很多"}, "请用数字填写注册资本"),
        ({"registered_capital": "NaN"}, "请用数字填写注册资本"),
        ({"registered_capital": "-5"}, "请用数字填写注册资本"),
    ],
    ids=str,
)
async def test_what_is_wrong_stands_beside_its_field_and_in_the_summary(
    world: World, change: dict[str, str], said: str
) -> None:
    phone = world.phone()
    answer = await phone.send("/m/register", FORM | change)
    assert (answer.status, answer.text.count(said) >= 2) == (422, True)
    # What was right need not be typed again.
    assert 'value="138 1234 5678"' in answer.text or "phone" in change


async def test_the_lists_of_places_follow_each_other_without_a_script(world: World) -> None:
    phone = world.phone()
    answer = await phone.send("/m/register", FORM | {"pick": "yes", "city": "", "district": ""})
    assert (answer.status, "苏州市" in answer.text, "昆山市" in answer.text) == (200, True, False)
    answer = await phone.send("/m/register", FORM | {"pick": "yes", "district": ""})
    assert "昆山市" in answer.text


async def test_the_lists_of_places_follow_each_other_by_script(world: World) -> None:
    phone = world.phone()
    await phone.open("/m/")
    assert ["320500", "苏州市"] in json.loads((await phone.get("/m/places?of=320000")).text)
    assert ["320583", "昆山市"] in json.loads((await phone.get("/m/places?of=320500")).text)
    for of in ("441900", "320583", "", "x", "000000"):
        assert (await phone.get(f"/m/places?of={of}")).text == "[]"


def test_every_place_can_be_chosen() -> None:
    """Also districts of Beijing, and cities that have none."""
    reached = {
        district.code
        for province in provinces()
        for city in cities(province.code)
        for district in (districts(city.code) or [city])
    }
    table = {f"{number:06}" for number in range(110000, 700000) if regions.exists(f"{number:06}")}
    parents = {code for code in table if code.endswith("0000") or districts(code)}
    assert table - parents <= reached
    for code in reached:
        chosen = [part for part in parts_of(code).values() if part]
        assert chosen[-1] == code
        assert chosen[1] in {place.code for place in cities(chosen[0])}


async def test_what_was_given_back_is_mended(world: World) -> None:
    phone = world.phone()
    row = await town.applied(world, phone.openid)
    await town.given_back(world, row, "名称和营业执照不一致")
    path = f"/m/registrations/{row.id}"
    assert "名称和营业执照不一致" in (await phone.open(path)).text
    form = await phone.open(f"{path}?mend=1")
    assert "名称和营业执照不一致" in form.text
    assert f'value="{town.JINGGONG}"' in form.text
    answer = await phone.send(path, FORM | {"name": "昆山精工智能有限公司"}, at=f"{path}?mend=1")
    assert "已经重新提交" in answer.text
    mended = await latest(world, phone)
    assert (mended.name, mended.status) == ("昆山精工智能有限公司", RegistrationStatus.DISTRICT_REVIEW)
    # It is on its way: nothing is left to mend.
    refused = await phone.send(path, FORM, at="/m/data")
    assert (refused.status, "不需要修改" in refused.text) == (422, True)


async def test_a_registration_is_withdrawn_after_a_question(world: World) -> None:
    phone = world.phone()
    row = await town.applied(world, phone.openid)
    await phone.open("/m/")
    path = f"/m/registrations/{row.id}/withdraw"
    assert "确认撤回" in (await phone.open(path)).text
    assert "已经撤回" in (await phone.send(path, {})).text
    assert (await latest(world, phone)).status == RegistrationStatus.WITHDRAWN


async def test_a_colleague_is_refused_with_a_reason(world: World) -> None:
    ann, bob = world.phone(), world.phone("卜先生")
    await town.owner(world, ann.openid)
    row = await town.applied(world, bob.openid, role="agent")
    assert "有 1 位同事申请加入" in (await ann.open("/m/")).text
    given = {"answer": "no", "reason": "不是我们的员工", "seen": str(row.version)}
    assert "没有同意加入" in (await ann.send(f"/m/joining/{row.id}", given, at="/m/register")).text
    assert "不是我们的员工" in (await bob.open(f"/m/registrations/{row.id}")).text


async def test_what_somebody_else_decided_first_is_not_decided_again(world: World) -> None:
    ann, bob = world.phone(), world.phone("卜先生")
    await town.owner(world, ann.openid)
    row = await town.applied(world, bob.openid, role="agent")
    stale = {"answer": "yes", "seen": str(row.version - 1)}
    answer = await ann.send(f"/m/joining/{row.id}", stale, at="/m/register")
    assert (answer.status, "刚刚有了变化" in answer.text) == (409, True)
    assert (await latest(world, bob)).status == RegistrationStatus.MEMBER_REVIEW


async def test_the_home_page_leads_from_step_to_step(world: World) -> None:
    phone = world.phone()
    assert "去注册企业" in (await phone.open("/m/")).text
    row = await town.applied(world, phone.openid)
    assert "现在是「区县初审」" in (await phone.open("/m/")).text
    await town.reviewed(world, row)
    home = (await phone.open("/m/")).text
    assert ("资料已通过" in home, "去实名认证" in home, "去授权" in home) == (True, True, False)
    await town.verified(world, phone.openid)
    assert "去授权" in (await phone.open("/m/")).text


async def test_the_home_page_of_an_owner_tells_of_another_company_s_registration(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    row = await town.applied(world, phone.openid, town.SICHOU)
    assert "姑苏锦绣丝绸有限公司的注册申请：区县初审" in (await phone.open("/m/")).text
    await town.given_back(world, row, "名称不符")
    assert "姑苏锦绣丝绸有限公司的注册申请：已退回" in (await phone.open("/m/")).text
