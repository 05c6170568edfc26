"""The next day: nobody knows what the last question was."""

from datetime import timedelta

import pytest

from handlers import form, pause
from handlers.turn import Field
from nlu.understanding import FALLBACK, Understanding
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, PURPOSE, TERM, Fact, Owner


async def half_filled(owner: Owner, later: timedelta) -> None:
    await owner.says("想贷120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    owner.now += later


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("在吗", "greet"),
        ("好的", "affirm"),
        ("我想贷款", "apply_financing"),
        ("那个啥", FALLBACK),
        ("不", "deny"),
    ],
)
async def test_it_is_asked_whether_to_go_on(owner: Owner, text: str, intent: str) -> None:
    await half_filled(owner, timedelta(days=1))
    reply = await owner.says(text, intent)
    assert "昨天填到一半的融资需求（120万元，购买设备）还在，接着填还是重新来？" in reply
    assert "1. 接着填\n2. 重新来" in owner.shown
    assert (await owner.request()).amount_max == 1_200_000


@pytest.mark.parametrize("answer", ["1", "接着填", "继续", "第一个", "好的"])
async def test_who_goes_on_is_asked_where_it_stopped(owner: Owner, answer: str) -> None:
    await half_filled(owner, timedelta(days=1))
    await owner.says("在吗", "greet")
    assert (await owner.says(answer, FALLBACK)).endswith(form.question(Field.TERM))
    assert (await owner.request()).amount_max == 1_200_000


@pytest.mark.parametrize("answer", ["2", "重新来", "从头填"])
async def test_who_begins_anew_keeps_nothing(owner: Owner, answer: str) -> None:
    await half_filled(owner, timedelta(days=1))
    await owner.says("在吗", "greet")
    assert (await owner.says(answer, FALLBACK)).endswith(form.question(Field.AMOUNT))
    assert {(row.status, row.amount_max) for row in await owner.requests()} == {
        ("closed", 1_200_000),
        ("draft", None),
    }


async def test_a_tap_goes_on(owner: Owner) -> None:
    await half_filled(owner, timedelta(days=1))
    await owner.says("在吗", "greet")
    assert (await owner.hears(Understanding.of_button(owner.menu[0][0]))).endswith(form.question(Field.TERM))


@pytest.mark.parametrize(
    ("text", "intent", "facts"),
    [
        ("两年", "inform", (TERM,)),
        ("24", FALLBACK, ()),
        ("都行", "affirm", ()),
        ("跳过", "skip", ()),
        ("继续", FALLBACK, ()),
        ("金额改成100万", "correct", (("amount", 1_000_000, "100万"),)),
    ],
)
async def test_an_answer_is_taken_as_ever(
    owner: Owner, text: str, intent: str, facts: tuple[Fact, ...]
) -> None:
    await half_filled(owner, timedelta(days=3))
    assert "接着填还是重新来" not in await owner.says(text, intent, *facts)
    assert owner.state.topic == "financing"


@pytest.mark.parametrize(
    ("text", "intent", "words"),
    [
        ("利息多少", "ask_rate", "年利率"),
        ("到哪一步了", "ask_progress", "没有在办"),
        ("谢谢", "thank", "不客气"),
    ],
)
async def test_another_wish_is_answered_and_leads_back(
    owner: Owner, text: str, intent: str, words: str
) -> None:
    await half_filled(owner, timedelta(days=1))
    reply = await owner.says(text, intent)
    assert words in reply
    assert reply.endswith(form.question(Field.TERM))


async def test_who_was_away_for_less_is_not_asked(owner: Owner) -> None:
    await half_filled(owner, pause.LONG - timedelta(seconds=1))
    assert "还是重新来" not in await owner.says("在吗", "greet")


async def test_asked_once_a_silence(owner: Owner) -> None:
    await half_filled(owner, pause.LONG)
    assert "还是重新来" in await owner.says("在吗", "greet")
    assert "还是重新来" not in await owner.says("在吗", "greet")


@pytest.mark.parametrize(
    ("later", "word"),
    [(timedelta(hours=12), "昨天"), (timedelta(hours=40), "前天"), (timedelta(days=9), "上次")],
)
async def test_the_day_as_people_call_it(owner: Owner, later: timedelta, word: str) -> None:
    await half_filled(owner, later)
    assert word in await owner.says("在吗", "greet")


async def test_the_summary_may_still_be_confirmed(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    owner.now += timedelta(days=1)
    assert "已为您发布" in await owner.says("确认", "affirm")


async def test_the_summary_comes_back_after_the_question(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    owner.now += timedelta(days=1)
    assert "还是重新来" in await owner.says("在吗", "greet")
    assert "请您核对" in await owner.says("1", FALLBACK)


async def test_yes_of_the_next_day_withdraws_nothing(owner: Owner) -> None:
    await owner.publishes()
    await owner.says("撤回", "withdraw_request")
    owner.now += timedelta(days=1)
    await owner.says("好的", "affirm")
    assert (await owner.request()).status == "published"


async def test_beginning_anew_in_a_replacement_still_replaces(owner: Owner) -> None:
    old = await owner.publishes()
    await owner.says("金额改成200万", "correct", ("amount", 2_000_000, "200万"))
    await owner.says("重新来", FALLBACK)
    assert (await owner.request()).replaces == old
