"""The page of equity: published, followed, taken back, and the consent that both sides see each other."""

from sqlalchemy import select

from domain.authorizations.labels import LINKED, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.equity import following
from domain.equity.following import EquityEvent, EventKind
from domain.equity.labels import EquityRound, EquityStatus
from domain.equity.raising import draft
from domain.equity.tables import EquityRequestRow
from domain.equity.terms import EquityTerms
from domain.registrations import submitting
from tests.bot.web.pages import support, town
from tests.bot.web.pages.town import JINGGONG
from tests.bot.web.pages.world import Phone, World

PATH = f"/m/equity?company={JINGGONG}"
FORM = {"round": "a", "amount": "500", "share": "10", "industry": "C", "words": support.WORDS}


async def row(world: World) -> EquityRequestRow:
    async with world.database.reading() as session:
        return (await session.scalars(select(EquityRequestRow))).one()


async def owner(world: World) -> Phone:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await support.catalogue(world)
    return phone


async def test_published_from_the_form(world: World) -> None:
    phone = await owner(world)
    page = await phone.send(PATH, FORM)
    assert "发布好了" in page.text
    assert "还没有机构跟进" in page.text
    found = await row(world)
    assert (found.status, found.amount, found.round, found.uscc) == ("published", 5_000_000, "a", JINGGONG)
    assert 'name="round"' not in page.text, "one round at a time"
    assert (await phone.send(PATH, FORM)).status == 422


async def test_what_was_said_in_chat_stands_in_the_form(world: World) -> None:
    phone = await owner(world)
    async with world.database.unit_of_work() as session:
        offered = EquityTerms(round=EquityRound.B, amount=12_500_000)
        await draft(session, phone.openid, offered, utcnow())
    page = await phone.open(PATH)
    assert '<option value="b" selected>' in page.text
    assert 'value="1250"' in page.text


async def test_what_is_wrong_stands_beside_its_field(world: World) -> None:
    phone = await owner(world)
    for field, value, sentence in (
        ("round", "z", "请选择轮次"),
        ("amount", "很多", "单位是万元"),
        ("amount", "1e999", "单位是万元"),
        ("amount", "1", "范围内"),
        ("share", "150", "0到100%之间"),
        ("share", "一点", "请填写百分比"),
        ("industry", "", "请选择行业"),
        ("words", "长" * 501, "500字以内"),
    ):
        page = await phone.send(PATH, FORM | {field: value})
        assert page.status == 422, field
        assert f'href="#f-{field}"' in page.text, field
        assert sentence in page.text, field
    async with world.database.reading() as session:
        assert (await session.scalars(select(EquityRequestRow))).all() == []


async def test_who_is_not_known_is_led_to_what_is_missing(world: World) -> None:
    phone = world.phone()
    assert "请先注册企业" in (await phone.open("/m/equity")).text
    await town.reviewed(world, await town.applied(world, phone.openid))
    async with world.database.unit_of_work() as session:
        await submitting.activate(session, phone.openid, JINGGONG, utcnow())
    page = await phone.open(PATH)
    assert "发布前还差：实名认证" in page.text
    refused = await phone.send(PATH, FORM, at="/m/data")
    assert refused.status == 422
    async with world.database.reading() as session:
        assert (await session.scalars(select(EquityRequestRow))).all() == []


async def test_who_follows_is_shown_and_the_round_ends(world: World) -> None:
    phone = await owner(world)
    found = await support.raised(world, phone.openid, JINGGONG)
    page = await phone.open(PATH)
    assert f"{support.FUND}：跟进中" in page.text
    async with world.database.unit_of_work() as session:
        event = EquityEvent(kind=EventKind.INVESTED, amount=3_000_000)
        await following.record(session, found.id, support.FUND, event, by="client:fund", now=utcnow())
    assert "已投资300万元" in (await phone.open(PATH)).text
    assert "已经结束" in (await phone.send(f"/m/equity/{found.id}/close", {}, at=PATH)).text
    assert (await row(world)).state is EquityStatus.CLOSED


async def test_taken_back(world: World) -> None:
    phone = await owner(world)
    found = await support.raised(world, phone.openid, JINGGONG)
    assert "已经撤回" in (await phone.send(f"/m/equity/{found.id}/withdraw", {}, at=PATH)).text
    assert (await row(world)).state is EquityStatus.WITHDRAWN


async def test_the_consent_is_a_tick_of_its_own(world: World) -> None:
    """With its text, version and hash as every consent; taken back where all are."""
    phone = await owner(world)
    where = f"/m/authorizations/new?kind=linkage&company={JINGGONG}"
    assert where.replace("&", "&amp;") in (await phone.open(PATH)).text
    page = await phone.open(where)
    assert "投贷联动状态互通授权书" in page.text
    hidden = {
        name: page.text.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("text_version", "text_hash")
    }
    fields = {"kind": "linkage", "company": JINGGONG} | hidden
    assert "请阅读后勾选" in (await phone.send("/m/authorizations/new", fields, at=where)).text
    given = await phone.send("/m/authorizations/new", fields | {"agree": "yes"}, at=where)
    assert "授权已经生效" in given.text
    async with world.database.reading() as session:
        query = select(AuthorizationRow).where(AuthorizationRow.kind == Kind.LINKAGE)
        found = (await session.scalars(query)).one()
    assert (found.recipient, found.uscc, found.text_hash) == (LINKED, JINGGONG, hidden["text_hash"])
    assert "您已授权" in (await phone.open(PATH)).text
    await phone.send(f"/m/authorizations/{found.id}/revoke", {})
    assert "不授权也不影响办理" in (await phone.open(PATH)).text
