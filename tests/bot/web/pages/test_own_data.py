"""Report, access log, objections, export and deletion: what the owner sees of what is known about him."""

import io
import json
import zipfile

from sqlalchemy import select

from domain.authorizations.gate import NotAuthorized, authorized
from domain.authorizations.labels import Category, DataPurpose
from domain.authorizations.readers import Reader
from domain.base import utcnow
from domain.credit import third_parties
from domain.credit.objections import ObjectionState
from domain.credit.tables import CreditObjectionRow
from domain.credit.third_parties import Delivery, ReportKind
from domain.identity.tables import VerifiedPersonRow
from tests.bot.web.pages import town
from tests.bot.web.pages.town import BANK, JINGGONG
from tests.bot.web.pages.world import Phone, World


async def bank_looks(world: World) -> None:
    reader = Reader.institution(BANK, "client")
    async with authorized(world.database, reader, JINGGONG, {Category.LENDING}, DataPurpose.PRE_LOAN):
        pass


async def test_the_log_names_who_looked_and_who_was_refused(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    row = await town.passed_on(world, phone.openid)
    await bank_looks(world)
    await phone.send(f"/m/authorizations/{row.id}/revoke", {})
    try:
        await bank_looks(world)
    except NotAuthorized as refused:
        said = refused.sentence
    log = await phone.open("/m/access-log")
    assert log.text.count(BANK) == 2
    assert said in log.text
    assert all(word in log.text for word in ("信贷信息", "贷前审查", "已查询", "已拒绝"))


async def test_the_log_goes_on_over_pages(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.passed_on(world, phone.openid)
    for _ in range(25):
        await bank_looks(world)
    first = await phone.open("/m/access-log")
    assert (first.text.count(BANK), "看更早的记录" in first.text) == (20, True)
    older = first.text.partition("&amp;before=")[2].partition('"')[0]
    second = await phone.open(f"/m/access-log?before={older}")
    assert (second.text.count(BANK), "看更早的记录" in second.text) == (5, False)
    for wrong in ("x", "-1", "9" * 30, ""):
        assert (await phone.open(f"/m/access-log?before={wrong}")).status == 404


async def test_the_report_says_why_and_what_would_raise_it(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.passed_on(world, phone.openid)
    await town.known(world)
    delivery = Delivery(
        report_id="R1",
        uscc=JINGGONG,
        kind=ReportKind.REPORT,
        title="企业信用评级",
        grade="AA",
        summary="经营稳健",
        as_of=utcnow().date(),
    )
    await third_parties.deliver(world.database, BANK, "client", delivery, now=utcnow())
    answer = await phone.open("/m/credit")
    for words in (
        "600 分线",
        "六个维度",
        "评分变化",
        "拉低评分的",
        "怎样提高",
        "市大数据局",
        "企业信用评级",
        "AA",
    ):
        assert words in answer.text, words
    assert answer.text.count("<svg") == 2
    assert "企业本人查阅" in (await phone.open("/m/access-log")).text


async def test_without_a_score_the_report_says_so(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    assert "还没有评分" in (await phone.open("/m/credit")).text


async def objection(world: World) -> CreditObjectionRow:
    async with world.database.reading() as session:
        return (await session.scalars(select(CreditObjectionRow))).one()


async def object_to(phone: Phone, text: str) -> str:
    path = f"/m/objections/new?company={JINGGONG}&indicator=registered_capital"
    page = await phone.open(path)
    value = page.text.partition('name="value" value="')[2].partition('"')[0]
    return (await phone.send(path, {"value": value, "text": text})).text


async def test_an_objection_is_raised_shown_and_withdrawn(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.known(world)
    assert "请写明哪里不对" in await object_to(phone, " ")
    assert "异议已经提交" in await object_to(phone, "注册资本是一千万元")
    assert "正在处理中" in await object_to(phone, "再说一次")
    assert "异议处理中" in (await phone.open("/m/credit")).text
    row = await objection(world)
    answer = await phone.send(f"/m/objections/{row.id}/withdraw", {}, at="/m/objections")
    assert "异议已经撤回" in answer.text
    assert (await objection(world)).state == ObjectionState.WITHDRAWN


async def test_my_data_are_shown_and_handed_out(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await town.known(world)
    page = await phone.open("/m/data")
    shown = await phone.post("/m/data", page.hidden | {"form": "page"})
    assert (shown.status, "授权记录" in shown.text, JINGGONG in shown.text) == (200, True, True)
    url = world.url.with_path("/m/data")
    async with phone.session.post(url, data=page.hidden | {"form": "zip"}) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="rongqiao-data.zip"'
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    packed = json.loads(archive.read("rongqiao-data.json"))
    async with phone.session.post(url, data=page.hidden | {"form": "json"}) as answer:
        plain = json.loads(await answer.text())
    assert plain["内容"].keys() == packed["内容"].keys()
    assert town.PERSON.id_number not in json.dumps(plain, ensure_ascii=False)


async def test_deletion_is_explained_confirmed_done_and_ends_the_session(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    plan = await phone.open("/m/data/delete")
    assert all(word in plan.text for word in ("会删除的", "依法保留的", "授权记录"))
    assert (await phone.post("/m/data/delete", plan.hidden)).status == 422
    answer = await phone.send("/m/data/delete", {"sure": "yes"})
    assert "您的数据已经删除" in answer.text
    async with world.database.reading() as session:
        assert await session.get(VerifiedPersonRow, phone.openid) is None
    assert (await phone.get("/m/")).status == 303
    assert "去注册企业" in (await phone.open("/m/")).text
