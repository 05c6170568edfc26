"""A line of waiting tasks: one at a time, and of those who wait the lowest place first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class Line:
    """As `asyncio.Lock`, but ordered; those of equal place in the order in which they came."""

    def __init__(self) -> None:
        self._taken = False
        self._arrivals = count()
        self._waiting: list[tuple[str, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[None]:
        await self._enter(place)
        try:
            yield
        finally:
            self._next()

    async def _enter(self, place: str) -> None:
        if not self._taken:
            self._taken = True
            return
        called = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (place, next(self._arrivals), called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                # It was this one's turn already: pass it on.
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting:
            _, _, called = heappop(self._waiting)
            if not called.done():
                called.set_result(None)
                return
        self._taken = False
