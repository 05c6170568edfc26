"""The worker's loops: outbox to deliveries, deliveries to WeChat, the matcher to the catalogue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import structlog

_log = structlog.get_logger(__name__)
_IDLE_SECONDS = 1.0
_AFTER_FAILURE_SECONDS = 5.0


class Loop:
    """Runs a step again and again: at once while there is work, on a nudge, else every second.

    A step that fails is logged and tried again later; the loop goes on.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[int | None]]) -> None:
        self._name = name
        self._step = step
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        self._nudged.set()

    async def run(self) -> None:
        while True:
            self._nudged.clear()
            try:
                busy = await self._step()
            except Exception:  # noqa: BLE001 - the edge of a loop: logged, and tried again
                _log.exception("loop_failed", loop=self._name)
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            if not busy:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._nudged.wait()
        except TimeoutError:
            return


def nudge(loops: Iterable[Loop]) -> None:
    """There may be work: whoever waits for it looks at once."""
    for loop in loops:
        loop.nudge()


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Run the loops as long as this context; a step under way is cancelled at its end."""
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
