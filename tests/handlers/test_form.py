"""The form: asks for what is missing, in its order, and publishes what was confirmed."""

import pytest

from domain.labels import Guarantee, Purpose
from domain.requests import RequestStatus
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

ANSWERS: dict[Field, tuple[str, tuple[Fact, ...]]] = {
    Field.AMOUNT: ("120万", (AMOUNT,)),
    Field.PURPOSE: ("买加工中心", (PURPOSE,)),
    Field.TERM: ("两年", (TERM,)),
    Field.GUARANTEE: ("厂房抵押", (MORTGAGE, PLANT)),
    Field.REGION: ("昆山", (REGION,)),
    Field.INDUSTRY: ("做五金加工", (INDUSTRY,)),
}


async def test_all_in_one_sentence_asks_for_nothing(owner: Owner) -> None:
    summary = await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    lines = (
        "金额：120万元",
        "用途：购买设备（买加工中心）",
        "期限：2年",
        "抵押（房产厂房）",
        "昆山",
        "制造业",
    )
    assert all(line in summary for line in lines)
    assert owner.state.confirming
    assert [row.status for row in await owner.requests()] == ["draft"]


async def test_nothing_is_published_before_it_is_confirmed(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert await owner.requests(RequestStatus.PUBLISHED) == []
    published = await owner.says("确认", "affirm")
    (row,) = await owner.requests(RequestStatus.PUBLISHED)
    assert row.id in published
    assert "设备更新贷" in published
    assert "待核实" in published
    assert (row.amount_min, row.amount_max, row.term_months) == (1_200_000, 1_200_000, 24)
    assert (row.purpose, row.purpose_text) == (Purpose.EQUIPMENT, "买加工中心")
    assert (row.guarantee, row.collateral) == (["mortgage"], ["real_estate"])
    assert (row.region, row.industry) == ("320583", "C")


async def test_one_question_after_the_other_in_order(owner: Owner) -> None:
    reply = await owner.says("我想贷款", "apply_financing")
    for asked, (text, facts) in ANSWERS.items():
        assert owner.state.asking is asked
        assert reply.endswith(form.question(asked))
        reply = await owner.says(text, "inform", *facts)
    assert owner.state.confirming
    assert reply.endswith("比如「金额改成100万」。")


@pytest.mark.parametrize("missing", list(Field))
async def test_only_what_is_missing_is_asked(owner: Owner, missing: Field) -> None:
    known = [fact for field, (_, facts) in ANSWERS.items() if field is not missing for fact in facts]
    reply = await owner.says(ALL_IN_ONE, "apply_financing", *known)
    assert owner.state.asking is missing
    assert reply.endswith(form.question(missing))
    text, facts = ANSWERS[missing]
    assert "核对" in await owner.says(text, "inform", *facts)


async def test_an_answer_to_another_question_is_taken_and_the_first_asked_again(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    reply = await owner.says("两年，昆山", "inform", TERM, REGION)
    assert "2年" in reply
    assert owner.state.asking is Field.AMOUNT
    row = await owner.request()
    assert (row.term_months, row.region) == (24, "320583")


async def test_ranges_and_one_sided_bounds(owner: Owner) -> None:
    span: tuple[Fact, ...] = (
        ("amount", 500_000, "50到80万", "min"),
        ("amount", 800_000, "50到80万", "max"),
        ("term_months", 24, "不超过两年", "max"),
    )
    reply = await owner.says("想贷50到80万，不超过两年", "apply_financing", *span)
    assert owner.state.asking is Field.PURPOSE
    row = await owner.request()
    assert (row.amount_min, row.amount_max) == (500_000, 800_000)
    assert (row.term_min_months, row.term_months) == (None, 24)
    assert reply.endswith(form.question(Field.PURPOSE))


async def test_a_range_said_the_wrong_way_round(owner: Owner) -> None:
    facts: tuple[Fact, ...] = (("amount", 800_000, "80", "min"), ("amount", 500_000, "50万", "max"))
    await owner.says("80到50万都行", "apply_financing", *facts)
    row = await owner.request()
    assert (row.amount_min, row.amount_max) == (500_000, 800_000)


@pytest.mark.parametrize(
    ("text", "fact", "words"),
    [
        ("贷50块", ("amount", 50, "50块"), "太少"),
        ("借500亿", ("amount", 50_000_000_000, "500亿"), "超出"),
        ("用50年", ("term_months", 600, "50年"), "太长"),
        ("利息30个点以内", ("rate", 30.0, "30个点", "max"), "30%"),
    ],
)
async def test_out_of_range_is_said_and_not_written_down(
    owner: Owner, text: str, fact: Fact, words: str
) -> None:
    for opened in (False, True):
        if opened:
            await owner.says("想买加工中心", "apply_financing", PURPOSE)
        reply = await owner.says(text, "inform" if opened else "apply_financing", fact)
        assert words in reply
        assert form.question(Field.AMOUNT) in reply
        row = await owner.request()
        assert (row.amount_max, row.term_months, row.rate_max) == (None, None, None)


async def test_the_good_half_of_a_sentence_is_kept(owner: Owner) -> None:
    fifty_years: Fact = ("term_months", 600, "50年")
    reply = await owner.says("想贷120万，用50年", "apply_financing", AMOUNT, fifty_years)
    assert "太长" in reply
    assert (await owner.request()).amount_max == 1_200_000
    assert owner.state.asking is Field.PURPOSE


async def test_a_wished_rate_is_shown_and_kept_to_the_digit(owner: Owner) -> None:
    summary = await owner.says(
        f"{ALL_IN_ONE}，利息不超过5个点", "apply_financing", *EVERYTHING, ("rate", 5.0, "5个点", "max")
    )
    assert "期望年利率：不超过5%" in summary
    assert "不超过5%" in await owner.says("有哪些条件", "ask_requirements")
    assert float((await owner.request()).rate_max) == 5.0


async def test_an_institution_is_wished_only_when_it_is_asked_for(owner: Owner) -> None:
    bank: Fact = ("institution", "苏州银行", "苏州银行")
    await owner.says("我在苏州银行开的户，想贷120万", "apply_financing", AMOUNT, bank)
    assert (await owner.request()).institutions == []
    await owner.says("只要苏州银行的", "inform", bank)
    assert (await owner.request()).institutions == ["苏州银行"]


async def test_of_two_places_the_narrower_counts(owner: Owner) -> None:
    await owner.says("在江苏昆山", "apply_financing", ("region", "320000", "江苏"), REGION)
    assert (await owner.request()).region == "320583"


async def test_what_was_said_about_the_firm_is_kept(owner: Owner) -> None:
    facts: tuple[Fact, ...] = (
        ("founded", "2016", "2016年"),
        ("revenue", 30_000_000, "3000万"),
        ("employees", 40, "40人"),
        ("qualification", "high_tech", "高新"),
    )
    await owner.says("2016年成立，年销3000万，40人，高新企业，想贷款", "apply_financing", *facts)
    await owner.says("还是专精特新", "inform", ("qualification", "specialised_new", "专精特新"))
    known = (await owner.request()).facts
    assert (known.revenue, known.employees) == (30_000_000, 40)
    assert str(known.founded) == "2016-01-01"
    assert known.qualifications == ("high_tech", "specialised_new")


async def test_figures_that_no_firm_has_do_not_break_the_talk(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    reply = await owner.says("年销售一百万亿", "inform", ("revenue", 10**18, "一百万亿"))
    assert form.question(Field.AMOUNT) in reply


async def test_a_thing_alone_answers_the_question_for_security(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    assert owner.state.asking is Field.GUARANTEE
    await owner.says("有厂房", "inform", PLANT)
    row = await owner.request()
    assert (row.guarantee, row.collateral) == ([Guarantee.MORTGAGE], ["real_estate"])
    assert owner.state.asking is Field.REGION


async def test_a_thing_alone_named_before_the_question_settles_nothing(owner: Owner) -> None:
    await owner.says("我有厂房，想贷120万", "apply_financing", AMOUNT, PLANT)
    row = await owner.request()
    assert (row.guarantee, row.collateral) == ([], ["real_estate"])
    await owner.says("买加工中心，两年", "inform", PURPOSE, TERM)
    assert owner.state.asking is Field.GUARANTEE


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("昆山", (REGION,)),
        ("两年", (TERM,)),
        ("利率不超过4%", (("rate", 4.0, "4%", "max"),)),
        ("没有房", ()),
        ("能贷吗", ()),
    ],
)
async def test_what_is_no_purpose_is_not_taken_for_one(
    owner: Owner, text: str, facts: tuple[Fact, ...]
) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says(text, "inform", *facts)
    assert owner.state.asking is Field.PURPOSE
    assert (await owner.request()).purpose is None


@pytest.mark.parametrize(("text", "intent"), [("我老婆不同意", "deny"), ("没问题", "affirm")])
async def test_what_does_not_speak_of_security_declines_none(owner: Owner, text: str, intent: str) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    await owner.says(text, intent)
    assert owner.state.asking is Field.GUARANTEE
    assert not (await owner.request()).guarantee


async def test_no_security_is_heard_at_another_question(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    reply = await owner.says("么得抵押", "inform")
    assert "纯信用" in reply
    assert reply.endswith(form.question(Field.TERM))


async def test_a_thing_named_alone_is_to_be_bought(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("设备", "inform")
    assert (await owner.request()).purpose == Purpose.EQUIPMENT
