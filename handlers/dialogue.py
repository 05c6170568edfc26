"""One message to one answer: the open topic first, then whoever answers the intent, then back again."""

from dataclasses import replace

from handlers import control
from handlers.registry import INTENTS, TOPICS
from handlers.small_talk import no_commands, not_understood
from handlers.turn import Outcome, Turn


async def respond(turn: Turn) -> Outcome:
    """The answer to a message.

    Raises:
        Refusal: a rule forbids what was asked; the sentence is the answer, what was written must go.
    """
    turn = replace(turn, understanding=control.refine(turn.understanding))
    command = turn.text.startswith("/")
    handler = no_commands if command else INTENTS.get(turn.intent, not_understood)
    if turn.state.topic is None:
        return await handler(turn)
    topic = TOPICS[turn.state.topic]
    if not command and await topic.takes(turn):
        return await topic.go_on(turn)
    outcome = await handler(turn)
    if outcome.state != turn.state:
        return outcome
    return Outcome(f"{outcome.reply}\n\n{await topic.prompt(turn)}", outcome.state)
