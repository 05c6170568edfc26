"""Repair: what an owner does when the talk went wrong, and that nothing of it is lost."""

import pytest

from domain.requests import RequestStatus
from handlers import form
from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, PURPOSE, REGION, TERM, Fact, Owner

MILLION: Fact = ("amount", 1_000_000, "100万")
THREE_YEARS: Fact = ("term_months", 36, "三年")


# Correction


async def test_not_fifty_but_eighty(owner: Owner) -> None:
    await owner.says("想贷50万", "apply_financing", ("amount", 500_000, "50万"))
    reply = await owner.says("不是50万，是80万", "correct", ("amount", 800_000, "80万"))
    assert "金额改为80万元" in reply
    assert reply.endswith(form.question(Field.PURPOSE))


@pytest.mark.parametrize("intent", ["correct", "inform", FALLBACK])
async def test_a_wrong_field_without_the_right_one_is_asked_for(owner: Owner, intent: str) -> None:
    await owner.says("想贷120万，在昆山", "apply_financing", AMOUNT, REGION)
    reply = await owner.says("刚才城市说错了", intent)
    assert reply.endswith(form.question(Field.REGION))
    assert (await owner.request()).region is None
    await owner.says("苏州", "inform", ("region", "320500", "苏州"))
    assert owner.state.asking is Field.PURPOSE


