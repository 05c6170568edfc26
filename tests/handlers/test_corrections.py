"""What is said again: corrections replace, additions grow, the list of open questions follows."""

import pytest

from handlers import form
from handlers.turn import Field
from tests.handlers.owner import (
    ALL_IN_ONE,
    AMOUNT,
    EVERYTHING,
    INDUSTRY,
    MORTGAGE,
    PLANT,
    PURPOSE,
    REGION,
    TERM,
    Fact,
    Owner,
)

CREDIT: Fact = ("guarantee", "credit", "纯信用")
GUARANTOR: Fact = ("guarantee", "guarantor", "担保公司")
PATENT: Fact = ("collateral", "patent", "专利")


async def test_a_correction_is_named_and_replaces(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("不对，是150万", "correct", ("amount", 1_500_000, "150万"))
    assert "金额改为150万元" in reply
    assert "120万" not in reply
    assert (await owner.request()).amount_min == 1_500_000
    assert owner.state.confirming


async def test_a_new_figure_at_the_summary_is_a_correction_too(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "期限改为3年" in await owner.says("三年吧", "inform", ("term_months", 36, "三年"))


async def test_the_same_again_is_no_correction(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "改为" not in await owner.says("120万", "inform", AMOUNT)


async def test_additions_grow_before_the_summary(owner: Owner) -> None:
    await owner.says("厂房抵押", "apply_financing", MORTGAGE, PLANT)
    await owner.says("专利也行，担保公司也可以", "inform", PATENT, GUARANTOR)
    row = await owner.request()
    assert row.guarantee == ["mortgage", "guarantor"]
    assert row.collateral == ["real_estate", "patent"]


@pytest.mark.parametrize("intent", ["correct", "inform"])
async def test_another_way_of_securing_drops_what_was_offered(owner: Owner, intent: str) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("改成纯信用", intent, CREDIT)
    row = await owner.request()
    assert (row.guarantee, row.collateral) == (["credit"], None)
    assert "担保方式改为纯信用" in reply


async def test_a_new_thing_offered_keeps_the_way(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("不是厂房，是设备", "correct", ("collateral", "equipment", "设备"))
    row = await owner.request()
    assert (row.guarantee, row.collateral) == (["mortgage"], ["equipment"])


async def test_of_two_figures_in_one_sentence_the_last_counts(owner: Owner) -> None:
    later: Fact = ("amount", 1_500_000, "150万")
    await owner.says("想贷120万，还是150万吧", "apply_financing", AMOUNT, later)
    assert (await owner.request()).amount_max == 1_500_000


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("城市说错了", Field.REGION),
        ("金额不对", Field.AMOUNT),
        ("期限要改", Field.TERM),
        ("用途填错了", Field.PURPOSE),
        ("担保方式不对", Field.GUARANTEE),
        ("行业错了", Field.INDUSTRY),
    ],
)
@pytest.mark.parametrize("intent", ["correct", "deny"])
async def test_who_names_a_field_is_asked_for_it_again(
    owner: Owner, text: str, field: Field, intent: str
) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says(text, intent)
    assert reply.endswith(form.question(field))
    assert owner.state.asking is field
    assert not owner.state.confirming
    assert form.value((await owner.request()).need, field) == ""


async def test_after_the_new_answer_the_summary_comes_back(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("城市说错了", "correct")
    reply = await owner.says("合肥包河区", "inform", ("region", "340111", "合肥包河区"))
    assert "合肥市包河区" in reply
    assert owner.state.confirming


@pytest.mark.parametrize(("text", "intent"), [("不对", "deny"), ("要改一下", "correct"), ("先别", "deny")])
async def test_who_denies_the_summary_is_asked_what_to_change(owner: Owner, text: str, intent: str) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "哪一项要改" in await owner.says(text, intent)
    assert owner.state.confirming
    assert (await owner.request()).status == "draft"


async def test_what_was_left_open_can_be_told_later(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("跳过", "skip")
    assert owner.state.open == (Field.TERM,)
    summary = await owner.says("厂房抵押，昆山做五金加工", "inform", MORTGAGE, PLANT, REGION, INDUSTRY)
    assert "期限：先不填" in summary
    assert "期限：2年" in await owner.says("两年吧", "inform", TERM)
    assert owner.state.open == ()


async def test_of_two_purposes_in_a_correction_the_last_counts(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says(
        "买设备，不，是发工资",
        "correct",
        ("purpose", "equipment", "买设备"),
        ("purpose", "payroll_tax", "发工资"),
    )
    assert (await owner.request()).purpose == "payroll_tax"


async def test_another_institution(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("只要农行", "inform", ("institution", "中国农业银行", "农行"))
    await owner.says("改成苏州银行", "correct", ("institution", "苏州银行", "苏州银行"))
    assert (await owner.request()).institutions == ["苏州银行"]
