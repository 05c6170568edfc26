"""One message to one answer: the open topic first, then whoever answers the intent, then back again."""

from dataclasses import replace

from domain.errors import Refusal
from handlers import control
from handlers.registry import INTENTS, TOPICS
from handlers.small_talk import not_understood
from handlers.turn import Outcome, Turn


async def respond(turn: Turn) -> Outcome:
    """The answer to a message; what a rule refuses is answered with its sentence and changes nothing."""
    turn = replace(turn, understanding=control.refine(turn.understanding))
    try:
        async with turn.session.begin_nested():
            return await _respond(turn)
    except Refusal as refusal:
        return Outcome(refusal.sentence, turn.state)


async def _respond(turn: Turn) -> Outcome:
    handler = INTENTS.get(turn.intent, not_understood)
    if turn.state.topic is None:
        return await handler(turn)
    topic = TOPICS[turn.state.topic]
    if await topic.takes(turn):
        return await topic.go_on(turn)
    outcome = await handler(turn)
    if outcome.state != turn.state:
        return outcome
    return Outcome(f"{outcome.reply}\n\n{await topic.prompt(turn)}", outcome.state)
