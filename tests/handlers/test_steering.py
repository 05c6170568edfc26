"""Back, skip, cancel, go on, and what happens when nothing is understood."""

import pytest

from handlers import form
from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, MORTGAGE, PURPOSE, REGION, TERM, Owner


async def test_back_twice_walks_along_what_was_answered(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    await owner.says("120万", "inform", AMOUNT)
    await owner.says("买加工中心", "inform", PURPOSE)
    await owner.says("两年", "inform", TERM)
    assert owner.state.asking is Field.GUARANTEE
    for field in (Field.TERM, Field.PURPOSE):
        reply = await owner.says("上一步", "back")
        assert owner.state.asking is field
        assert reply.endswith(form.question(field))
    row = await owner.request()
    assert (row.amount_max, row.purpose, row.term_months) == (1_200_000, None, None)
    assert row.purpose_text == ""


async def test_back_before_the_first_answer(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says("上一步", "back")
    assert "没有问题可以返回" in reply
    assert reply.endswith(form.question(Field.PURPOSE))
    assert (await owner.request()).amount_max == 1_200_000


async def test_back_to_what_was_left_open_asks_it_anew(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("跳过", "skip")
    await owner.says("返回", "back")
    assert owner.state.asking is Field.TERM
    assert owner.state.open == ()


async def test_back_from_the_summary(owner: Owner) -> None:
    await owner.says(
        "120万买加工中心，两年抵押，昆山", "apply_financing", AMOUNT, PURPOSE, TERM, MORTGAGE, REGION
    )
    await owner.says("做五金加工", "inform", ("industry", "C", "做五金加工"))
    assert owner.state.confirming
    await owner.says("上一步", "back")
    assert owner.state.asking is Field.INDUSTRY
    assert not owner.state.confirming


async def test_skip_the_amount_is_explained_first(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    assert "大概的范围也行" in await owner.says("不知道", "skip")
    assert owner.state.asking is Field.AMOUNT
    assert "先不填" in await owner.says("跳过", "skip")
    assert owner.state.asking is Field.PURPOSE
    assert owner.state.open == (Field.AMOUNT,)


async def test_everything_can_be_skipped_but_nothing_is_made_up(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    for _ in range(7):
        await owner.says("跳过", "skip")
    assert owner.state.confirming
    assert owner.heard[-1].count("先不填，后面再商量") == 6
    row = await owner.request()
    assert (row.amount_max, row.term_months, row.purpose, row.region) == (None, None, None, None)


async def test_a_request_without_amount_and_purpose_is_not_published(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    for _ in range(7):
        await owner.says("跳过", "skip")
    refused = await owner.says("确认", "affirm")
    assert "等不到回音" in refused
    assert owner.state.asking is Field.AMOUNT
    assert (await owner.request()).status == "draft"
    await owner.says("120万", "inform", AMOUNT)
    await owner.says("确认", "affirm")
    row = await owner.request()
    assert (row.status, row.amount_max, row.term_months) == ("published", 1_200_000, None)


async def test_skip_at_the_summary_shows_it_again(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "核对" in await owner.says("跳过", "skip")
    assert (await owner.request()).status == "draft"


async def test_cancel_keeps_the_draft_and_going_on_asks_where_it_stopped(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    assert "留着" in await owner.says("算了", "cancel")
    assert owner.state.topic is None
    reply = await owner.says("继续", FALLBACK)
    assert "填到一半" in reply
    assert reply.endswith(form.question(Field.TERM))
    (row,) = await owner.requests()
    assert (row.status, row.amount_max) == ("draft", 1_200_000)


async def test_a_new_wish_after_a_cancel_closes_the_old_draft(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("算了", "cancel")
    await owner.says("想贷50万", "apply_financing", ("amount", 500_000, "50万"))
    assert {(row.status, row.amount_max) for row in await owner.requests()} == {
        ("closed", 1_200_000),
        ("draft", 500_000),
    }


async def test_what_was_skipped_before_a_cancel_is_not_asked_again(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("跳过", "skip")
    await owner.says("算了", "cancel")
    assert (await owner.says("继续", FALLBACK)).endswith(form.question(Field.GUARANTEE))
    await owner.says("上一步", "back")
    assert owner.state.asking is Field.TERM


async def test_more_facts_after_a_cancel_go_on_with_the_draft(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("算了", "cancel")
    reply = await owner.says("两年", "inform", TERM)
    assert reply.endswith(form.question(Field.GUARANTEE))
    (row,) = await owner.requests()
    assert (row.status, row.amount_max, row.purpose, row.term_months) == ("draft", 1_200_000, "equipment", 24)


async def test_a_draft_that_is_gone_starts_anew(owner: Owner) -> None:
    await owner.says("120万", "apply_financing", AMOUNT)
    owner.kept = owner.kept.replace(owner.state.request_id or "", "RQ000000-NONE")
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    assert owner.state.asking is Field.PURPOSE


async def test_misunderstood_twice_offers_other_ways(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    first = await owner.says("asdkj", FALLBACK)
    assert "没听明白" in first
    assert first.endswith(form.question(Field.PURPOSE))
    second = await owner.says("qwert", FALLBACK)
    assert all(way in second for way in ("跳过", "取消", "菜单"))
    await owner.says("买加工中心", "inform", PURPOSE)
    assert owner.state.misunderstood == 0
    assert form.question(Field.TERM) in await owner.says("zxcvb", FALLBACK)


async def test_misunderstood_at_the_summary(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "核对" in await owner.says("asdkj", FALLBACK)
    again = await owner.says("qwert", FALLBACK)
    assert all(way in again for way in ("确认", "取消"))
    assert (await owner.request()).status == "draft"


async def test_yes_to_an_open_question_publishes_nothing(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("好的", "affirm")
    assert (await owner.request()).status == "draft"
    assert owner.state.asking is Field.PURPOSE


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("ask_rate", "年利率"),
        ("ask_products", "为您匹配到"),
        ("ask_requirements", "营业执照"),
        ("ask_policy", "设备更新贴息"),
        ("ask_progress", "没有在办"),
        ("greet", "您好"),
        ("thank", "不客气"),
        ("help", "大白话"),
        ("grant_authorization", "要先办企业注册"),
        ("talk_to_adviser", "转不了人工"),
    ],
)
async def test_what_comes_in_between_is_answered_and_leads_back(
    owner: Owner, intent: str, words: str
) -> None:
    await owner.says("120万买加工中心，在昆山", "apply_financing", AMOUNT, PURPOSE, REGION)
    before = owner.state.place
    reply = await owner.says("……", intent)
    assert words in reply
    assert reply.endswith(f"回到您的融资需求：{form.question(Field.TERM)}")
    assert owner.state.place == before


async def test_a_question_at_the_summary_leads_back_to_it(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("利息多少", "ask_rate")
    assert "3.35%到5.2%" in reply
    assert "回到您的融资需求，请您核对" in reply
    assert "已为您发布" in await owner.says("确认", "affirm")


async def test_wrong_alone_asks_what_and_goes_on(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says("不对", "deny")
    assert "哪一项要改" in reply
    assert reply.endswith(form.question(Field.PURPOSE))
    assert form.question(Field.AMOUNT) in await owner.says("金额", FALLBACK)
    assert owner.state.asking is Field.AMOUNT


@pytest.mark.parametrize(("text", "intent"), [("好的", "affirm"), ("继续", "cancel")])
async def test_yes_or_go_on_repeats_the_question_without_blame(owner: Owner, text: str, intent: str) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says(text, intent)
    assert "没听明白" not in reply
    assert reply.endswith(form.question(Field.PURPOSE))


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [("明天再说", "goodbye", "您先忙"), ("不贷了", "withdraw_request", "先不弄了")],
)
async def test_taking_leave_pauses_the_form(owner: Owner, text: str, intent: str, said: str) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says(text, intent)
    assert said in reply
    assert form.question(Field.PURPOSE) not in reply
    assert owner.state.topic is None
    assert (await owner.says("继续", FALLBACK)).endswith(form.question(Field.PURPOSE))


@pytest.mark.parametrize(("text", "intent"), [("你好", "greet"), ("确认", "affirm")])
async def test_a_paused_form_is_brought_to_mind(owner: Owner, text: str, intent: str) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("算了", "cancel")
    assert "回复「继续」" in await owner.says(text, intent)


async def test_withdrawing_a_paused_draft_closes_it(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("算了", "cancel")
    assert "不留了" in await owner.says("取消我的需求", "withdraw_request")
    assert [row.status for row in await owner.requests()] == ["closed"]


async def test_who_cannot_say_skips(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    assert (await owner.says("不知道用多久", FALLBACK)).endswith(form.question(Field.GUARANTEE))
    assert owner.state.open == (Field.TERM,)


async def test_any_will_do_is_no_mere_yes(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    assert "都可以考虑" in await owner.says("都行", "affirm")
    assert owner.state.asking is Field.REGION


async def test_who_is_done_is_not_asked_any_further(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    summary = await owner.says("就这些，提交吧", "affirm")
    assert "没说到的先不填" in summary
    assert "回复「确认」" in summary
    assert "已为您发布" in await owner.says("确认", "affirm")


async def test_who_has_said_nothing_yet_is_not_done(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    assert (await owner.says("确认", "affirm")).endswith(form.question(Field.AMOUNT))


async def test_nothing_but_a_fact_is_an_answer_whatever_the_model_says(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    await owner.says("15w", FALLBACK, ("amount", 150_000, "15w"))
    assert (await owner.request()).amount_max == 150_000
    assert owner.state.asking is Field.PURPOSE
