"""Entering a context while other things are done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def starting(context: AbstractAsyncContextManager[T]) -> AsyncIterator[Awaitable[T]]:
    """Enter a context in the background; what is yielded waits for it. Left by the task that entered it."""
    entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        async with context as value:
            entered.set_result(value)
            await leave.wait()

    task = asyncio.create_task(hold())
    task.add_done_callback(lambda done: _pass_on(done, entered))
    try:
        yield entered
    finally:
        leave.set()
        if not entered.done():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _pass_on(task: asyncio.Task[None], entered: asyncio.Future[T]) -> None:
    """A context that could not be entered fails whoever waits for it."""
    if not task.cancelled() and (error := task.exception()) and not entered.done():
        entered.set_exception(error)
