"""Rules of customer messages: what a person's last act allows, how many and for how long."""

from dataclasses import dataclass
from enum import Enum

from bot.sandbox.errors import ApiError

TYPING_NEEDS_ACT_WITHIN = 30.0
TYPING_LASTS = 15.0


class Trigger(Enum):
    """An act of a person, with the count of messages it allows and its window in seconds."""

    MESSAGE = ("message", 5, 48 * 3600.0)
    MENU = ("menu", 3, 60.0)
    FOLLOW = ("follow", 3, 60.0)
    SCAN = ("scan", 3, 60.0)
    PAYMENT = ("payment", 10**9, 48 * 3600.0)

    def __init__(self, label: str, count: int, window: float) -> None:
        self.label = label
        self.count = count
        self.window = window


@dataclass
class ServiceQuota:
    """The quota of one person. A new act replaces what was left of the last one.

    WeChat says that quotas do not add up and is silent on a long window followed by a short one; the sandbox
    takes the stricter reading, so a product that lives with it lives with the other too.
    """

    trigger: Trigger | None = None
    since: float = 0.0
    used: int = 0
    typing_until: float = 0.0

    def open(self, trigger: Trigger, now: float) -> None:
        self.trigger, self.since, self.used = trigger, now, 0

    def close(self) -> None:
        self.trigger = None
        self.typing_until = 0.0

    def check(self, now: float) -> None:
        """Raise what WeChat would answer to one more message."""
        if self.trigger is None or now - self.since > self.trigger.window:
            raise ApiError(45015, "response out of time limit or subscription is canceled")
        if self.used >= self.trigger.count:
            raise ApiError(45047, "out of response count limit")

    def spend(self) -> None:
        self.used += 1
        self.typing_until = 0.0

    def type(self, command: str, now: float) -> None:
        """Show or hide 「对方正在输入」."""
        if command not in {"Typing", "CancelTyping"}:
            raise ApiError(45072, "invalid command")
        if self.trigger is None or now - self.since > TYPING_NEEDS_ACT_WITHIN:
            raise ApiError(45080, "client typing without interaction in 30 seconds")
        if command == "CancelTyping":
            self.typing_until = 0.0
            return
        if now < self.typing_until:
            raise ApiError(45081, "already typing")
        self.typing_until = now + TYPING_LASTS
