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
    ├── InvalidArgument      not called: an argument breaks a limit of the platform; ``field`` names it
    ├── NetworkTrouble       the platform did not answer in its own words
    │   ├── NotSent          surely not sent: no connection came about
    │   │   └── CircuitOpen  not even tried, after too many failures in a row
    │   ├── TimedOut         may have been sent: no answer in time
    │   ├── ConnectionLost   may have been sent: the connection broke, or the answer did in its middle
    │   ├── BadAnswer        may have been sent: a 5xx, or an answer that is not the platform's JSON
    │   ├── TooMuchData      a download over the caller's limit
    │   └── GatewayRefused   a 3xx or 4xx: something before the platform turned the call away
    └── ApiError             the platform's own ``errcode``; a code without a kind of its own is just this
        ├── TryLater         TokenInvalid, Busy, RateLimited, QuotaExhausted, ConcurrentSend, …
        ├── AccountMisconfigured · NotPermitted            an operator has to act
        ├── Undeliverable    this person cannot get this message: NotFollower, WindowClosed, Refused, …
        ├── BadCall · BadContent                           what was sent is wrong
        ├── TemplateError · MassError · TagError · MenuError · LoginError
        └── CustomerServiceError · PublishError · QuotaQueryError

The kinds below ``ApiError`` are in ``refusals``, each with its ``remedy``; ``errcodes`` says which code is
which.
Texts are for logs: English, without tokens, secrets, openids or message contents.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]+")
_ERRMSG_CHARS = 200
# Long enough for an openid, a code or a token, and with what no word of an error message has in it.
_PRIVATE = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z\d])[\w-]{24,}")
_RID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")
NOTHING: Mapping[str, Any] = MappingProxyType({})


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
    wait_s: int = 0

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class InvalidArgument(CallFailed):
    """The platform would refuse this value, so it was not asked; says the limit, never the value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.path = ""
        self.field = field
        self.reason = reason


class NetworkTrouble(CallFailed):
    """The platform did not answer in its own words; ``outage`` counts against the circuit breaker."""

    outage: ClassVar[bool] = True


class NotSent(NetworkTrouble):
    retryable = True
    wait_s = 1


class CircuitOpen(NotSent):
    outage = False
    wait_s = 5


class TimedOut(NetworkTrouble):
    outcome_unknown = True
    wait_s = 1


class ConnectionLost(NetworkTrouble):
    outcome_unknown = True
    wait_s = 1


class BadAnswer(NetworkTrouble):
    outcome_unknown = True
    wait_s = 1


class TooMuchData(NetworkTrouble):
    outage = False


class GatewayRefused(NetworkTrouble):
    outage = False


class ApiError(CallFailed):
    """The platform refused with an ``errcode``; ``answer`` is all it said, not for logs."""

    remedy: ClassVar[str] = "Look the code up in WeChat's list of return codes; ask rid/get about the call."

    def __init__(self, errcode: int, errmsg: str, path: str, answer: Mapping[str, Any] = NOTHING) -> None:
        clean = _without_private(_UNPRINTABLE.sub(" ", errmsg))[:_ERRMSG_CHARS]
        super().__init__(path, f"errcode {errcode}, {clean}")
        self.errcode = errcode
        self.errmsg = clean
        self.answer = answer

    @property
    def rid(self) -> str | None:
        """The platform's number for this call, for `Quota.request_info`."""
        found = _RID.search(self.errmsg)
        return found[0] if found else None


def _without_private(errmsg: str) -> str:
    """WeChat quotes openids, codes and tokens in some messages; its own request id stays."""
    return _PRIVATE.sub(lambda found: found[0] if _RID.fullmatch(found[0]) else "…", errmsg)
