"""Waiting for what can be observed; never for time to pass."""

import asyncio
from collections.abc import Awaitable, Callable

_PATIENCE_SECONDS = 20.0


async def eventually(holds: Callable[[], Awaitable[object]], *, within: float = _PATIENCE_SECONDS) -> None:
    """Return as soon as it holds; fail after `within` seconds."""
    async with asyncio.timeout(within):
        while not await holds():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.02)
