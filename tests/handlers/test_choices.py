"""Choices: a question instead of a guess, picked by number, by place, by word or by tap."""

import pytest

from handlers import form
from handlers.choices import picked
from handlers.doubt import CLOSE, SURE
from handlers.turn import LABEL_LONGEST, Choice, Field
from nlu.understanding import FALLBACK, Intent, Understanding
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, PURPOSE, TERM, Fact, Owner, understood

RENEW_OR_LOAN = (("renew_loan", 0.45), ("apply_financing", 0.3))
TWO = (Choice("申请贷款", "apply_financing"), Choice("查补贴政策", "ask_policy"))


def unsure(text: str, ranking: tuple[tuple[str, float], ...], *facts: Fact) -> Understanding:
    said = understood(text, ranking[0][0], *facts)
    ranked = tuple(Intent(name, confidence) for name, confidence in ranking)
    return Understanding(text, ranked[0], ranked, said.entities, "rasa")


async def test_two_likely_wishes_are_asked_about(owner: Owner) -> None:
    reply = await owner.hears(unsure("贷款到期了还想用", RENEW_OR_LOAN))
    assert reply == "我没太拿准，您是想续贷或展期，还是申请贷款？"
    assert owner.shown.endswith("1. 续贷或展期\n2. 申请贷款\n回复数字就行。")
    assert await owner.requests() == []


@pytest.mark.parametrize(
    "text", ["2", "２", "二", "第二个", "选2", "我选第二个", "后面那个", "贷款", "申请贷款。"]
)
async def test_the_chosen_wish_acts_as_if_it_had_been_said(owner: Owner, text: str) -> None:
    place: Fact = ("region", "320583", "昆山")
    await owner.hears(unsure("昆山的贷款到期了还想用120万", RENEW_OR_LOAN, AMOUNT, place))
    await owner.says(text, FALLBACK)
    row = await owner.request()
    assert (row.amount_max, row.region) == (1_200_000, "320583")
    assert owner.state.asking is Field.PURPOSE


@pytest.mark.parametrize("text", ["1", "第一个", "前面那个", "续贷"])
async def test_the_other_wish(owner: Owner, text: str) -> None:
    await owner.hears(unsure("贷款到期了还想用", RENEW_OR_LOAN))
    assert "是哪家银行的" in await owner.says(text, FALLBACK)
    assert await owner.requests() == []


async def test_a_tap_is_a_choice(owner: Owner) -> None:
    await owner.hears(unsure("贷款到期了还想用120万", RENEW_OR_LOAN, AMOUNT))
    (_, _), (tapped, label) = owner.menu
    assert label == "申请贷款"
    await owner.hears(Understanding.of_button(tapped))
    assert (await owner.request()).amount_max == 1_200_000


async def test_a_tap_on_an_old_menu_does_nothing(owner: Owner) -> None:
    await owner.hears(unsure("贷款到期了还想用", RENEW_OR_LOAN))
    old = owner.menu
    await owner.hears(unsure("有什么", (("ask_products", 0.4), ("ask_policy", 0.4))))
    assert set(old).isdisjoint(owner.menu)
    for item, _ in old:
        assert "过时" in await owner.hears(Understanding.of_button(item))
    assert await owner.requests() == []


async def test_choices_hold_for_the_next_message_alone(owner: Owner) -> None:
    await owner.hears(unsure("贷款到期了还想用", RENEW_OR_LOAN))
    await owner.says("你好", "greet")
    assert "没听明白" in await owner.says("2", FALLBACK)
    assert await owner.requests() == []


async def test_another_wish_is_no_choice(owner: Owner) -> None:
    await owner.hears(unsure("贷款到期了还想用", RENEW_OR_LOAN))
    assert "年利率" in await owner.says("利息多少", "ask_rate")


