"""The trace: one id from what a person sent to all that came of it, in every log line and row on the way.

Random, so that it says nothing about anybody.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LENGTH = 32

_present: ContextVar[str | None] = ContextVar("trace", default=None)


def new() -> str:
    return secrets.token_hex(LENGTH // 2)


def current() -> str | None:
    """The id of what is being done now; None outside of anything that has one."""
    return _present.get()


@contextmanager
def bound(trace: str | None) -> Iterator[None]:
    """What happens inside, tasks begun there included, carries this id."""
    token = _present.set(trace)
    try:
        yield
    finally:
        _present.reset(token)
