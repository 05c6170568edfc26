"""Verifying who one is: passed, failed, walked away, forged, without a face."""

import re
from collections.abc import Mapping
from html import unescape
from io import BytesIO

import pytest
from aiohttp import FormData
from yarl import URL

from domain.authorizations import reading
from domain.authorizations.labels import Kind
from domain.identity import verifications
from tests.bot.web.pages import town
from tests.bot.web.pages.world import Answer, Phone, World

PLACE = "/m/identity"
PNG = b"\x89PNG\r\n\x1a\n rest"
ANN = {"name": town.PERSON.name, "id_number": town.PERSON.id_number}
_FIELD = re.compile(r'name="(text_version|text_hash)" value="([^"]*)"')
_GO = re.compile(r'href="([^"]+)">开始刷脸')
_BACK = re.compile(r'href="(/m/identity/return/[^"]+)"')


async def begin(phone: Phone, fields: Mapping[str, str]) -> Answer:
    form = await phone.open(f"{PLACE}?again=1")
    answer = await phone.post(PLACE, form.hidden | dict(_FIELD.findall(form.text)) | dict(fields))
    return await phone.open(answer.location) if answer.status == 303 else answer


async def at_provider(phone: Phone) -> tuple[str, str]:
    """The provider's page, and ours that waits for the result."""
    answer = await begin(phone, ANN | {"way": "face", "face": "yes"})
    (address,), (back,) = _GO.findall(answer.text), _BACK.findall(answer.text)
    return unescape(address), back


async def press(phone: Phone, address: str, result: str) -> str:
    """A button of the provider's; where it sends the person back to."""
    return (await phone.post(address, {"result": result})).location


async def is_verified(world: World, phone: Phone) -> bool:
    async with world.database.reading() as session:
        return await verifications.is_verified(session, phone.openid)


async def test_passed(world: World) -> None:
    phone = world.phone()
    address, back = await at_provider(phone)
    answer = await phone.open(await press(phone, address, "pass"))
    assert (answer.url.path, "实名认证已通过" in answer.text) == (PLACE, True)
    assert "安**" in answer.text
    assert town.PERSON.id_number not in answer.text
    assert await is_verified(world, phone)
    # Coming back once more changes nothing.
    assert "实名认证已通过" in (await phone.open(back)).text


async def test_the_consent_to_the_face_is_kept_as_evidence(world: World) -> None:
    phone = world.phone()
    await at_provider(phone)
    async with world.database.reading() as session:
        (row,) = await reading.of_person(session, phone.openid)
        verification = await verifications.latest_of(session, phone.openid)
    assert verification is not None
    assert (row.kind, row.id, row.ip) == (Kind.FACE, verification.consent, "127.0.0.1")


async def test_failed_says_why_and_how_often_it_may_be_tried(world: World) -> None:
    phone = world.phone()
    address, _ = await at_provider(phone)
    answer = await phone.open(await press(phone, address, "fail"))
    assert "这次没有通过" in answer.text
    assert "没能确认是您本人" in answer.text
    assert "今天还可以再试 4 次" in answer.text
    assert not await is_verified(world, phone)


async def test_walked_away_at_the_provider(world: World) -> None:
    phone = world.phone()
    address, _ = await at_provider(phone)
    answer = await phone.open(await press(phone, address, "away"))
    assert "认证没有做完" in answer.text
    assert not await is_verified(world, phone)


async def test_closed_the_window_and_came_back_later(world: World) -> None:
    """The provider's page was left without a word: the way there stays open, and the result is asked for."""
    phone = world.phone()
    address, back = await at_provider(phone)
    answer = await phone.open(PLACE)
    assert _GO.findall(answer.text)
    assert "还没有收到认证结果" in (await phone.open(back)).text
    await press(phone, address, "pass")
    async with world.database.unit_of_work() as session:
        row = await verifications.latest_of(session, phone.openid)
        assert row is not None
        row.asked_at = None
    assert "实名认证已通过" in (await phone.open(back)).text


async def redirect_without_doing_anything(phone: Phone, back: str, address: str) -> Answer:
    return await phone.open(f"{back}?BizToken={address.rpartition('/')[2]}&result=pass&ErrCode=0")


async def token_made_up(phone: Phone, back: str, _: str) -> Answer:
    return await phone.open(f"{back}?BizToken=made-up")


