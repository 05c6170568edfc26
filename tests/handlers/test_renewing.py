"""A loan is renewed: which one, how much, how long, and nothing without a plain yes."""

from datetime import timedelta

import pytest

from domain.cases.rules import CaseKind, CaseState
from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers import market, people
from tests.handlers.market import EAST, FARMERS, cases
from tests.handlers.owner import AMOUNT, Owner
from tests.handlers.people import OTHER_USCC


@pytest.fixture
async def borrower(owner: Owner) -> Owner:
    """Registered, verified, and with one loan."""
    await people.enrol(owner)
    await market.borrowed(owner, EAST)
    return owner


async def test_from_the_wish_to_the_case(borrower: Owner) -> None:
    asked = await borrower.says("贷款快到期了想续", "renew_loan")
    assert all(word in asked for word in ("城东银行", "还剩80万元", "1月22日到期", "想续多少"))
    assert [label for _, label in borrower.menu] == ["全部续，80万元"]
    assert "想再用多久" in await borrower.says("1", FALLBACK)
    summary = await borrower.says("一年", "inform", ("term_months", 12, "一年"))
    assert all(word in summary for word in ("请您核对", "想续：80万元", "再用：1年"))
    assert await cases(borrower) == []
    said = await borrower.says("确认", "affirm")
    (row,) = await cases(borrower)
    assert all(word in said for word in (row.id, "最晚11月26日 12:00前", "由放款银行定", "/case/"))
    assert (row.kind, row.loan_id, row.amount, row.term_months) == ("renewal", "L0", 800_000, 12)
    assert (row.words, row.institution) == ("贷款快到期了想续", EAST)
    assert borrower.state.topic is None


async def test_nothing_is_asked_that_was_said(borrower: Owner) -> None:
    said = await borrower.says(
        "30万那笔想再续半年", "renew_loan", ("amount", 300_000, "30万"), ("term_months", 6, "半年")
    )
    assert all(word in said for word in ("请您核对", "想续：30万元", "再用：6个月"))


async def test_a_bare_figure_answers_the_question(borrower: Owner) -> None:
    await borrower.says("想续贷", "renew_loan")
    await borrower.says("50", FALLBACK)
    summary = await borrower.says("18", FALLBACK)
    assert all(word in summary for word in ("想续：50万元", "再用：18个月"))


async def test_of_several_loans_one_is_chosen(owner: Owner) -> None:
    await people.enrol(owner)
    await market.borrowed(owner, EAST, FARMERS)
    await owner.says("想续一年", "renew_loan", ("term_months", 12, "一年"))
    assert [label for _, label in owner.menu] == [
        "城东银行·80万元·1月22日",
        "中国农业银行·81万元·1月22日",
        "不是这几笔",
    ]
    assert "中国农业银行，还剩81万元" in await owner.says("2", FALLBACK)
    assert owner.state.case is not None
    assert (owner.state.case.loan_id, owner.state.case.term_months) == ("L1", 12)


async def test_a_bank_that_is_named_needs_no_choice(owner: Owner) -> None:
    await people.enrol(owner)
    await market.borrowed(owner, EAST, FARMERS)
    said = await owner.says("农行那笔想续", "renew_loan", ("institution", FARMERS, "农行"))
    assert "中国农业银行，还剩81万元" in said


async def test_a_loan_that_the_platform_does_not_know(borrower: Owner) -> None:
    await borrower.says("工行那笔想续", "renew_loan", ("institution", "中国工商银行", "工行"))
    await borrower.says("50万", "inform", ("amount", 500_000, "50万"))
    assert "贷款：中国工商银行" in await borrower.says("一年", "inform", ("term_months", 12, "一年"))
    await borrower.says("确认", "affirm")
    (row,) = await cases(borrower)
    assert (row.loan_id, row.institution) == (None, "中国工商银行")


async def test_nobody_is_told_of_loans_before_he_has_proven_who_he_is(owner: Owner) -> None:
    await people.bind(owner)
    await market.borrowed(owner, EAST)
    said = await owner.says("想续贷", "renew_loan")
    assert EAST not in said
    assert "是哪家银行的" in said
    await owner.says("城东银行80万，下月到期", FALLBACK)
    await owner.says("跳过", "skip")
    assert "期限再商量" in await owner.says("跳过", "skip")


