"""The log of a process, taken hold of for a test and given back."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog


@contextmanager
def given_back() -> Iterator[None]:
    """What `logs.configure` changes in the process is as before."""
    hook, level, handlers = sys.excepthook, logging.root.level, list(logging.root.handlers)
    loud = logging.raiseExceptions
    try:
        yield
    finally:
        structlog.reset_defaults()
        sys.excepthook = hook
        logging.captureWarnings(capture=False)
        logging.raiseExceptions = loud
        logging.root.setLevel(level)
        logging.root.handlers[:] = handlers


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines of the log so far; those of a test server's own access log left out."""
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [line for line in lines if line.get("logger") != "aiohttp.access"]
