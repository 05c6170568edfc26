"""A process of the service as an operator starts it, to be killed as machines kill."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientError, ClientSession

from bot.embedded import ports
from bot.sections import PROJECT
from tests.faults.waiting import eventually

_STARTED_WITHIN_SECONDS = 120
_READY = "已就绪"


class Replica:
    """One role in a process of its own; `start` also brings back one that was killed."""

    def __init__(self, role: str, environment: Mapping[str, str], folder: Path) -> None:
        self.port = ports.any_free()
        self.address = f"http://{ports.LOOPBACK}:{self.port}"
        self._role = role
        self._environment = {**environment, "RONGQIAO_SERVER__PORT": str(self.port)}
        self._log = folder / f"{role}-{self.port}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Until it says that it is ready, if it does not run already."""
        if self.runs:
            return
        before = len(self.log())
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "run.py", self._role),
                cwd=PROJECT,
                env=self._environment,
                stdout=output,
                stderr=output,
            )

        async def decided() -> bool:
            return _READY in self.log()[before:] or not self.runs

        await eventually(decided, within=_STARTED_WITHIN_SECONDS)
        assert self.runs, self.log()[before:]

    async def kill(self) -> None:
        """As the kernel does when memory is short: no handler runs, no buffer is flushed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        assert await self._process.wait() == -signal.SIGKILL

    async def stop(self) -> None:
        if self.runs and self._process is not None:
            self._process.terminate()
            await self._process.wait()

    async def ready(self) -> bool:
        return await self._fine("/readyz")

    async def alive(self) -> bool:
        return await self._fine("/healthz")

    async def _fine(self, path: str) -> bool:
        try:
            async with ClientSession() as session, session.get(self.address + path) as response:
                return response.ok
        except ClientError:
            return False

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


def environment(settings: Mapping[str, str], bytecode: Path) -> dict[str, str]:
    """What a process sees; `bytecode` serves where Python is told to write none beside the code."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RONGQIAO_")}
    if inherited.pop("PYTHONDONTWRITEBYTECODE", ""):
        inherited["PYTHONPYCACHEPREFIX"] = str(bytecode)
    return inherited | {f"RONGQIAO_{key}": value for key, value in settings.items()}