async def test_two_wrong_fields_are_asked_for_one_by_one(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("城市和期限都说错了", "correct")
    assert reply.endswith(form.question(Field.TERM))
    again = await owner.says("三年", "inform", THREE_YEARS)
    assert again.endswith(form.question(Field.REGION))
    await owner.says("昆山", "inform", REGION)
    assert owner.state.confirming


async def test_two_corrections_at_once(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("金额改成100万，期限改三年", "correct", MILLION, THREE_YEARS)
    assert "金额改为100万元" in reply
    assert "期限改为3年" in reply


async def test_one_corrected_and_one_only_said_to_be_wrong(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("是100万，城市也说错了", "correct", MILLION)
    assert "金额改为100万元" in reply
    assert reply.endswith(form.question(Field.REGION))


async def test_a_correction_long_after(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    for text, intent in (("利息多少", "ask_rate"), ("有没有贴息", "ask_policy"), ("你好", "greet")):
        await owner.says(text, intent)
    await owner.says("买加工中心", "inform", PURPOSE)
    assert "金额改为100万元" in await owner.says("前面那个120万改成100万", "correct", MILLION)
    assert owner.state.asking is Field.TERM


async def test_a_wrong_field_of_a_published_request_is_asked_for_in_its_replacement(owner: Owner) -> None:
    old = await owner.publishes()
    reply = await owner.says("刚才城市说错了", "correct")
    assert old in reply
    assert reply.endswith(form.question(Field.REGION))
    await owner.says("苏州", "inform", ("region", "320500", "苏州"))
    assert [row.region for row in await owner.requests(RequestStatus.PUBLISHED)] == ["320583"]
    await owner.says("确认", "affirm")
    assert [row.region for row in await owner.requests(RequestStatus.PUBLISHED)] == ["320500"]


async def test_a_wrong_field_of_a_paused_draft_takes_it_up(owner: Owner) -> None:
    await owner.says("想贷120万，在昆山", "apply_financing", AMOUNT, REGION)
    await owner.says("算了", "cancel")
    reply = await owner.says("城市说错了", "correct")
    assert reply.endswith(form.question(Field.REGION))
    assert (await owner.request()).amount_max == AMOUNT[1]


@pytest.mark.parametrize("text", ["金额没错", "还有个地方要问"])
async def test_what_is_not_said_to_be_wrong_stays(owner: Owner, text: str) -> None:
    await owner.says("想贷120万，在昆山", "apply_financing", AMOUNT, REGION)
    await owner.says(text, FALLBACK)
    row = await owner.request()
    assert (row.amount_max, row.region) == (AMOUNT[1], "320583")


# A value that cannot be: the old one stands


@pytest.mark.parametrize(
    ("text", "fact", "bound", "stands"),
    [
        ("改成500亿", ("amount", 50_000_000_000, "500亿"), "最高10亿元", "金额先按原来的120万元"),
        ("改成50块", ("amount", 50, "50块"), "1万元", "金额先按原来的120万元"),
        ("改成50年", ("term_months", 600, "50年"), "最长一般30年", "期限先按原来的2年"),
    ],
)
async def test_an_impossible_value_leaves_the_old_one(
    owner: Owner, text: str, fact: Fact, bound: str, stands: str
) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says(text, "correct", fact)
    assert bound in reply
    assert stands in reply
    row = await owner.request()
    assert (row.amount_max, row.term_months) == (1_200_000, 24)
    assert owner.state.confirming


async def test_an_impossible_rate_leaves_the_old_one(owner: Owner) -> None:
    await owner.says("想贷120万，利息不超过5个点", "apply_financing", AMOUNT, ("rate", 5.0, "5个点", "max"))
    reply = await owner.says("利息三十个点以内", "inform", ("rate", 30.0, "三十个点", "max"))
    assert "24%" in reply
    assert "期望年利率先按原来的不超过5%" in reply


async def test_an_impossible_value_for_the_published_request(owner: Owner) -> None:
    await owner.publishes()
    reply = await owner.says("改成500亿", "correct", ("amount", 50_000_000_000, "500亿"))
    assert "金额先按原来的120万元" in reply


# Repeat


@pytest.mark.parametrize("text", ["再说一遍", "没看清", "刚才说啥", "刚才说什么？"])
@pytest.mark.parametrize("misread", [FALLBACK, "complain"])
async def test_the_last_answer_again(owner: Owner, text: str, misread: str) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    answer = await owner.says("利息多少", "ask_rate")
    before = owner.state.place
    assert await owner.says(text, misread) == answer
    assert await owner.says(text, misread) == answer
    assert owner.state.place == before


async def test_choices_are_repeated_and_can_still_be_picked(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    shown = owner.shown
    await owner.says("没看清", FALLBACK)
    assert owner.shown == shown
    await owner.says("4", FALLBACK)
    assert (await owner.request()).guarantee == ["credit"]


async def test_nothing_to_repeat(owner: Owner) -> None:
    assert "您好" in await owner.says("再说一遍", FALLBACK)


# Clarification


@pytest.mark.parametrize("field", list(Field))
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("什么意思", "ask_requirements"),
        ("没听懂", FALLBACK),
        ("为什么问这个", "complain"),
        ("怎么填？", "help"),
    ],
)
async def test_a_question_about_the_question(owner: Owner, field: Field, text: str, intent: str) -> None:
    await asked_for(owner, field)
    reply = await owner.says(text, intent)
    assert reply.endswith(form.question(field))
    assert len(reply) > len(form.question(field)) + 20
    assert owner.state.asking is field


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("担保方式是啥", "让银行放心"),
        ("额度怎么算", "营业额"),
        ("什么是先息后本", "每月只付利息"),
        ("抵押是什么意思啊", "东西照样您用"),
        ("「信保基金」是什么？", "政府出钱"),
        ("抵押和质押有什么区别", "押给银行，还清了就退"),
        ("最长能贷多久", "您先说想用多久"),
    ],
)
async def test_a_word_is_explained_and_the_question_asked_again(owner: Owner, text: str, words: str) -> None:
    assert words in await owner.says(text, "ask_requirements")
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says(text, "ask_requirements")
    assert words in reply
    assert reply.endswith(form.question(Field.PURPOSE))


async def test_the_summary_is_explained(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "确认后银行才看得到" in await owner.says("什么意思", FALLBACK)
    assert owner.state.confirming


@pytest.mark.parametrize(
    ("text", "intent", "words"),
    [("利息多少", "ask_rate", "年利率"), ("要什么材料", "ask_requirements", "营业执照")],
)
async def test_a_question_of_substance_is_not_explained_away(
    owner: Owner, text: str, intent: str, words: str
) -> None:
    assert words in await owner.says(text, intent)


# Cannot handle


async def test_not_understood_three_times_in_the_form(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    assert form.example(Field.PURPOSE) in await owner.says("asdkj", FALLBACK)
    await owner.says("qwert", FALLBACK)
    assert all(way in owner.shown for way in ("1. 跳过", "2. 取消", "3. 菜单"))
    assert "人工顾问" in await owner.says("zxcvb", FALLBACK)
    assert "2. 找人工顾问" in owner.shown
    assert (await owner.request()).amount_max == AMOUNT[1]
    await owner.says("买加工中心", "inform", PURPOSE)
    assert owner.state.asking is Field.TERM


async def test_not_understood_three_times_outside(owner: Owner) -> None:
    assert "比如「想贷80万进货" in await owner.says("asdkj", FALLBACK)
    assert "查进度" in await owner.says("qwert", FALLBACK)
    assert "人工顾问" in await owner.says("zxcvb", FALLBACK)
    assert "转不了人工" in await owner.says("2", FALLBACK)
    assert "比如「想贷80万进货" in await owner.says("asdkj", FALLBACK), "counted anew"


async def test_what_is_understood_in_between_begins_the_count_anew(owner: Owner) -> None:
    await owner.says("asdkj", FALLBACK)
    await owner.says("谢谢", "thank")
    assert "比如「想贷80万进货" in await owner.says("qwert", FALLBACK)


async def test_the_way_out_that_was_offered_is_taken(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("asdkj", FALLBACK)
    await owner.says("qwert", FALLBACK)
    assert (await owner.says("1", FALLBACK)).endswith(form.question(Field.TERM))
    assert owner.state.open == (Field.PURPOSE,)


# Nobody is pressed


async def test_a_question_is_put_twice_in_a_row_and_no_more(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    assert form.question(Field.PURPOSE) in await owner.says("利息多少", "ask_rate")
    third = await owner.says("有没有贴息", "ask_policy")
    assert form.question(Field.PURPOSE) not in third
    assert "用途想好了再告诉我" in third
    await owner.says("买加工中心", "inform", PURPOSE)
    assert owner.state.asking is Field.TERM


async def test_a_changed_summary_is_shown_as_a_new_one(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    for _ in range(2):
        assert "请您核对" in await owner.says("金额改成100万", "correct", MILLION)
        assert "请您核对" in await owner.says("金额改成120万", "correct", AMOUNT)
    assert "请您核对" in await owner.says("利息多少", "ask_rate")
    assert "请您核对" not in await owner.says("有没有贴息", "ask_policy")


async def test_who_tells_other_things_is_asked_for_another_first(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    assert (await owner.says("昆山", "inform", REGION)).endswith(form.question(Field.AMOUNT))
    assert (await owner.says("两年", "inform", TERM)).endswith(form.question(Field.PURPOSE))
    assert (await owner.says("买加工中心", "inform", PURPOSE)).endswith(form.question(Field.AMOUNT))


async def asked_for(owner: Owner, field: Field) -> None:
    known = dict(zip(Field, (AMOUNT, PURPOSE, TERM, ("guarantee", "credit", "信用"), REGION), strict=False))
    before = list(Field)[: list(Field).index(field)]
    await owner.says(
        "我想贷款120万买加工中心，两年，信用，昆山",
        "apply_financing",
        *(known[earlier] for earlier in before),
    )
    assert owner.state.asking is field
