"""The errors of the business.

Refusal                 a rule forbids it; carries a sentence fit for the person who asked
├── ValueOutOfRange     a figure that no product could serve
├── NotAllowedNow       the request's state does not permit the step
└── NotFound            no such thing, or not this person's
StaleConversation       another message of the same person was committed first: load again
"""


class Refusal(Exception):
    """Something that a rule forbids; `sentence` is Chinese and may be shown to the person who asked."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ValueOutOfRange(Refusal):
    """A figure outside of what can be asked for; `field` is its name in the data format."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class NotAllowedNow(Refusal):
    """The step does not exist from the present state."""


class NotFound(Refusal):
    """There is no such thing, or the person may not know of it."""


class StaleConversation(Exception):
    """The conversation changed since it was loaded; nothing was written."""
