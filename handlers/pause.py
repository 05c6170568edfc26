"""After a long silence nobody knows what the last question was: first it is asked whether to go on."""

from dataclasses import replace
from datetime import timedelta

from domain.base import SHANGHAI
from handlers import asking, control, form, short_answers
from handlers.control import START_OVER
from handlers.turn import Choice, Outcome, State, Turn
from nlu.understanding import FALLBACK

LONG = timedelta(hours=12)
"""From this silence on, a message need not be meant for what stood before."""

# What answers nothing and wishes nothing of its own; all else is handled as ever.
_VAGUE = frozenset({"greet", "affirm", "deny", "apply_financing", "inform", FALLBACK})
# Of these topics the last question is whether to do it.
_TAKE_EFFECT = frozenset({"withdrawing", "renewing", "reporting"})
_GO_ON = "接着填"
_DAYS = {0: "今天早些时候", 1: "昨天", 2: "前天"}


def long_silence(turn: Turn) -> bool:
    at = turn.state.memory.at
    return at is not None and turn.now - at >= LONG


def lapsed(turn: Turn) -> Turn:
    """A question whose answer takes effect at once lapses: 「好的」 of the next day withdraws nothing.

    So does what was told with questions: the next day's wish may be another.
    """
    if not long_silence(turn):
        return turn
    state = turn.state
    if state.topic in _TAKE_EFFECT:
        state = state.interrupted or State(request_id=state.request_id)
    memory = turn.state.memory.model_copy(update={"told": None})
    return replace(turn, state=state.model_copy(update={"memory": memory}))


async def question(turn: Turn) -> Outcome | None:
    """Whether to go on with the form; None where the message says by itself what it wants."""
    if turn.state.topic != "financing" or not long_silence(turn) or _clear(turn):
        return None
    draft = await asking.draft_of(turn)
    if draft is None:
        return None
    known = form.brief(draft.need)
    greeting = "您好！" if turn.intent == "greet" else ""
    reply = (
        f"{greeting}{_when(turn)}填到一半的融资需求{f'（{known}）' if known else ''}还在，接着填还是重新来？"
    )
    choices = (Choice(_GO_ON, "apply_financing", text=_GO_ON), Choice("重新来", START_OVER))
    return Outcome(reply, turn.state, choices=choices)


def _clear(turn: Turn) -> bool:
    if turn.intent not in _VAGUE or control.goes_on(turn.text):
        return True
    if turn.state.confirming and control.plain_yes(turn.understanding):
        return True
    answered = short_answers.hear(turn.understanding, turn.state.asking)
    return bool(answered) or short_answers.leaves_open(turn.text) or short_answers.unknown(turn.text)


def _when(turn: Turn) -> str:
    """The day of the last message, as people in China call it today."""
    at = turn.state.memory.at or turn.now
    days = (turn.now.astimezone(SHANGHAI).date() - at.astimezone(SHANGHAI).date()).days
    return _DAYS.get(days, "上次")
