"""Figures that nobody could lend, read without Rasa: asked again with the range, and nothing kept."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import limits
from handlers import form, short_answers
from handlers.turn import Field
from nlu.keywords import understand
from tests.handlers.owner import AMOUNT, EVERYTHING, PURPOSE, TERM, Owner

WAN = 10_000
RANGE = {Field.AMOUNT: ("1万元", "10亿元"), Field.TERM: ("30年",)}
AMOUNTS: tuple[Callable[[int], str], ...] = (
    "{}万".format,
    "{}万元".format,
    "贷{}万".format,
    "大概{}w".format,
    "我想借 {}万".format,
    lambda wan: f"{wan * WAN}元",
    lambda wan: f"{wan * WAN}",
    lambda wan: f"{wan}万".replace("-", "负"),
)
TERMS: tuple[Callable[[int], str], ...] = (
    "{}年".format,
    "用{}年".format,
    "期限{}年".format,
    "大概{}年吧".format,
    lambda years: f"{years * 12}个月",
    lambda years: f"{years}年".replace("-", "负"),
)


def refused(text: str, asking: Field) -> None:
    heard = short_answers.hear(understand(text), asking)
    assert (heard.need, heard.facts, heard.fields) == ({}, {}, frozenset()), text
    (sentence,) = heard.refusals
    assert any(bound in sentence for bound in RANGE[asking]), sentence
    assert len(sentence) < 80


@given(
    st.integers(-(10**9), 0) | st.integers(limits.AMOUNT_HIGHEST // WAN + 1, 10**9) | st.just(10**400),
    st.sampled_from(AMOUNTS),
)
def test_any_amount_beyond_is_refused(wan: int, written: Callable[[int], str]) -> None:
    refused(written(wan), Field.AMOUNT)


@given(
    st.integers(-(10**6), 0) | st.integers(limits.TERM_LONGEST_MONTHS // 12 + 1, 60) | st.integers(2100),
    st.sampled_from(TERMS),
)
def test_any_term_beyond_is_refused(years: int, written: Callable[[int], str]) -> None:
    refused(written(years), Field.TERM)


@pytest.mark.parametrize("years", [61, 70, 98, 99, 1900, 2016, 2099])
def test_a_year_of_the_calendar_is_no_term(years: int) -> None:
    refused(f"{years}年", Field.TERM)


@pytest.mark.parametrize("text", ["0元", "贷0万", "-50万", "900亿", "9" * 400 + "万", "1" * 10_000])
async def test_the_amount_is_asked_again(owner: Owner, text: str) -> None:
    await owner.says("我想贷款", "apply_financing")
    before = owner.state.place
    reply = await owner.hears(understand(text))
    assert reply.endswith(form.question(Field.AMOUNT))
    assert any(bound in reply for bound in RANGE[Field.AMOUNT])
    assert owner.state.place == before
    assert (await owner.request()).amount_max is None


@pytest.mark.parametrize("text", ["0个月", "-3年", "100年", "98年", "9" * 400 + "年"])
async def test_the_term_is_asked_again(owner: Owner, text: str) -> None:
    await owner.says("想贷120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    before = owner.state.place
    reply = await owner.hears(understand(text))
    assert reply.endswith(form.question(Field.TERM))
    assert any(bound in reply for bound in RANGE[Field.TERM])
    assert owner.state.place == before
    assert (await owner.request()).term_months is None


@pytest.mark.parametrize("text", ["贷款-50万，用0年", "我要借0元", "-50万"])
async def test_the_first_sentence_says_why_it_is_asked(owner: Owner, text: str) -> None:
    reply = await owner.hears(understand(text))
    assert "1万元到10亿元" in reply
    assert reply.endswith(form.question(Field.AMOUNT))


async def test_a_paused_draft_says_why_as_well(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("算了", "cancel")
    reply = await owner.says("我要借0元", "apply_financing", ("amount", 0, "0元"))
    assert "1万元到10亿元" in reply
    assert (await owner.request()).amount_max == AMOUNT[1]


async def test_a_change_of_the_published_request_is_refused_in_part(owner: Owner) -> None:
    await owner.publishes()
    reply = await owner.says("改成0元，两年", "correct", ("amount", 0, "0元"), TERM)
    assert "1万元到10亿元" in reply
    assert (await owner.request()).amount_max == EVERYTHING[0][1]


async def test_a_wrong_figure_counts_even_where_another_wish_was_guessed(owner: Owner) -> None:
    await owner.says("我想贷款", "apply_financing")
    reply = await owner.says("-50", "rate_service", confidence=0.4)
    assert "1万元到10亿元" in reply


@pytest.mark.parametrize("text", ["/restart", "/grant_authorization"])
async def test_a_command_changes_nothing(owner: Owner, text: str) -> None:
    assert "没有「/」开头的命令" in await owner.says(text, "nlu_fallback")
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    before = owner.state.place
    reply = await owner.says(text, "nlu_fallback")
    assert "没有「/」开头的命令" in reply
    assert reply.endswith(form.question(Field.PURPOSE))
    assert owner.state.place == before
