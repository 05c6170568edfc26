"""What can go wrong inside the sandbox."""

from typing import Any


class SandboxError(Exception):
    """Somebody asks of the sandbox what WeChat would not let a person do."""


class ApiError(Exception):
    """WeChat's own refusal of an API call: HTTP 200 with `errcode` and `errmsg`."""

    def __init__(self, errcode: int, errmsg: str, **extra: Any) -> None:
        """`extra` are further fields of the answer, such as the id of the task that exists already."""
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.extra = extra


class BadReplyError(Exception):
    """The product's passive reply is one that WeChat would not show."""


class BadEnvelopeError(BadReplyError):
    """It cannot even be read: no XML, not encrypted, wrongly signed."""
