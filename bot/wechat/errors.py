"""What can go wrong between WeChat and us.

WeChatError
├── CallbackError            a callback that is refused; ``status`` is the HTTP answer
│   ├── Malformed            400
│   ├── BadSignature         403
│   ├── WrongApp             403
│   ├── Expired              403
│   ├── Replay               403
│   ├── TooLarge             413
│   └── UnsupportedMedia     415
├── OversizedReply           a passive reply longer than WeChat takes
└── CallFailed               a call to the platform; ``retryable``, ``outcome_unknown``, ``wait_s``
    ├── NetworkTrouble
    │   ├── NotSent          no connection came about: nothing has happened over there
    │   ├── TimedOut         sent, no answer in time
    │   ├── ConnectionLost   sent, the connection broke
    │   ├── BadAnswer        a 5xx, or an answer that is not the platform's JSON
    │   └── GatewayRefused   a 3xx or 4xx: something before the platform turned the call away
    └── ApiError             the platform's own ``errcode``; its kinds are in ``_KINDS`` below

Texts are for logs: English, without tokens, secrets, openids or message contents.
"""

import re
from typing import ClassVar

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]+")
_ERRMSG_CHARS = 200


class WeChatError(Exception):
    """Everything that this package raises."""


class CallbackError(WeChatError):
    """A callback that is refused with ``status``; ``reason`` is safe for logs and for the answer."""

    status: ClassVar[int]

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Malformed(CallbackError):
    status = 400


class BadSignature(CallbackError):
    status = 403


class WrongApp(CallbackError):
    status = 403


class Expired(CallbackError):
    status = 403


class Replay(CallbackError):
    status = 403


class TooLarge(CallbackError):
    status = 413


class UnsupportedMedia(CallbackError):
    status = 415


class OversizedReply(WeChatError):
    """A passive reply over the limit: WeChat would show the user a fault notice in its place."""


class CallFailed(WeChatError):
    """A call to the platform failed.

    ``retryable``: the very same call can succeed later, and cannot have happened yet.
    ``outcome_unknown``: it may have happened; only the caller knows whether twice is worse than never.
    ``wait_s``: shortest sensible wait in seconds before a retry.
    """

    retryable: ClassVar[bool] = False
    outcome_unknown: ClassVar[bool] = False
    wait_s: ClassVar[int] = 0

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class NetworkTrouble(CallFailed):
    """The platform did not answer in its own words."""


class NotSent(NetworkTrouble):
    retryable = True
    wait_s = 1


class TimedOut(NetworkTrouble):
    outcome_unknown = True
    wait_s = 1


class ConnectionLost(NetworkTrouble):
    outcome_unknown = True
    wait_s = 1


class BadAnswer(NetworkTrouble):
    outcome_unknown = True
    wait_s = 1


class GatewayRefused(NetworkTrouble):
    pass


class ApiError(CallFailed):
    """The platform answered with an ``errcode`` that has no kind of its own, or is of a kind below."""

    def __init__(self, errcode: int, errmsg: str, path: str) -> None:
        clean = _UNPRINTABLE.sub(" ", errmsg)[:_ERRMSG_CHARS]
        super().__init__(path, f"errcode {errcode}, {clean}")
        self.errcode = errcode
        self.errmsg = clean


class TokenInvalid(ApiError):
    """The access token is not, or no longer, valid."""

    retryable = True
    wait_s = 30


class Busy(ApiError):
    retryable = True
    wait_s = 1


class RateLimited(ApiError):
    """Too many calls in this minute."""

    retryable = True
    wait_s = 60


class QuotaExhausted(ApiError):
    """The day's calls are used up; the count starts anew at midnight, Beijing time."""

    retryable = True
    wait_s = 3600


class ConcurrentSend(ApiError):
    """Another message to the same person was being sent at that moment."""

    retryable = True
    wait_s = 1


class AccountMisconfigured(ApiError):
    """App id, secret or the whitelist of addresses is wrong: an operator has to act."""


class NotPermitted(ApiError):
    """The account has no right to this call, or it was banned from it."""


class WindowClosed(ApiError):
    """The person has not written for too long, or has unfollowed: no customer message is allowed."""


class CountUsedUp(ApiError):
    """All customer messages that the person's last action allowed are sent."""


class NotFollower(ApiError):
    pass


class UserBlocked(ApiError):
    """The person blocks the account, or the account the person."""


class BadOpenid(ApiError):
    pass


class BadTemplate(ApiError):
    """The template id is unknown to this account."""


class BadTemplateData(ApiError):
    """A template's field is missing or breaks the rules of its type; ``errmsg`` names it."""


class BadTemplateLink(ApiError):
    """The page that the message should lead to is not accepted."""


class ContentTooLong(ApiError):
    pass


class ContentRefused(ApiError):
    """Sensitive words in it."""


class Refused(ApiError):
    """The person refuses this kind of message, or has not granted it."""


class TypingNotNow(ApiError):
    """The typing sign is shown already, or the person's last action is over 30 seconds old."""


_KINDS: dict[int, type[ApiError]] = {
    -1: Busy,
    40001: TokenInvalid,
    40014: TokenInvalid,
    42001: TokenInvalid,
    40003: BadOpenid,
    40013: AccountMisconfigured,
    40125: AccountMisconfigured,
    40164: AccountMisconfigured,
    40243: AccountMisconfigured,
    40037: BadTemplate,
    41030: BadTemplateLink,
    43004: NotFollower,
    43019: UserBlocked,
    43101: Refused,
    43107: NotPermitted,
    43108: ConcurrentSend,
    45002: ContentTooLong,
    45009: QuotaExhausted,
    45011: RateLimited,
    45015: WindowClosed,
    45047: CountUsedUp,
    45080: TypingNotNow,
    45081: TypingNotNow,
    45168: ContentRefused,
    47003: BadTemplateData,
    48001: NotPermitted,
    48002: UserBlocked,
}


def api_error(errcode: int, errmsg: str, path: str) -> ApiError:
    """The error of the kind that ``errcode`` stands for."""
    return _KINDS.get(errcode, ApiError)(errcode, errmsg, path)
