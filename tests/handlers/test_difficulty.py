"""Who cannot pay back hears calm words and what to do; the adviser hears of it when he wants that."""

import pytest

from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers import market, people
from tests.handlers.market import EAST, FARMERS, cases
from tests.handlers.owner import AMOUNT, Owner

TOLD = "大客户跑路了，这个月还不上"


@pytest.fixture
async def borrower(owner: Owner) -> Owner:
    await people.enrol(owner)
    await market.borrowed(owner, EAST)
    return owner


async def test_calm_words_then_an_adviser(borrower: Owner) -> None:
    said = await borrower.says(TOLD, "report_difficulty")
    assert all(word in said for word in ("先别急", "客户经理", "高利贷", "最晚11月24日 12:00前"))
    assert [label for _, label in borrower.menu] == ["转给顾问", "先不用"]
    assert await cases(borrower) == []
    said = await borrower.says("1", FALLBACK)
    (row,) = await cases(borrower)
    assert (row.kind, row.loan_id, row.words, row.priority) == ("difficulty", "L0", TOLD, "high")
    assert all(word in said for word in (row.id, "紧急", "/case/"))
    assert borrower.state.topic is None


async def test_what_he_says_meanwhile_is_told_along(borrower: Owner) -> None:
    await borrower.says(TOLD, "report_difficulty")
    assert "记下了" in await borrower.says("欠我们60万货款", "inform", ("amount", 600_000, "60万"))
    assert "记下了" in await borrower.says("工人工资也压着", FALLBACK)
    await borrower.says("好的", "affirm")
    (row,) = await cases(borrower)
    assert row.words == f"{TOLD}\n欠我们60万货款\n工人工资也压着"


@pytest.mark.parametrize(("text", "intent"), [("先不用", "deny"), ("2", FALLBACK), ("算了", "cancel")])
async def test_who_wants_no_adviser_has_none(borrower: Owner, text: str, intent: str) -> None:
    await borrower.says(TOLD, "report_difficulty")
    assert "先不转" in await borrower.says(text, intent)
    assert (await cases(borrower), borrower.state.topic) == ([], None)


async def test_of_several_loans_one_is_chosen_or_none(owner: Owner) -> None:
    await people.enrol(owner)
    await market.borrowed(owner, EAST, FARMERS)
    said = await owner.says(TOLD, "report_difficulty")
    assert "先别急" in said
    assert "哪一笔" in said
    assert "先别急" not in await owner.says("3", FALLBACK)
    await owner.says("1", FALLBACK)
    (row,) = await cases(owner)
    assert (row.loan_id, row.words) == (None, TOLD)


async def test_a_stranger_is_helped_as_well(owner: Owner) -> None:
    await owner.says(TOLD, "report_difficulty")
    await owner.says("确认", "affirm")
    (row,) = await cases(owner)
    assert (row.uscc, row.loan_id) == (None, None)


async def test_it_is_said_that_it_is_under_way(borrower: Owner) -> None:
    for _ in range(2):
        await borrower.says(TOLD, "report_difficulty")
        await borrower.says("确认", "affirm")
    assert len(await cases(borrower)) == 1
    assert any("已经交给顾问了" in reply for reply in borrower.heard)


async def test_the_form_that_it_interrupts_is_gone_back_to(borrower: Owner) -> None:
    await borrower.says("想贷120万", "apply_financing", AMOUNT)
    await borrower.says(TOLD, "report_difficulty")
    assert "回到您的融资需求" in await borrower.says("先不用", "deny")
    assert borrower.state.asking is Field.PURPOSE


async def test_a_question_in_between_leads_back(borrower: Owner) -> None:
    await borrower.says(TOLD, "report_difficulty")
    assert "要转给融资顾问吗" in await borrower.says("有什么应急转贷政策", "ask_policy")


async def test_it_stands_in_the_progress(borrower: Owner) -> None:
    await borrower.says(TOLD, "report_difficulty")
    await borrower.says("确认", "affirm")
    said = await borrower.says("进度怎么样", "ask_progress")
    assert "还款困难（城东银行）：等待顾问接手，11月24日 12:00前答复" in said
