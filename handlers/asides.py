"""Two wishes in one sentence: the one that moves things forward is followed, the other gets its line."""

import re
from collections.abc import Callable
from dataclasses import replace

from handlers import offers, progress, reference
from handlers.turn import Outcome, Turn
from matching.results import MatchResult

_FORWARD = frozenset({"apply_financing", "apply_product", "inform", "correct"})
_MATERIALS_SHOWN = 4

_Line = Callable[[MatchResult], str]


def _rates(result: MatchResult) -> str:
    rates = offers.rate_range(match.product for match in result.products)
    return f"您问的利息：目前能对上的产品年利率在{rates}，以银行审批为准。" if rates else ""


def _materials(result: MatchResult) -> str:
    said = dict.fromkeys(material for match in result.products for material in match.product.materials)
    names = "、".join(list(said)[:_MATERIALS_SHOWN])
    return f"您问的材料：一般先备好{names}。" if names else ""


def _support(result: MatchResult) -> str:
    titles = [match.policy.title for match in result.policies]
    return f"您问的政策：可以留意「{titles[0]}」，想细看就问「有什么补贴」。" if titles else ""


def _time(_: MatchResult) -> str:
    return progress.USUAL_TIME


_QUESTIONS: tuple[tuple[re.Pattern[str], _Line], ...] = (
    (
        re.compile(
            r"(?:利[息率]|年化|费用|手续费).{0,6}(?:多少|几|怎么|咋|高不高|要不要)|(?:多少|几|啥)个?(?:点|利息)"
        ),
        _rates,
    ),
    (re.compile(r"(?:什么|哪些|啥).{0,4}(?:条件|材料|资料|手续)"), _materials),
    (
        re.compile(r"(?:有没有|有什么|有啥|能不能).{0,6}(?:补贴|贴息|政策|奖励)|(?:补贴|贴息)(?:吗|么|没)"),
        _support,
    ),
    (re.compile(r"(?:多久|几天|什么时候).{0,6}(?:放款|下来|下款|到账|批|能好)"), _time),
)


async def added(turn: Turn, outcome: Outcome, *, taken: bool) -> Outcome:
    """The outcome with a line above it for each question that the message also asks.

    `taken`: the open topic took the message for an answer, so that what it asks is still to be said.
    """
    asked = [line for pattern, line in _QUESTIONS if pattern.search(turn.text)]
    if (
        not (turn.intent in _FORWARD or (taken and turn.intent in reference.QUESTIONS))
        or not asked
        or outcome.listing
    ):
        return outcome
    request = await offers.current_request(replace(turn, state=outcome.state))
    if request is None:
        return outcome
    result = await offers.match_request(turn, request)
    lines = [said for line in asked if (said := line(result))]
    return replace(outcome, reply="\n".join([*lines, outcome.reply]))
