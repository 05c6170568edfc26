"""Short answers, read with the question that stands."""

import pytest

from handlers import form
from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers.owner import AMOUNT, MORTGAGE, PURPOSE, TERM, Owner


async def asked_for(owner: Owner, field: Field) -> None:
    """Bring the form to a question."""
    known = {
        Field.AMOUNT: (AMOUNT,),
        Field.PURPOSE: (PURPOSE,),
        Field.TERM: (TERM,),
        Field.GUARANTEE: (MORTGAGE,),
    }
    before = list(Field)[: list(Field).index(field)]
    await owner.says(
        "我想贷款120万买加工中心，两年，抵押",
        "apply_financing",
        *(fact for earlier in before for fact in known.get(earlier, ())),
    )
    assert owner.state.asking is field


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("80", 800_000),
        ("大概80", 800_000),
        ("八十", 800_000),
        ("两百五十左右", 2_500_000),
        ("1.5", 15_000),
        ("800000", 800_000),
        ("800000元", 800_000),
        ("10000", 10_000),
    ],
)
@pytest.mark.parametrize("intent", ["inform", FALLBACK])
async def test_a_bare_figure_to_the_amount(owner: Owner, text: str, yuan: int, intent: str) -> None:
    await asked_for(owner, Field.AMOUNT)
    await owner.says(text, intent)
    row = await owner.request()
    assert (row.amount_min, row.amount_max) == (yuan, yuan)
    assert owner.state.asking is Field.PURPOSE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "1万元到10亿元"),
        ("-50", "1万元到10亿元"),
        ("负五十", "1万元到10亿元"),
        ("０", "1万元到10亿元"),
        ("0.01元", "1万元到10亿元"),
        ("1" * 10_000, "这个金额超出"),
        ("九" * 1000, "这个金额超出"),
        ("5000元", "太少"),
        ("50块钱", "50元太少"),
        ("999999999999", "超出"),
        ("0.5", "5000元太少"),
    ],
)
async def test_a_bare_figure_out_of_range(owner: Owner, text: str, words: str) -> None:
    await asked_for(owner, Field.AMOUNT)
    assert words in await owner.says(text)
    assert owner.state.asking is Field.AMOUNT
    assert (await owner.request()).amount_max is None


@pytest.mark.parametrize(
    ("text", "months"), [("2", 24), ("5", 60), ("6", 6), ("24", 24), ("十八", 18), ("1.5", 18), ("三", 36)]
)
async def test_a_bare_figure_to_the_term(owner: Owner, text: str, months: int) -> None:
    await asked_for(owner, Field.TERM)
    await owner.says(text)
    row = await owner.request()
    assert (row.term_min_months, row.term_months) == (months, months)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "至少"),
        ("-3", "至少"),
        ("600", "太长"),
        ("98年", "98年太长"),
        ("2030年", "太长"),
        ("9" * 400 + "年", "这个期限太长"),
    ],
)
async def test_a_bare_term_out_of_range(owner: Owner, text: str, words: str) -> None:
    await asked_for(owner, Field.TERM)
    assert words in await owner.says(text)
    assert owner.state.asking is Field.TERM


@pytest.mark.parametrize(
    "text", ["没有", "没", "啥也没有", "都没有，就我一个人", "没有可抵押的", "我不想抵押", "没有东西押"]
)
async def test_nothing_to_offer_means_credit(owner: Owner, text: str) -> None:
    await asked_for(owner, Field.GUARANTEE)
    await owner.says(text, "deny")
    row = await owner.request()
    assert (row.guarantee, row.collateral) == (["credit"], [])


@pytest.mark.parametrize(("text", "intent"), [("不要抵押", "deny"), ("不用", "deny"), ("不想押东西", "deny")])
async def test_who_offers_no_security_asks_for_credit(owner: Owner, text: str, intent: str) -> None:
    await asked_for(owner, Field.GUARANTEE)
    await owner.says(text, intent)
    assert (await owner.request()).guarantee == ["credit"]


@pytest.mark.parametrize("text", ["不对", "错了", "不是", "不对，前面说错了"])
async def test_who_says_that_something_is_wrong_asks_for_nothing(owner: Owner, text: str) -> None:
    await asked_for(owner, Field.GUARANTEE)
    await owner.says(text, "deny")
    assert (await owner.request()).guarantee == []
    assert owner.state.asking is Field.GUARANTEE


@pytest.mark.parametrize("field", [Field.AMOUNT, Field.PURPOSE, Field.TERM, Field.GUARANTEE, Field.REGION])
@pytest.mark.parametrize("text", ["都行", "随便", "无所谓，你看着办"])
async def test_whatever_suits_settles_the_question(owner: Owner, field: Field, text: str) -> None:
    await asked_for(owner, field)
    assert "都可以考虑" in await owner.says(text, FALLBACK)
    assert owner.state.open == (field,)
    assert owner.state.asking is list(Field)[list(Field).index(field) + 1]


@pytest.mark.parametrize("text", ["给工人发年终奖", "付场地押金", "买鱼苗"])
async def test_a_purpose_without_label_is_kept_in_the_owners_words(owner: Owner, text: str) -> None:
    await asked_for(owner, Field.PURPOSE)
    await owner.says(text, FALLBACK)
    row = await owner.request()
    assert (row.purpose, row.purpose_text) == ("other", text)
    assert text in form.value(row.need, Field.PURPOSE)


@pytest.mark.parametrize("text", ["今天天气真好", "asdkj", "嗯", "哈" * 31, "1e309万", "0.5"])
async def test_noise_is_no_purpose(owner: Owner, text: str) -> None:
    await asked_for(owner, Field.PURPOSE)
    await owner.says(text, FALLBACK)
    assert (await owner.request()).purpose is None
    assert owner.state.asking is Field.PURPOSE


async def test_a_figure_counts_even_where_another_wish_was_guessed(owner: Owner) -> None:
    await asked_for(owner, Field.AMOUNT)
    await owner.says("80", "rate_service", confidence=0.4)
    assert (await owner.request()).amount_max == 800_000


async def test_a_clear_question_is_answered_though_a_figure_is_in_it(owner: Owner) -> None:
    await asked_for(owner, Field.AMOUNT)
    reply = await owner.says("80万利息多少", "ask_rate", ("amount", 800_000, "80万"), confidence=0.9)
    assert "利率" in reply
    assert reply.endswith(form.question(Field.AMOUNT))
