"""Every intent has its answer, every answer is honest and fits into one message."""

import re
from typing import Any, get_args

import pytest
import yaml

from bot.sections import PROJECT
from handlers.registry import INTENTS, TOPICS
from handlers.small_talk import WELCOME
from handlers.turn import Field, State, Topic
from nlu.understanding import FALLBACK
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, ONE_MESSAGE_BYTES, Owner

MODEL: dict[str, Any] = yaml.safe_load((PROJECT / "nlu" / "rasa" / "domain.yml").read_text("utf-8"))
NAMES: list[str] = MODEL["intents"]

# What would be a promise that nothing here keeps.
UNKEPT = re.compile(
    r"已(?:经)?(?:为您|帮您|给您)?(?:转接|转人工|预约|登记|订阅|退订|记录投诉|受理|授权|撤销|申报|认证|注册)"
    r"|(?:顾问|客服|专员|工作人员).{0,6}(?:会|将|马上|稍后).{0,6}(?:联系|回电|致电|给您打)"
    r"|(?:一定|保证|肯定|包).{0,3}(?:批|下款|放款|通过)"
)
# What the service cannot do is said, not passed over.
CANNOT = re.compile(r"还?没有(?:开通|上线|保存|您的)|还不能|不能直接|不会|记不上|要和原来")
NOT_YET = [
    "talk_to_adviser",
    "schedule_contact",
    "complain",
    "subscribe_notices",
    "apply_policy",
]


def test_the_model_and_the_dialogue_know_the_same_intents() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert set(INTENTS) == set(NAMES)


def test_every_topic_that_a_state_can_name_has_somebody() -> None:
    assert set(TOPICS) == set(get_args(Topic))


@pytest.mark.parametrize("intent", NAMES)
async def test_every_intent_is_answered_whatever_stands(owner: Owner, intent: str) -> None:
    """`Owner` checks that each answer fits into a message and that the state can be kept."""
    for talk in ("nothing", "form", "summary", "published", "withdrawing", "renewing", "reporting"):
        owner.kept = "{}"
        if talk == "form":
            await owner.says("想贷120万", "apply_financing", AMOUNT)
        if talk == "summary":
            await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
        if talk in {"published", "withdrawing"}:
            await owner.publishes()
        if talk == "withdrawing":
            await owner.says("撤回", "withdraw_request")
        if talk == "renewing":
            await owner.says("农行那笔想续", "renew_loan")
        if talk == "reporting":
            await owner.says("还不上了", "report_difficulty")
        assert not UNKEPT.search(await owner.says("……", intent))


@pytest.mark.parametrize("intent", NAMES)
async def test_every_menu_key_is_answered(owner: Owner, intent: str) -> None:
    assert not UNKEPT.search(await owner.presses(intent))


@pytest.mark.parametrize("intent", NOT_YET)
async def test_what_cannot_be_done_here_is_said(owner: Owner, intent: str) -> None:
    assert CANNOT.search(await owner.says("……", intent))


async def test_an_intent_that_nobody_knows_is_not_understood(owner: Owner) -> None:
    assert "没听明白" in await owner.says("……", "order_pizza")
    assert "没听明白" in await owner.says("今天天气怎么样", FALLBACK)


async def test_the_bot_says_that_it_is_one(owner: Owner) -> None:
    assert "不是真人" in await owner.says("你是机器人吗", "ask_human_or_bot")


def test_the_greeting_of_new_followers_fits() -> None:
    assert len(WELCOME.encode()) <= ONE_MESSAGE_BYTES
    assert not UNKEPT.search(WELCOME)


def test_a_state_of_an_older_release_is_still_read() -> None:
    state = State.model_validate({"topic": "financing", "asking": "term", "answered": ["amount"], "gone": 1})
    assert (state.asking, state.answered) == (Field.TERM, (Field.AMOUNT,))
