"""A real Valkey: kept data, one server for all processes of a folder, nothing left behind."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.embedded.process import Patience
from bot.embedded.valkey import embedded_valkey, ping

ROOT = Path(__file__).parents[3]
SWIFT = Patience(probe_every=0.1, pause_first=0.01, pause_limit=0.1)

HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.embedded.valkey import embedded_valkey

async def main():
    async with embedded_valkey(Path(sys.argv[1])) as url:
        print(url, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def ask(url: str, *command: str) -> Any:
    async with Redis.from_url(url, decode_responses=True) as client:
        return await client.execute_command(*command)


async def server_pid(url: str) -> int:
    async with Redis.from_url(url) as client:
        return int((await client.info("server"))["process_id"])


async def until_up(url: str) -> None:
    for _ in range(400):
        if await ping(url):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the server never came up")


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or ") Z" in status.read_text()


async def until_gone(pid: int) -> None:
    for _ in range(400):
        if gone(pid):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the server is still there")


async def holder(data_dir: Path) -> tuple[asyncio.subprocess.Process, str]:
    """Another process that runs the folder's server; its URL."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, str(data_dir)),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        async for line in process.stdout:
            if line.startswith(b"redis://"):
                return process, line.decode().strip()
    raise AssertionError("the holder ended without an address")


async def test_data_survive_a_restart_of_the_service(tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path) as url:
        await ask(url, "SET", "融桥", "在")
        pid = await server_pid(url)
    await until_gone(pid)
    async with embedded_valkey(tmp_path) as again:
        assert again == url
        assert await ask(again, "GET", "融桥") == "在"


async def test_data_survive_a_kill_of_the_server_which_comes_back(tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path, patience=SWIFT) as url:
        await ask(url, "SET", "key", "kept")
        killed = await server_pid(url)
        os.kill(killed, signal.SIGKILL)
        await until_gone(killed)
        await until_up(url)
        assert await ask(url, "GET", "key") == "kept"
        assert await server_pid(url) != killed


async def test_a_second_process_attaches_and_inherits_when_the_first_is_killed(tmp_path: Path) -> None:
    process, first = await holder(tmp_path)
    async with embedded_valkey(tmp_path, patience=SWIFT) as url:
        assert url == first
        await ask(url, "SET", "key", "kept")
        pid = await server_pid(url)
        process.kill()
        await process.wait()
        await until_gone(pid)
        await until_up(url)
        assert await ask(url, "GET", "key") == "kept"
    assert not await ping(url)


async def test_the_server_is_gone_when_its_parent_was_killed(tmp_path: Path) -> None:
    process, url = await holder(tmp_path)
    pid = await server_pid(url)
    process.kill()
    await process.wait()
    await until_gone(pid)
    assert not await ping(url)


async def test_others_on_the_machine_cannot_come_in(tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path) as url:
        assert not await ping("redis://" + url.rpartition("@")[2])
        assert not await ping("redis://:wrong@" + url.rpartition("@")[2])
    for file in (tmp_path / "valkey" / "url", tmp_path / "valkey" / "valkey.conf"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_folder_with_blanks_and_chinese_will_do(tmp_path: Path) -> None:
    async with embedded_valkey(tmp_path / "数据 目录") as url:
        assert await ask(url, "PING") in {True, "PONG"}
