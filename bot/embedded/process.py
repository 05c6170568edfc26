"""A supervised child process: watched, started again when it ends or hangs, gone when we are gone."""

import asyncio
import os
import random
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

_log = structlog.get_logger(__name__)

_LEASH: Final = Path(__file__).with_name("leash.py")
# A child sees what programs need in general, and none of our own settings: those hold secrets.
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
_LOG_LIMIT: Final = 5 * 1024 * 1024
_TAIL_LINES: Final = 20
_TAIL_BYTES: Final = 8192


class ChildStartError(Exception):
    """A child did not become ready; carries the end of what it wrote."""

    def __init__(self, name: str, reason: str, tail: str) -> None:
        super().__init__(f"{name} {reason}" + (f"; its last words:\n{tail}" if tail else ""))
        self.name = name
        self.reason = reason
        self.tail = tail


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what; all in seconds but `misses`."""

    start_within: float = 30.0
    stop_within: float = 10.0
    probe_every: float = 5.0
    probe_within: float = 5.0
    # So many unanswered probes in a row mean that a living process hangs.
    misses: int = 6
    pause_first: float = 0.2
    pause_limit: float = 30.0
    # Who lived so long starts afresh with the shortest pause.
    calm_after: float = 60.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is run, and how it is seen to be well.

    `argv` is asked before every start, so that a restart uses what is right by then; it may raise `OSError`
    when something is missing. `healthy` answers False while nothing listens, and does not raise.
    """

    name: str
    argv: Callable[[], Sequence[str]]
    healthy: Callable[[], Awaitable[bool]]
    cwd: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)


class Child:
    """One child process under supervision; an async context manager.

    It runs in a session of its own, so that Ctrl-C in the terminal reaches us alone and we end it in order.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._process: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the running process; None while it is down."""
        return None if self._process is None else self._process.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Return when the child is healthy; raise `ChildStartError` if it ends or is late."""
        await self._launch()
        self._supervision = asyncio.create_task(self._supervise(), name=f"supervise {self._recipe.name}")

    async def stop(self) -> None:
        if self._supervision is not None:
            self._supervision.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervision
            self._supervision = None
        await self._retire()

    async def _launch(self) -> None:
        try:
            process = await _spawn(self._recipe)
        except OSError as error:
            raise self._start_error(f"cannot be started: {error}") from error
        async with AsyncExitStack() as undo:
            undo.push_async_callback(_end, process, self._recipe.patience.stop_within)
            await self._until_ready(process)
            undo.pop_all()
        self._process = process
        _log.info("child_started", child=self._recipe.name, pid=process.pid)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        patience = self._recipe.patience
        try:
            async with asyncio.timeout(patience.start_within):
                while process.returncode is None:
                    if await self._healthy():
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise self._start_error(f"was not ready after {patience.start_within:g} s") from None
        raise self._start_error(f"ended at once with code {process.returncode}")

    def _start_error(self, reason: str) -> ChildStartError:
        return ChildStartError(self._recipe.name, reason, tail(self._recipe.log))

    async def _healthy(self) -> bool:
        try:
            async with asyncio.timeout(self._recipe.patience.probe_within):
                return await self._recipe.healthy()
        except TimeoutError:
            return False

    async def _supervise(self) -> None:
        """Start the child again whenever it is gone, after a pause that grows while its lives are short."""
        clock = asyncio.get_running_loop().time
        short_lives = 0
        while True:
            began = clock()
            await self._until_unwell()
            short_lives = 0 if clock() - began >= self._recipe.patience.calm_after else short_lives + 1
            await asyncio.sleep(self._pause(short_lives))
            try:
                await self._launch()
            except ChildStartError as error:
                _log.error("child_not_started", child=error.name, reason=error.reason)

    def _pause(self, short_lives: int) -> float:
        patience = self._recipe.patience
        # The exponent is bounded because a float is.
        longest = min(patience.pause_limit, patience.pause_first * 2.0 ** min(short_lives, 30))
        return random.uniform(longest / 2, longest)

    async def _until_unwell(self) -> None:
        """Return when the child has ended, or was ended because it no longer answers."""
        process, patience = self._process, self._recipe.patience
        misses = 0
        while process is not None and process.returncode is None and misses < patience.misses:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience.probe_every)
                break
            _cap(self._recipe.log)
            misses = 0 if await self._healthy() else misses + 1
        if process is not None:
            reason = "hangs" if process.returncode is None else f"ended with code {process.returncode}"
            _log.warning("child_lost", child=self._recipe.name, pid=process.pid, reason=reason)
        await self._retire()

    async def _retire(self) -> None:
        if self._process is not None:
            await _end(self._process, self._recipe.patience.stop_within)
            self._process = None


async def _spawn(recipe: Recipe) -> asyncio.subprocess.Process:
    recipe.log.parent.mkdir(parents=True, exist_ok=True)
    _cap(recipe.log)
    with recipe.log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            # -I and -S: the leash needs nothing but the standard library, and starts at once.
            *(sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *recipe.argv()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=recipe.cwd,
            env=_environment(recipe.environment),
            start_new_session=True,
        )


async def _end(process: asyncio.subprocess.Process, within: float) -> None:
    """TERM to the child's whole group, KILL if that does not help in time."""
    _signal_group(process, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), within)
    except TimeoutError:
        _signal_group(process, signal.SIGKILL)
        await process.wait()


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    # A process that was reaped has lost its number, which may be another's by now.
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | dict(extra)


def _cap(log: Path) -> None:
    """Move what a log holds to `.1` when it grew long; the child keeps its open file and appends."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def tail(log: Path) -> str:
    """The last lines of a log, for an error message."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-_TAIL_LINES:]).strip()
