"""The servers under load: each a process of its own on the loopback interface, alone at its time."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientError, ClientSession

from bot.embedded import ports
from bot.sections import PROJECT

_READY_WITHIN_SECONDS = 120
_POLL_SECONDS = 0.2
_SERVER_ERROR = 500
# Bytecode is written, so that the next start is quicker.
_NOT_INHERITED = ("RONGQIAO_", "PYTHONDONTWRITEBYTECODE")
_TROUBLE = {"warning", "error", "critical"}


@dataclass(frozen=True, slots=True)
class Server:
    """What follows `python` (`{port}` filled in), where it says that it is ready, and its environment."""

    command: tuple[str, ...]
    ready: str = "/readyz"
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    address: str
    process: asyncio.subprocess.Process
    log: Path

    def profile(self, *, on: bool) -> None:
        self.process.send_signal(signal.SIGUSR1 if on else signal.SIGUSR2)

    def complaints(self) -> list[str]:
        """What its log tells of trouble; a service that fell back to keywords did not do the work."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [
            f"{entry['event']} {entry.get('reason', '')}" for entry in entries if entry["level"] in _TROUBLE
        ]


@asynccontextmanager
async def serving(server: Server, folder: Path) -> AsyncIterator[Running]:
    """Started with `folder`, which exists, for its data; ended with this context."""
    port = str(ports.any_free())
    own = {
        "RONGQIAO_DATA_DIR": str(folder),
        "RONGQIAO_SERVER__PORT": port,
        "RONGQIAO_LOG__LEVEL": "WARNING",
        "RONGQIAO_LOG__FORMAT": "json",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    log = folder / "bench.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(word.format(port=port) for word in server.command),
            cwd=PROJECT,
            env=inherited | own | server.settings,
            stdout=output,
            stderr=output,
        )
    running = Running(f"http://{ports.LOOPBACK}:{port}", process, log)
    try:
        await _ready(running, server.ready)
        yield running
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(running: Running, path: str) -> None:
    """Until it answers; WeRoBot knows no such path and refuses it, which is as good."""
    async with asyncio.timeout(_READY_WITHIN_SECONDS), ClientSession() as session:
        while running.process.returncode is None:
            try:
                async with session.get(f"{running.address}{path}") as response:
                    if response.status < _SERVER_ERROR:
                        return
            except ClientError:
                pass
            await asyncio.sleep(_POLL_SECONDS)
    raise SystemExit(
        f"{running.log.read_text(encoding='utf-8')}\nended with code {running.process.returncode}"
    )
