"""A product asked for by name."""

from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, Fact, Owner

ZX: Fact = ("product", "征信贷", "征信贷")


async def test_a_product_goes_to_all_institutions_that_offer_it(owner: Owner) -> None:
    reply = await owner.says("我要申请征信贷", "apply_product", ZX)
    assert "申请「征信贷」" in reply
    row = await owner.request()
    assert row.product == "征信贷"
    assert sorted(row.institutions) == ["中国农业银行", "苏州银行"]


async def test_the_institution_that_was_named_alone(owner: Owner) -> None:
    bank: Fact = ("institution", "苏州银行", "苏州银行")
    await owner.says("我要找苏州银行申请征信贷", "apply_product", ZX, bank)
    assert (await owner.request()).institutions == ["苏州银行"]


async def test_what_is_said_along_with_it_is_kept(owner: Owner) -> None:
    summary = await owner.says(f"申请征信贷，{ALL_IN_ONE}", "apply_product", ZX, *EVERYTHING)
    assert "意向产品：征信贷" in summary
    assert "意向机构：" in summary
    assert owner.state.confirming


async def test_an_unknown_product_is_not_pretended_to_exist(owner: Owner) -> None:
    reply = await owner.says("我要申请火星贷", "apply_product", ("product", "火星贷", "火星贷"))
    assert "没有「火星贷」" in reply
    assert await owner.requests() == []
    assert owner.state.topic is None


async def test_a_product_that_is_over_is_not_on_offer(owner: Owner) -> None:
    reply = await owner.says("我要申请纾困贷", "apply_product", ("product", "纾困贷", "纾困贷"))
    assert "没有「纾困贷」" in reply


async def test_no_product_named(owner: Owner) -> None:
    assert "哪款产品" in await owner.says("我要申请", "apply_product")


async def test_it_takes_the_place_of_a_half_filled_form(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("我要申请征信贷", "apply_product", ZX)
    assert sorted(row.status for row in await owner.requests()) == ["closed", "draft"]
    assert (await owner.request()).product == "征信贷"


async def test_an_unknown_product_leaves_the_form_as_it_is(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says("我要申请火星贷", "apply_product", ("product", "火星贷", "火星贷"))
    assert "回到您的融资需求" in reply
    assert [row.status for row in await owner.requests()] == ["draft"]


async def test_what_was_asked_for_by_name_stands_first(owner: Owner) -> None:
    await owner.says(f"申请征信贷，{ALL_IN_ONE}", "apply_product", ZX, *EVERYTHING)
    published = await owner.says("确认", "affirm")
    assert "「征信贷」" in published.split("1. ")[1].splitlines()[0]


async def test_rate_and_conditions_of_a_product_by_name(owner: Owner) -> None:
    assert "「征信贷」的年利率在3.35%到3.65%" in await owner.says("征信贷利息多少", "ask_rate", ZX)
    conditions = await owner.says("征信贷要什么条件", "ask_requirements", ZX)
    for part in ("苏州银行、中国农业银行", "最高500万元", "纯信用、抵押", "征信查询授权书"):
        assert part in conditions
