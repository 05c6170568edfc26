"""Real Rasa servers that are killed, and people who go on writing to them."""

import asyncio
import itertools
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import REGISTRY
from yarl import URL

from nlu.client import RasaClient
from nlu.understanding import Understanding
from tests.faults.waiting import eventually

_AT_ONCE = 8
# Keywords answer without waiting for anybody: without a breath nothing else would ever run.
_BREATH_SECONDS = 0.005


class Writers:
    """Eight people who write without a pause, each sentence once; `heard`: how they were understood."""

    def __init__(self, client: RasaClient) -> None:
        self.heard: list[tuple[str, Understanding]] = []
        self.written = 0
        self._client = client
        self._numbers = itertools.count(10)
        self._open = True

    async def write(self) -> None:
        while self._open:
            text = f"我在昆山做五金加工，想贷{next(self._numbers)}万买一台加工中心"
            self.written += 1
            self.heard.append((text, await self._client.understand(text)))
            await asyncio.sleep(_BREATH_SECONDS)

    def fall_silent(self) -> None:
        self._open = False

    def sources(self) -> Counter[str]:
        return Counter(understood.source for _, understood in self.heard)

    async def hear(self, more: int) -> None:
        """Until so many more were understood."""
        enough = len(self.heard) + more

        async def reached() -> bool:
            return len(self.heard) >= enough

        await eventually(reached, within=60)


@asynccontextmanager
async def writing(client: RasaClient) -> AsyncIterator[Writers]:
    """All who write have their last answer when this ends."""
    writers = Writers(client)
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(writers.write())
        try:
            yield writers
        finally:
            writers.fall_silent()


def is_left_alone(url: str) -> bool:
    """What operators see of it."""
    address = URL(url)
    labels = {"server": f"{address.host}:{address.port}"}
    return REGISTRY.get_sample_value("rongqiao_nlu_breaker_open", labels) == 1


def kill(url: str) -> int:
    """As the kernel does when memory is short; returns the number of the process."""
    pid = pid_of(url)
    os.kill(pid, signal.SIGKILL)
    return pid


def pid_of(url: str) -> int:
    """The process of the Rasa that listens there; `LookupError` if there is none."""
    port = str(URL(url).port).encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rasa" in words and port in words:
            return int(folder.name)
    raise LookupError(f"no Rasa at {url}")
