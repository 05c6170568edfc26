"""Stack traces for the log: where and what kind, without what a person wrote.

A message of Python's or of a library's may quote its input («invalid literal: '…'», a row that is there
already); only what our own errors say is made for logs.
"""

import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

from sqlalchemy.exc import DBAPIError

from bot.sections import PROJECT

_OURS = ("bot.", "domain.", "handlers.", "matching.", "nlu.", "notify.")
_MOST_FRAMES = 30
_DEEPEST = 5


def render(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: `exc_info` becomes `exception`, a text of lines."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = _error_of(given)
    if error is not None:
        event["exception"] = "\n".join(_lines(error))
    return event


def _error_of(given: Any) -> BaseException | None:
    match given:
        case BaseException():
            return given
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exception()
        case _:
            return None


def _lines(error: BaseException, depth: int = 0) -> Iterator[str]:
    """The error, where it was raised, then what lies behind it."""
    yield _named(error)
    for frame in traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]:
        yield f"  {_place(frame.filename)}:{frame.lineno} {frame.name}"
    if depth == _DEEPEST:
        return
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _lines(inner, depth + 1)
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        yield "because of"
        yield from _lines(behind, depth + 1)


def _named(error: BaseException) -> str:
    says = _says(error)
    return f"{type(error).__qualname__}: {says}" if says else type(error).__qualname__


def _says(error: BaseException) -> str:
    """What is certain to hold nothing of a person's."""
    match error:
        case _ if type(error).__module__.startswith(_OURS):
            return " ".join(str(error).split())
        case DBAPIError():
            return of_driver(error)
        case OSError(strerror=str(reason)):
            return reason
        case AttributeError() | NameError() | ImportError():
            # Names in the code.
            return str(error)
        case _:
            return ""


def of_driver(error: DBAPIError) -> str:
    """What the database's driver calls it, with its code; its text would quote the row."""
    driver = error.orig
    if driver is None:
        return type(error).__qualname__
    code = getattr(driver, "sqlstate", None) or getattr(driver, "sqlite_errorname", None)
    # asyncpg's own error lies behind the one that SQLAlchemy makes of it.
    return " ".join(filter(None, (type(driver.__cause__ or driver).__qualname__, code)))


def _place(file: str) -> str:
    """The file from the project's root: nobody needs to know where that lies."""
    return file.removeprefix(f"{PROJECT}/")