@pytest.mark.parametrize(
    "ranking",
    [
        (("renew_loan", SURE), ("apply_financing", 0.4)),
        (("renew_loan", 0.5), ("apply_financing", 0.5 * CLOSE - 0.01)),
        (("renew_loan", 0.1), ("apply_financing", 0.09)),
        (("inform", 0.4), ("apply_financing", 0.4)),
        (("greet", 0.4), ("ask_rate", 0.4)),
    ],
)
async def test_what_is_clear_enough_or_only_noise_is_not_asked_about(
    owner: Owner, ranking: tuple[tuple[str, float], ...]
) -> None:
    await owner.hears(unsure("……", ranking))
    assert owner.menu == ()


async def test_who_says_how_much_is_not_asked_what_he_wants(owner: Owner) -> None:
    await owner.hears(unsure("120万", (("apply_financing", 0.4), ("ask_products", 0.35)), AMOUNT))
    assert (await owner.request()).amount_max == 1_200_000


async def test_an_ambiguous_fallback_is_asked_about(owner: Owner) -> None:
    said = unsure("贷款到期了还想用", ((FALLBACK, 0.5), *RENEW_OR_LOAN))
    await owner.hears(said)
    assert len(owner.menu) == 2


async def test_an_open_topic_that_claims_the_message_is_not_in_doubt(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.hears(unsure("买加工中心", (("inform", 0.4), ("ask_products", 0.35)), PURPOSE))
    assert owner.state.asking is Field.TERM


async def test_in_the_form_the_question_comes_instead_of_not_understood(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.hears(
        unsure("啥条件多少", ((FALLBACK, 0.6), ("ask_rate", 0.4), ("ask_requirements", 0.3)))
    )
    assert "问利息和费用，还是问条件和材料" in reply
    assert "年利率" in await owner.says("1", FALLBACK)
    assert owner.heard[-1].endswith(form.question(Field.PURPOSE))


@pytest.mark.parametrize(
    ("text", "guarantee"),
    [("1", "mortgage"), ("2", "pledge"), ("第三个", "guarantor"), ("4", "credit"), ("担保公司", "guarantor")],
)
async def test_a_way_of_securing_can_be_picked(owner: Owner, text: str, guarantee: str) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    assert "4. 纯信用，什么都不押" in owner.shown
    await owner.says(text, FALLBACK)
    assert (await owner.request()).guarantee == [guarantee]
    assert owner.state.asking is Field.REGION


async def test_a_thing_named_says_more_than_the_line_it_stands_in(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    await owner.says("设备", "inform", ("collateral", "equipment", "设备"))
    row = await owner.request()
    assert (row.guarantee, row.collateral) == (["mortgage"], ["equipment"])


async def test_words_answer_as_well_as_numbers(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    await owner.says("有厂房", "inform", ("collateral", "real_estate", "厂房"))
    assert (await owner.request()).guarantee == ["mortgage"]


@pytest.mark.parametrize(
    "text", ["0", "3", "10", "", "。", "我想申请贷款但是先看看补贴政策", "都不是", "申", "12万"]
)
def test_what_picks_nothing(text: str) -> None:
    assert picked(text, TWO) is None


def test_a_word_of_both_picks_neither() -> None:
    assert (
        picked("贷款", (Choice("申请贷款", "apply_financing"), Choice("查贷款进度", "ask_progress"))) is None
    )


@pytest.mark.parametrize("label", ["", "字" * (LABEL_LONGEST + 1)])
def test_a_label_fits_on_a_small_phone(label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        Choice(label, "help")


async def test_the_list_of_products_and_the_choices_of_a_question_do_not_mix(owner: Owner) -> None:
    """「1」 would be either."""
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    assert owner.menu
    await owner.says("有什么产品", "ask_products")
    assert "1. " in owner.shown
    assert owner.menu == ()


async def test_a_choice_never_confirms_by_itself(owner: Owner) -> None:
    """Nothing that takes effect is ever offered as a mere choice."""
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    for text in ("asdkj", "qwert", "zxcvb", "有什么"):
        await owner.says(text, FALLBACK)
        assert all(choice.intent != "affirm" for choice in owner.state.memory.choices)