async def token_of_another_person_who_passed(phone: Phone, back: str, _: str) -> Answer:
    other = phone.world.phone("卜先生")
    address, _back = await at_provider(other)
    await press(other, address, "pass")
    return await phone.open(f"{back}?BizToken={address.rpartition('/')[2]}")


async def verification_of_another_person_who_passed(phone: Phone, *_: str) -> Answer:
    other = phone.world.phone("卜先生")
    address, _back = await at_provider(other)
    return await phone.open(str(URL(await press(other, address, "pass")).relative()))


async def verification_made_up(phone: Phone, *_: str) -> Answer:
    return await phone.open("/m/identity/return/ID261123-00000000?BizToken=x")


FORGED = [
    redirect_without_doing_anything,
    token_made_up,
    token_of_another_person_who_passed,
    verification_of_another_person_who_passed,
    verification_made_up,
]


@pytest.mark.parametrize("forge", FORGED, ids=lambda item: item.__name__)
async def test_a_forged_return_verifies_nobody(world: World, forge: object) -> None:
    assert callable(forge)
    phone = world.phone()
    address, back = await at_provider(phone)
    answer = await forge(phone, back, address)
    assert answer.status in {200, 404}
    assert "实名认证已通过" not in answer.text
    assert not await is_verified(world, phone)


async def test_a_session_that_ended_at_the_provider_is_taken_up_again(world: World) -> None:
    phone = world.phone()
    address, _ = await at_provider(phone)
    location = await press(phone, address, "pass")
    phone.session.cookie_jar.clear()
    assert "实名认证已通过" in (await phone.open(location)).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"way": "face"}, "刷脸需要您单独勾选同意"),
        ({"face": "yes"}, "请选择一种认证方式"),
        ({"way": "face", "face": "yes", "name": "Ann"}, "姓名请照身份证填写"),
        ({"way": "face", "face": "yes", "id_number": "110105194912310021"}, "身份证"),
        ({"way": "face", "face": "yes", "text_hash": "0" * 64}, "内容有更新"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_begun(
    world: World, fields: dict[str, str], said: str
) -> None:
    phone = world.phone()
    answer = await begin(phone, ANN | fields)
    assert (answer.status, said in answer.text) == (422, True)
    async with world.database.reading() as session:
        assert await verifications.latest_of(session, phone.openid) is None
    assert town.PERSON.id_number not in answer.text


async def test_without_a_face_papers_are_handed_in_and_looked_at(world: World) -> None:
    phone = world.phone()
    page = await begin(phone, ANN | {"way": "papers"})
    assert page.url.path.startswith("/m/identity/material/")
    empty = await phone.post(page.url.path, FormData(page.hidden | {"papers": ""}))
    assert (empty.status, "还没有选文件" in empty.text) == (422, True)
    for content, said in ((b"MZ program", "不是 JPG、PNG"), (PNG + b"x" * 6_000_000, "文件太大")):
        form = FormData(page.hidden)
        form.add_field("papers", BytesIO(content), filename="a.png", content_type="image/png")
        refused = await phone.post(page.url.path, form)
        assert (refused.status, said in refused.text) == (422, True)
    form = FormData(page.hidden)
    form.add_field("papers", PNG, filename="a.png", content_type="image/png")
    form.add_field("papers", PNG, filename="b.png", content_type="image/png")
    answer = await phone.post(page.url.path, form)
    assert "正在核对您的材料" in (await phone.open(answer.location)).text
    verification = page.url.path.rpartition("/")[2]
    await world.checking.decide(verification, None, "顾问小李")
    assert "实名认证已通过" in (await phone.open(PLACE)).text
    async with world.database.reading() as session:
        assert await reading.of_person(session, phone.openid) == []


async def test_papers_of_another_person_are_not_taken(world: World) -> None:
    ann, bob = world.phone(), world.phone("卜先生")
    page = await begin(ann, ANN | {"way": "papers"})
    form = FormData((await bob.open("/m/data")).hidden)
    form.add_field("papers", PNG, filename="a.png", content_type="image/png")
    assert (await bob.post(page.url.path, form)).status == 404


async def test_the_day_s_tries_end(world: World) -> None:
    phone = world.phone()
    for _ in range(world.settings.identity.tries_per_day):
        address, _back = await at_provider(phone)
        answer = await phone.open(await press(phone, address, "fail"))
    assert "今天的次数已经用完" in answer.text
    refused = await begin(phone, ANN | {"way": "face", "face": "yes"})
    assert (refused.status, "今天已经试了" in refused.text) == (422, True)
