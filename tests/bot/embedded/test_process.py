"""Supervision of a child, with real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded.process import Child, ChildStartError, Patience, Recipe

SWIFT = Patience(
    start_within=20,
    stop_within=0.5,
    probe_every=0.05,
    probe_within=0.5,
    misses=2,
    pause_first=0.01,
    pause_limit=0.05,
)


def python(folder: Path, code: str, *, healthy: bool = True, patience: Patience = SWIFT) -> Recipe:
    """A child that runs `code` and is ready when it has written `ready`."""

    async def is_ready() -> bool:
        return healthy and (folder / "ready").exists()

    return Recipe(
        name="sample",
        argv=lambda: (sys.executable, "-c", "from pathlib import Path\nimport os, time, signal\n" + code),
        healthy=is_ready,
        cwd=folder,
        log=folder / "log" / "sample.log",
        patience=patience,
    )


READY_AND_WAIT = "Path('ready').touch()\ntime.sleep(600)"


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to pass")


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_runs_in_its_context_and_in_a_session_of_its_own(tmp_path: Path) -> None:
    async with Child(python(tmp_path, READY_AND_WAIT)) as child:
        pid = child.pid
        assert pid is not None
        assert os.getsid(pid) == pid
    assert not alive(pid)


async def test_comes_back_after_it_was_killed(tmp_path: Path) -> None:
    async with Child(python(tmp_path, READY_AND_WAIT)) as child:
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid not in {None, first})


async def test_is_replaced_when_it_hangs(tmp_path: Path) -> None:
    recipe = python(tmp_path, READY_AND_WAIT)
    async with Child(recipe) as child:
        first = child.pid
        assert first is not None
        (tmp_path / "ready").unlink()
        await until(lambda: child.pid not in {None, first})
        assert not alive(first)


async def test_who_ignores_term_is_killed(tmp_path: Path) -> None:
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + READY_AND_WAIT
    async with Child(python(tmp_path, stubborn)) as child:
        pid = child.pid
        assert pid is not None
    assert not alive(pid)


async def test_who_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ChildStartError, match=r"(?s)code 3.*no space left"):
        await Child(python(tmp_path, "print('no space left', flush=True)\nos._exit(3)")).start()


async def test_a_missing_program_is_named(tmp_path: Path) -> None:
    recipe = Recipe(
        "ghost", lambda: ("/no/such/program",), asyncio.Event().wait, tmp_path, tmp_path / "ghost.log"
    )
    with pytest.raises(ChildStartError, match="cannot run /no/such/program"):
        await Child(recipe).start()


async def test_who_is_late_is_reported_and_gone(tmp_path: Path) -> None:
    late = Patience(start_within=1.0, stop_within=0.5)
    code = "Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)"
    with pytest.raises(ChildStartError, match="not ready after 1 s"):
        await Child(python(tmp_path, code, patience=late)).start()
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_secrets_of_ours_are_not_handed_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGQIAO_WECHAT__APP_SECRET", "hush")
    code = "Path('env').write_text('\\n'.join(os.environ))\n" + READY_AND_WAIT
    async with Child(python(tmp_path, code)):
        names = (tmp_path / "env").read_text().splitlines()
    assert "PATH" in names
    assert "RONGQIAO_WECHAT__APP_SECRET" not in names


async def test_a_long_log_is_moved_aside(tmp_path: Path) -> None:
    log = tmp_path / "log" / "sample.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    async with Child(python(tmp_path, "print('fresh', flush=True)\n" + READY_AND_WAIT)):
        assert log.read_text() == "fresh\n"
        assert log.with_name("sample.log.1").stat().st_size > 5 * 1024 * 1024
