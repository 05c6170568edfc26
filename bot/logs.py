"""Structured logs: for people on a terminal, as JSON lines elsewhere; the libraries' own lines among them."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from bot import masking, tracebacks
from bot.sections import Log
from domain import trace

_PIPE = "rongqiao"


class _Pen:
    """Writes lines to standard error. Where nobody reads it any more, the service goes on unlogged."""

    def __init__(self, *_: Any) -> None:
        self.critical = self.error = self.warning = self.info = self.debug = self.msg

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is where lines are printed


class _LibraryPen(logging.Handler):
    """The same for what comes by `logging`."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _Pen().msg(self.format(record))
        except Exception:  # noqa: BLE001 - logging's own way; it may not stop who logs
            self.handleError(record)


def configure(log: Log) -> None:
    level = logging.getLevelNamesMapping()[log.level]
    console = sys.stderr.isatty() if log.format == "auto" else log.format == "console"
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tracebacks.render,
        masking.mask_event,
        renderer,
    ]
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Pen,
        cache_logger_on_first_use=False,
    )
    _take_in_libraries(chain, level)
    sys.excepthook = _last_words


def _with_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The id of what is being done, unless the line names another one."""
    if (present := trace.current()) is not None:
        event.setdefault("trace", present)
    return event


def _take_in_libraries(chain: list[Processor], level: int) -> None:
    """What libraries log, and Python's warnings, leave as lines like ours."""
    pipe = _LibraryPen()
    pipe.set_name(_PIPE)
    pipe.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name],
            processors=[ProcessorFormatter.remove_processors_meta, *chain],
        )
    )
    root = logging.getLogger()
    for former in [handler for handler in root.handlers if handler.get_name() == _PIPE]:
        root.removeHandler(former)
    root.addHandler(pipe)
    # Below INFO, libraries write what passes through them: statements with their parameters, bodies.
    root.setLevel(max(level, logging.INFO))
    # Alembic tells each step twice over; `bot.schema` says what came of it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # A line that cannot be formatted would be shown as it is, past the mask.
    logging.raiseExceptions = False


def _last_words(kind: type[BaseException], error: BaseException, stack: TracebackType | None) -> None:
    """What nobody caught ends the process as a line of the log."""
    structlog.get_logger(__name__).critical("crashed", exc_info=(kind, error, stack))
