"""What can go wrong inside the sandbox."""


class SandboxError(Exception):
    """Somebody asks of the sandbox what WeChat would not let a person do."""


class ApiError(Exception):
    """WeChat's own refusal of an API call: HTTP 200 with `errcode` and `errmsg`."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


class BadReplyError(Exception):
    """The product's passive reply is one that WeChat would not show."""
