"""A circuit breaker: who fails again and again is left alone for a while, then tried with one call at a time.

Own code, because it is one counter and one clock: the libraries for asyncio bring storages, listeners and
event buses, and the state here is per process by intent.
"""

import time
from collections.abc import Callable


class Breaker:
    """Closed until `limit` failures in a row; then open, but for one trial every `rest` seconds."""

    def __init__(
        self, limit: int = 3, rest: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._rest = rest
        self._clock = clock
        self._failures = 0
        self._next_trial = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._limit

    def admits(self) -> bool:
        """Whether a call may be made now; asked when open, it hands out the trial that is due."""
        if not self.is_open:
            return True
        if self._clock() < self._next_trial:
            return False
        # Moved on before the trial ends: one that is cancelled blocks nothing for longer than a rest.
        self._next_trial = self._clock() + self._rest
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._next_trial = self._clock() + self._rest
