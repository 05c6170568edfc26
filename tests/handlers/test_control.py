"""Short words that steer mean what they say, whatever the model makes of them."""

import pytest

from handlers import control
from nlu.understanding import FALLBACK, Intent, Understanding
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, Owner, understood


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("确认", "affirm"),
        ("确认。", "affirm"),
        (" 好 的 ！", "affirm"),
        ("OK", "affirm"),
        ("确人", "affirm"),
        ("好的👌", "affirm"),
        ("就这样", "affirm"),
        ("不", "deny"),
        ("不用……", "deny"),
        ("算了", "cancel"),
        ("取消", "cancel"),
        ("上一步", "back"),
        ("跳过", "skip"),
        ("不知道", "skip"),
        ("继续", "apply_financing"),
        ("帮助", "help"),
        ("转人工", "talk_to_adviser"),
    ],
)
def test_a_steering_word_overrules_the_model(text: str, intent: str) -> None:
    misread = understood(text, "complain", confidence=0.99)
    read = control.refine(misread)
    assert read.intent == Intent(intent, 1.0)
    assert read.ranking[0] == read.intent
    assert Intent("complain", 0.99) in read.ranking
    assert read.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。",
        "不贷了",
        "不是50万是80万",
        "好的，80万",
        "取消授权",
        "确认一下利息多少",
        "继续贷50万",
        "人工智能公司",
    ],
)
def test_a_sentence_stays_with_the_model(text: str) -> None:
    sentence = understood(text, "inform", confidence=0.4)
    assert control.refine(sentence) is sentence


def test_what_was_not_understood_is_not_kept_as_a_runner_up() -> None:
    lost = Intent(FALLBACK, 0.8)
    again = Intent("affirm", 0.1)
    read = control.refine(Understanding("确认", lost, (lost, again), (), "rasa"))
    assert read.ranking == (Intent("affirm", 1.0),)


async def test_the_dialogue_listens_to_them(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "已为您发布" in await owner.says("没问题！", "complain", confidence=0.99)


async def test_a_revoked_authorization_is_no_cancel(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    assert "没有有效的授权" in await owner.says("取消授权", "revoke_authorization")
    assert owner.state.topic == "financing"
