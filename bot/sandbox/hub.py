"""Tells open pages and terminals what happens, as it happens."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_WAITING = 1000

News = tuple[str, Any]
"""Name of the event (`entry`, `person`, `typing`, `menu`, `violation`, …) and the record that it is about."""


class Hub:
    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[News | None]] = set()

    def tell(self, name: str, record: Any) -> None:
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait((name, record))

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[News | None]]:
        """A queue of news; None is its end."""
        queue: asyncio.Queue[News | None] = asyncio.Queue(_WAITING)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
