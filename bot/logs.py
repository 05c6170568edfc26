"""Structured logs: for people on a terminal, as JSON lines elsewhere; personal figures are masked."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from bot.config import Log

# ID numbers, phones, credit codes and bank cards: digits in a row that no log needs.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{7,17}[0-9Xx]{4}|1\d{2}[- ]\d{4}[- ]\d{4}|[0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Za-z])"
)


def configure(log: Log) -> None:
    console = sys.stderr.isatty() if log.format == "auto" else log.format == "console"
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[log.level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _masked(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key != "timestamp":
            event[key] = _mask(value)
    return event


def _mask(value: Any) -> Any:
    """The value with personal figures masked, however deep they lie."""
    match value:
        case str():
            return _PERSONAL.sub(_hidden, value)
        case bool():
            return value
        case int():
            masked = _PERSONAL.sub(_hidden, str(value))
            return value if masked == str(value) else masked
        case Mapping():
            return {name: _mask(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_mask(inner) for inner in value]
        case _:
            return value


def _hidden(figure: re.Match[str]) -> str:
    return f"{figure[0][:3]}****{figure[0][-4:]}"
