"""Turns of this process: of those who want the same thing one goes on, the others wait in memory.

Before a row that is locked each would wait with a connection of its own in hand, and a crowd before one row
would leave none to anybody else.
"""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock for each name, for as long as somebody has it or waits for it; who came first is next."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())
