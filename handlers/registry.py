"""Which topic answers what: by the state of the conversation first, else by intent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers import (
    account,
    beginning,
    claims,
    consents,
    control,
    difficulty,
    equity,
    financing,
    listing,
    policies,
    product_wish,
    products,
    progress,
    rating,
    renewing,
    services,
    small_talk,
    withdrawing,
)
from handlers.turn import Outcome, Topic, Turn
from nlu.understanding import FALLBACK

Handler = Callable[[Turn], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class OpenTopic:
    """A topic that stays open over several messages.

    `takes` says whether a message belongs to it, `prompt` leads back to it after something in between.
    """

    takes: Callable[[Turn], Awaitable[bool]]
    go_on: Handler
    prompt: Handler


TOPICS: dict[Topic, OpenTopic] = {
    "financing": OpenTopic(financing.takes, financing.go_on, financing.prompt),
    "withdrawing": OpenTopic(withdrawing.takes, withdrawing.go_on, withdrawing.prompt),
    "renewing": OpenTopic(renewing.takes, renewing.go_on, renewing.prompt),
    "reporting": OpenTopic(difficulty.takes, difficulty.go_on, difficulty.prompt),
    "equity": OpenTopic(equity.takes, equity.go_on, equity.prompt),
}

INTENTS: dict[str, Handler] = {
    "apply_financing": financing.start,
    "inform": financing.start_or_add,
    "correct": financing.start_or_add,
    "apply_product": product_wish.apply_product,
    "ask_products": products.ask_products,
    "ask_rate": products.ask_rate,
    "ask_requirements": products.ask_requirements,
    "ask_policy": policies.ask_policy,
    "apply_policy": claims.apply_policy,
    "ask_progress": progress.ask_progress,
    "withdraw_request": withdrawing.withdraw,
    "renew_loan": renewing.start,
    "report_difficulty": difficulty.start,
    "rate_service": rating.rate_service,
    "help": small_talk.show_help,
    "greet": small_talk.greet,
    "goodbye": small_talk.goodbye,
    "thank": small_talk.thank,
    "ask_human_or_bot": small_talk.human_or_bot,
    "affirm": small_talk.nothing_asked,
    "deny": small_talk.nothing_asked,
    "cancel": small_talk.nothing_asked,
    "back": small_talk.nothing_asked,
    "skip": small_talk.nothing_asked,
    FALLBACK: small_talk.not_understood,
    "register_company": account.register_company,
    "verify_identity": account.verify_identity,
    "ask_credit": account.ask_credit,
    "grant_authorization": consents.grant,
    "revoke_authorization": consents.revoke,
    "ask_authorizations": consents.ask,
    "equity_financing": equity.start,
    **services.ANSWERS,
}

# What steering words say beyond the model's intents; whatever topic is open.
STEERING: dict[str, Handler] = {
    control.REPEAT: small_talk.repeat,
    control.MORE: listing.more,
    control.START_OVER: beginning.start_over,
}
