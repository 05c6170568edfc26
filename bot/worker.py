"""Loops: outbox to deliveries, deliveries to WeChat, the matcher to the catalogue, housekeeping."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import structlog

_log = structlog.get_logger(__name__)
_IDLE_SECONDS = 1.0
_AFTER_FAILURE_SECONDS = 5.0
_FINISH_SECONDS = 10.0


class Loop:
    """Runs a step again and again: at once while there is work, on a nudge, else every second.

    A step that fails is logged and tried again later; the loop goes on.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[int | None]]) -> None:
        self._name = name
        self._step = step
        self._nudged = asyncio.Event()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """The step under way is the last."""
        self._ended.set()
        self._nudged.set()

    def nudge(self) -> None:
        self._nudged.set()

    async def run(self) -> None:
        while not self._ended.is_set():
            self._nudged.clear()
            try:
                busy = await self._step()
            except Exception:  # noqa: BLE001 - the edge of a loop: logged, and tried again
                _log.exception("loop_failed", loop=self._name)
                await _wait(self._ended, _AFTER_FAILURE_SECONDS)
                continue
            if not busy and not self._ended.is_set():
                await _wait(self._nudged, _IDLE_SECONDS)


async def _wait(event: asyncio.Event, at_most: float) -> None:
    try:
        async with asyncio.timeout(at_most):
            await event.wait()
    except TimeoutError:
        return


def nudge(loops: Iterable[Loop]) -> None:
    """There may be work: whoever waits for it looks at once."""
    for loop in loops:
        loop.nudge()


@asynccontextmanager
async def running(*loops: Loop, finish_within: float = _FINISH_SECONDS) -> AsyncIterator[None]:
    """Run the loops as long as this context.

    At its end a step under way is finished, since what is cancelled in the middle of sending may or may
    not have gone out; one that takes too long is cancelled all the same.
    """
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
    finally:
        for loop in loops:
            loop.end()
        if tasks:
            await asyncio.wait(tasks, timeout=finish_within)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
