"""What a provider of identity checks is, and how it may fail.

ProviderFailed        ``sentence`` is for the person who waits, the error's own text for the log
├── Throttled         too many calls in this moment; ``retryable``
├── Unreachable       no answer in time, no connection, trouble of the provider's own; ``retryable``
├── Refused           the provider will not do it: a fault of the account or of the program
│   └── BadInput      of what the person wrote; it counts as a try
└── Expired           the token's time is over
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from domain.identity.verifications import Person


class ProviderFailed(Exception):
    """No result; `code` is the provider's own, `request_id` its number for the call, for its support."""

    retryable: ClassVar[bool] = False
    sentence: ClassVar[str]

    def __init__(self, reason: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.request_id = request_id


class Throttled(ProviderFailed):
    retryable = True
    sentence = "现在做认证的人比较多，请过一两分钟再试。"


class Unreachable(ProviderFailed):
    retryable = True
    sentence = "认证服务暂时没有回应，请过几分钟再试；您填的内容不会丢。"


class Refused(ProviderFailed):
    sentence = "认证服务暂时不能用，我们已经在处理。您也可以改用上传材料的方式。"


class BadInput(Refused):
    sentence = "姓名或身份证号没有被认证服务接受，请对照身份证检查一遍。"


class Expired(ProviderFailed):
    sentence = "这次认证的时间已过，请重新开始。"


class Verdict(StrEnum):
    """`pending`: the person has not done it yet, or is doing it; `abandoned`: he said that he will not."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Begun:
    """`url` is where the person goes; `token` names the try to the provider, until `expires_at`."""

    url: str
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` is Chinese, for the person; `code` is the provider's; `evidence` its number of the answer."""

    verdict: Verdict
    reason: str = ""
    code: str = ""
    evidence: str = ""
    similarity: float | None = None


class IdentityProvider(Protocol):
    """Checks who a person is; keeps no state of its own, so that any replica may go on with a try."""

    @property
    def name(self) -> str:
        """At most 16 characters; stored with each try, and never given to another provider."""

    @property
    def needs_face(self) -> bool:
        """Whether the person must have agreed to the use of his face."""

    async def begin(self, person: Person, redirect_url: str, *, reference: str, now: datetime) -> Begun:
        """Open a try; afterwards the person is sent to `redirect_url`. `reference` is our id of it.

        Raises:
            ProviderFailed: nothing was begun.
        """

    async def finish(self, token: str, person: Person) -> Outcome:
        """The result as the provider knows it now; asking twice does no harm.

        Raises:
            ProviderFailed: it is not known what the result is.
        """
