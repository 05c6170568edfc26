"""The page of a product: judged, priced, and asked for by name through the door that chat has."""

import asyncio

from sqlalchemy import select

from domain import admission, products
from domain.base import today_in_china, utcnow
from domain.labels import Purpose
from domain.requests import RequestRow, RequestStatus
from tests.bot.web.pages import support, town
from tests.bot.web.pages.town import JINGGONG
from tests.bot.web.pages.world import WITH_REVIEWS, World, world_of
from tests.domain.databases import opened

PATH = f"/m/products/{support.PRODUCT.code}"
FORM = {"amount": "120", "term": "24", "purpose": "equipment", "guarantee": "mortgage"}


async def requests_of(world: World) -> list[RequestRow]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(RequestRow)))


async def test_conditions_papers_and_cost(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await support.catalogue(world)
    page = await phone.open(PATH)
    for said in (
        "3.85%到5.2%",
        "不超过500万元",
        "仅限苏州市的企业",
        "成立年限需满24个月",
        "设备采购合同",
        "每月还一样多",
    ):
        assert said in page.text, said
    assert "购买设备" in page.text
    assert "日常周转" not in page.text, "the product does not take it"


async def test_an_admitted_owner_s_request_goes_to_that_institution(world: World) -> None:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await support.catalogue(world)
    assert "已经发给苏州银行" in (await phone.send(PATH, FORM)).text
    (row,) = await requests_of(world)
    assert (row.status, row.product, row.institutions) == ("published", "设备更新贷", ["苏州银行"])
    assert (row.amount_max, row.term_months, row.purpose) == (1_200_000, 24, Purpose.EQUIPMENT)
    assert (row.uscc, row.guarantee) == (JINGGONG, ["mortgage"])
    again = await phone.send(PATH, FORM)
    assert (again.status, "不用重复申请" in again.text) == (422, True)
    assert len(await requests_of(world)) == 1


async def test_who_is_not_admitted_yet_has_it_waiting(world: World) -> None:
    """The admission rules hold on the page as in the chat."""
    await support.catalogue(world)
    phone = world.phone()
    page = await phone.send(PATH, FORM)
    assert "办完下面的步骤就自动发出" in page.text
    (row,) = await requests_of(world)
    assert (row.state, row.confirmed_at is not None) == (RequestStatus.DRAFT, True)
    assert (await phone.send(PATH, FORM)).status == 422


async def test_where_an_adviser_looks_first_he_does_so_here_too(careful: World) -> None:
    phone = careful.phone()
    await town.owner(careful, phone.openid)
    await support.catalogue(careful)
    assert "融资顾问先审核" in (await phone.open(PATH)).text
    said = (await phone.send(PATH, FORM)).text
    assert ("审核后发给苏州银行" in said, "已经发给苏州银行" in said) == (True, False)
    (row,) = await requests_of(careful)
    assert (row.state, row.published_at) == (RequestStatus.REVIEWING, None)
    assert "不用重复申请" in (await phone.send(PATH, FORM)).text


async def test_what_waited_for_admission_goes_to_the_adviser_as_well(careful: World) -> None:
    phone = careful.phone()
    await support.catalogue(careful)
    assert "办完下面的步骤就自动发出" in (await phone.send(PATH, FORM)).text
    await town.owner(careful, phone.openid)
    async with careful.database.unit_of_work() as session:
        await admission.go_on(session, utcnow())
    (row,) = await requests_of(careful)
    assert (row.state, row.published_at) == (RequestStatus.REVIEWING, None)


async def test_two_forms_at_once_are_one_request(migrated_postgres_url: str, shared_valkey: str) -> None:
    async with (
        opened(migrated_postgres_url) as database,
        world_of(database, shared_valkey, registration=WITH_REVIEWS) as world,
    ):
        phone = world.phone()
        await town.owner(world, phone.openid)
        await support.catalogue(world)
        forms = [{**(await phone.open(PATH)).hidden, **FORM} for _ in range(4)]
        answers = await asyncio.gather(*(phone.post(PATH, form) for form in forms))
        assert sorted(answer.status for answer in answers) == [303, 422, 422, 422]
        assert len(await requests_of(world)) == 1


async def test_what_is_wrong_stands_beside_its_field(world: World) -> None:
    await support.catalogue(world)
    phone = world.phone()
    for field, value, sentence in (
        ("amount", "", "单位是万元"),
        ("amount", "0.5", "太少了"),
        ("term", "两年", "几个月"),
        ("term", "1.5", "整月数"),
        ("term", "999", "太长了"),
        ("purpose", "", "请选择用途"),
        ("guarantee", "x", "请选择担保方式"),
    ):
        page = await phone.send(PATH, FORM | {field: value})
        assert (page.status, sentence in page.text) == (422, True), field
        assert f'href="#f-{field}"' in page.text
    assert await requests_of(world) == []


async def test_what_is_not_on_offer_is_not_asked_for(world: World) -> None:
    await support.catalogue(world)
    over = support.PRODUCT.model_copy(update={"valid_to": today_in_china().replace(year=2020)})
    async with world.database.unit_of_work() as session:
        await products.save_all(session, [over], utcnow())
    phone = world.phone()
    assert "现在不受理" in (await phone.open(PATH)).text
    assert "不受理申请" in (await phone.send(PATH, FORM, at="/m/data")).text
    assert await requests_of(world) == []
    assert (await phone.open("/m/products/NONE")).status == 404