@pytest.mark.parametrize("text", ["我朋友说确认就行", "对了你们几点下班"])
async def test_only_a_plain_yes_turns_to_the_adviser(borrower: Owner, text: str) -> None:
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    await borrower.says(text, "affirm")
    assert await cases(borrower) == []
    assert borrower.state.topic == "renewing"


@pytest.mark.parametrize(("text", "intent"), [("不用了", "deny"), ("算了", "cancel"), ("再见", "goodbye")])
async def test_who_does_not_want_it_leaves_nothing_behind(borrower: Owner, text: str, intent: str) -> None:
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    assert "续贷先不办" in await borrower.says(text, intent)
    assert (await cases(borrower), borrower.state.topic) == ([], None)


async def test_a_figure_can_be_changed_at_the_end_and_words_are_kept(borrower: Owner) -> None:
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    assert "想续：60万元" in await borrower.says("改成60万", "correct", ("amount", 600_000, "60万"))
    assert "一起转给顾问" in await borrower.says("最好不用还本金", FALLBACK)
    await borrower.says("确认", "affirm")
    (row,) = await cases(borrower)
    assert (row.amount, row.words) == (600_000, "80万续一年\n最好不用还本金")


async def test_back_and_figures_that_cannot_be(borrower: Owner) -> None:
    await borrower.says("想续贷", "renew_loan")
    assert "太少" in await borrower.says("50块", "inform", ("amount", 50, "50块"))
    await borrower.says("50万", "inform", ("amount", 500_000, "50万"))
    assert "想续多少" in await borrower.says("上一步", "back")
    assert "没听明白" in await borrower.says("呃", FALLBACK)


async def test_a_question_in_between_leads_back(borrower: Owner) -> None:
    await borrower.says("想续贷", "renew_loan")
    answer = await borrower.says("利息多少", "ask_rate")
    assert "回到您的续贷" in answer
    assert "想续多少" in answer


async def test_the_form_that_it_interrupts_is_gone_back_to(borrower: Owner) -> None:
    await borrower.says("想贷120万", "apply_financing", AMOUNT)
    assert borrower.state.asking is Field.PURPOSE
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    said = await borrower.says("确认", "affirm")
    assert "已经交给融资顾问" in said
    assert "回到您的融资需求" in said
    assert borrower.state.asking is Field.PURPOSE


async def test_asked_again_it_says_how_it_stands(borrower: Owner) -> None:
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    await borrower.says("确认", "affirm")
    said = await borrower.says("续贷的事怎么样了", "renew_loan")
    assert "已经交给顾问" in said
    assert "等待顾问接手" in said
    assert len(await cases(borrower)) == 1


async def test_the_next_day_s_yes_is_none(borrower: Owner) -> None:
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    borrower.now += timedelta(hours=13)
    await borrower.says("好的", "affirm")
    assert await cases(borrower) == []


async def test_it_is_taken_back_in_chat_by_name(borrower: Owner) -> None:
    await borrower.publishes()
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    await borrower.says("确认", "affirm")
    asked = await borrower.says("续贷的事撤了吧", "withdraw_request")
    assert "续贷展期" in asked
    assert [label for _, label in borrower.menu] == ["确定撤回续贷展期", "先不撤"]
    (row,) = await cases(borrower)
    assert row.state == CaseState.OPEN
    assert "已经撤回" in await borrower.says("1", FALLBACK)
    (row,) = await cases(borrower)
    assert (row.state, row.outcome) == (CaseState.CLOSED, "withdrawn")


async def test_another_company_s_loan_is_not_shown(borrower: Owner) -> None:
    await people.enrol(borrower, OTHER_USCC, "昆山别家五金有限公司")
    assert "城东银行" in await borrower.says("想续贷", "renew_loan")
    stranger = Owner(borrower.database, borrower.matcher, openid="oStranger")
    assert "城东银行" not in await stranger.says("想续贷", "renew_loan")


async def test_a_difficulty_is_another_case(borrower: Owner) -> None:
    await borrower.says("80万续一年", "renew_loan", ("amount", 800_000, "80万"), ("term_months", 12, "一年"))
    await borrower.says("确认", "affirm")
    await borrower.says("这个月还不上了", "report_difficulty")
    await borrower.says("1", FALLBACK)
    assert {row.kind for row in await cases(borrower)} == {CaseKind.RENEWAL, CaseKind.DIFFICULTY}
