"""What a question tells besides what it asks is not lost."""

import pytest

from domain.requests import RequestStatus
from handlers import form, pause
from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, PURPOSE, REGION, TERM, Fact, Owner

MORTGAGE: Fact = ("guarantee", "mortgage", "抵押")
CREDIT: Fact = ("guarantee", "credit", "信用")
DIGGER: Fact = ("collateral", "equipment", "挖机")
RATE: Fact = ("rate", 4.0, "4个点")


async def at(owner: Owner, field: Field) -> None:
    facts = {Field.TERM: (AMOUNT, PURPOSE), Field.GUARANTEE: (AMOUNT, PURPOSE, TERM)}[field]
    await owner.says("120万买加工中心两年", "apply_financing", *facts)
    assert owner.state.asking is field


@pytest.mark.parametrize("intent", ["ask_requirements", "ask_products", "ask_rate"])
async def test_an_answer_put_as_a_question_is_taken(owner: Owner, intent: str) -> None:
    await at(owner, Field.GUARANTEE)
    await owner.says("用挖机抵押行吗", intent, MORTGAGE, DIGGER)
    row = await owner.request()
    assert (row.guarantee, row.collateral) == (["mortgage"], ["equipment"])
    assert owner.state.asking is Field.REGION


async def test_the_answer_is_taken_and_the_question_answered(owner: Owner) -> None:
    await at(owner, Field.TERM)
    term: Fact = ("term_months", 12, "一年")
    reply = await owner.says("一年，另外要准备啥材料", "ask_requirements", term)
    assert (await owner.request()).term_months == 12
    assert "您问的材料：" in reply
    assert reply.endswith(form.question(Field.GUARANTEE))


async def test_a_denied_security_picks_no_line(owner: Owner) -> None:
    await at(owner, Field.GUARANTEE)
    await owner.says("莫得啥子抵押的", "inform", MORTGAGE)
    assert (await owner.request()).guarantee == ["credit"]


async def test_a_denied_security_is_none(owner: Owner) -> None:
    await at(owner, Field.GUARANTEE)
    await owner.says("刚毕业哪有抵押啊，信用贷吧", "ask_products", MORTGAGE, CREDIT)
    assert (await owner.request()).guarantee == ["credit"]


@pytest.mark.parametrize(
    "text", ["抵押要什么条件", "要不要抵押", "需要抵押吗", "抵押贷款利率高不高", "有没有抵押的"]
)
async def test_what_is_asked_about_is_not_told(owner: Owner, text: str) -> None:
    await at(owner, Field.GUARANTEE)
    await owner.says(text, "ask_requirements", MORTGAGE)
    assert (await owner.request()).guarantee == []
    assert owner.state.asking is Field.GUARANTEE


@pytest.mark.parametrize("text", ["利息能不能不超过4个点", "利率要4个点以内"])
async def test_a_bound_of_the_rate_is_taken_down_at_the_summary(owner: Owner, text: str) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "不超过4%" in await owner.says(text, "ask_rate", RATE)
    assert (await owner.request()).rate_max == 4


async def test_products_below_a_rate_are_only_asked_for(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("有没有利息低于4个点的", "ask_products", RATE)
    assert (await owner.request()).rate_max is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("那就帮我申请吧", "apply_policy"),
        ("那就帮我申请吧", "apply_product"),
        ("行，就办吧", FALLBACK),
        ("我想贷款", "apply_financing"),
    ],
)
async def test_the_wish_goes_on_with_what_a_question_told(owner: Owner, text: str, intent: str) -> None:
    await owner.says("我在昆山，贷120万买加工中心，先看看有啥产品", "ask_products", AMOUNT, PURPOSE, REGION)
    assert await owner.requests() == []
    await owner.says("利息多少", "ask_rate")
    await owner.says(text, intent)
    row = await owner.request()
    assert (row.amount_max, row.purpose, row.region) == (1_200_000, "equipment", "320583")
    assert owner.state.asking is Field.TERM
    assert owner.state.memory.told is None


async def test_what_was_told_last_counts(owner: Owner) -> None:
    await owner.says("贷50万利息多少", "ask_rate", ("amount", 500_000, "50万"))
    await owner.says("信用贷120万有什么产品", "ask_products", AMOUNT, CREDIT)
    await owner.says("那就贷80万吧", "apply_financing", ("amount", 800_000, "80万"))
    row = await owner.request()
    assert (row.amount_max, row.guarantee) == (800_000, ["credit"])


async def test_what_was_told_is_forgotten_overnight(owner: Owner) -> None:
    await owner.says("贷120万有什么产品", "ask_products", AMOUNT)
    owner.now += pause.LONG
    await owner.says("我想贷款", "apply_financing")
    assert (await owner.request()).amount_max is None


async def test_nothing_is_told_by_a_mere_question(owner: Owner) -> None:
    await owner.says("有什么产品", "ask_products")
    assert owner.state.memory.told is None
    await owner.says("那就帮我申请吧", "apply_policy")
    assert await owner.requests(RequestStatus.DRAFT) == []
