"""One message to one answer: the open topic first, then whoever answers the intent, then back again."""

from dataclasses import replace

from handlers import (
    asides,
    asking,
    choices,
    claims,
    clarifying,
    control,
    doubt,
    equity,
    form,
    pause,
    reference,
    trust,
    within,
)
from handlers.registry import INTENTS, STEERING, TOPICS, Handler
from handlers.small_talk import expired_choice, no_commands, not_understood
from handlers.turn import Memory, Outcome, Turn

_OF_SUMMARY = "这是准备发布的融资需求：您确认后银行才看得到，会来联系您；确认前随时能改。"


async def respond(turn: Turn) -> Outcome:
    """The answer to a message.

    Raises:
        Refusal: a rule forbids what was asked; the sentence is the answer, what was written must go.
    """
    turn = pause.lapsed(turn)
    turn = replace(turn, understanding=control.refine(turn.understanding))
    turn = claims.meant(equity.meant(within.applying(reference.read(choices.resolved(turn)))))
    return _remembering(turn, await _answer(turn))


async def _answer(turn: Turn) -> Outcome:
    if turn.text.startswith("/"):
        return await _in_between(turn, no_commands)
    if turn.intent == choices.EXPIRED:
        return await _in_between(turn, expired_choice)
    if steering := STEERING.get(turn.intent):
        return await steering(turn)
    if explained := await _explained(turn):
        return explained
    if asked := await pause.question(turn):
        return asked
    taken = turn.state.topic is not None and await TOPICS[turn.state.topic].takes(turn)
    if turn.state.topic and taken:
        outcome = await _led_back(turn, await TOPICS[turn.state.topic].go_on(turn))
    else:
        outcome = doubt.question(turn) or await _in_between(turn, INTENTS.get(turn.intent, not_understood))
    return await asides.added(turn, outcome, taken=taken)


async def _explained(turn: Turn) -> Outcome | None:
    """「什么意思」「刷脸安全吗」: what is asked about, and the question that stands once more."""
    explanation = clarifying.of_term(turn.text) or trust.answer(turn)
    draft = await asking.draft_of(turn) if turn.state.topic == "financing" else None
    if not explanation and draft and clarifying.of_question(turn.text):
        explanation = clarifying.question(turn.state.asking) if turn.state.asking else _OF_SUMMARY
    if not explanation:
        return None
    return asking.asked(turn, draft, explanation) if draft else Outcome(explanation, turn.state)


async def _in_between(turn: Turn, handler: Handler) -> Outcome:
    """What others answer; if they left the state alone, the open topic's question follows below."""
    outcome = await handler(turn)
    topic = TOPICS[turn.state.topic] if turn.state.topic else None
    if topic is None or outcome.choices or not outcome.state.same_place(turn.state):
        return outcome
    return _below(outcome, await topic.prompt(turn))


async def _led_back(turn: Turn, outcome: Outcome) -> Outcome:
    """A topic that is done with leads back to the one that it interrupted."""
    interrupted = turn.state.interrupted
    if interrupted is None or interrupted.topic is None or not outcome.state.same_place(interrupted):
        return outcome
    return _below(outcome, await TOPICS[interrupted.topic].prompt(replace(turn, state=interrupted)))


def _below(outcome: Outcome, prompt: Outcome) -> Outcome:
    # Two numbered lists in one message would leave it open which of them a number means.
    picks = () if outcome.listing else prompt.choices
    return replace(outcome, reply=f"{outcome.reply}\n\n{prompt.reply}", choices=picks)


def _remembering(turn: Turn, outcome: Outcome) -> Outcome:
    """What the next message may refer to, and how often it was asked for what is missing."""
    before, state = turn.state.memory, outcome.state
    memory = Memory(
        at=turn.now,
        said=outcome.reply,
        asked=_times_asked(turn, outcome),
        choices=outcome.choices,
        serial=before.serial + bool(outcome.choices),
        listing=outcome.listing or before.listing,
        about=outcome.about or before.about,
        question=turn.intent if turn.intent in reference.QUESTIONS else None,
        told=None if state.request_id else within.kept(turn),
    )
    again = state.misunderstood > turn.state.misunderstood
    update = {"memory": memory, "misunderstood": state.misunderstood if again else 0}
    interrupted = state.interrupted
    if interrupted is not None:
        update["interrupted"] = interrupted.model_copy(update={"memory": Memory()})
    return replace(outcome, state=state.model_copy(update=update))


def _times_asked(turn: Turn, outcome: Outcome) -> int:
    question = form.standing(outcome.state)
    if not question or question not in outcome.reply:
        return 0
    same = question == form.standing(turn.state) and not outcome.asks_anew
    return turn.state.memory.asked + 1 if same else 1
