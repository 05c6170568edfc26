"""The sandbox without the rest of the project: what it imports, and as a process of its own."""

import ast
import asyncio
import shutil
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

import bot.sandbox

PACKAGE = Path(bot.sandbox.__file__).parent
ECHO = Path(__file__).with_name("echo_process.py")
ALLOWED = {"aiohttp", "jinja2", "rich", "wechatpy", "xmltodict", "yarl"}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names.add(str(node.module))
    return names


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_it_imports_itself_and_libraries_alone(file: Path) -> None:
    foreign = {name for name in imported(file) if not name.startswith("bot.sandbox")}
    assert {name.partition(".")[0] for name in foreign} - set(sys.stdlib_module_names) <= ALLOWED


@asynccontextmanager
async def program(*words: str | Path, cwd: Path) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=cwd, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def told(process: Process) -> dict[str, str]:
    """The `name: value` lines with which the sandbox begins."""
    assert process.stdout is not None
    found: dict[str, str] = {}
    async with asyncio.timeout(30):
        while "phones" not in found:
            line = (await process.stdout.readline()).decode().rstrip("\n")
            assert line, (await process.communicate())[1].decode()
            name, _, value = line.partition(": ")
            found[name] = value
    return found


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@asynccontextmanager
async def alone(folder: Path, mode: str) -> AsyncIterator[dict[str, str]]:
    """A copy of the package and nothing else, before an echo account; both as processes."""
    (folder / "bot").mkdir()
    (folder / "bot" / "__init__.py").write_text('"""Only the sandbox is here."""\n', "utf-8")
    shutil.copytree(PACKAGE, folder / "bot" / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    port = free_port()
    async with AsyncExitStack() as stack:
        words = ("-m", "bot.sandbox", "--port", "0", "--mode", mode)
        callback = f"http://127.0.0.1:{port}/wechat"
        sandbox = await stack.enter_async_context(program(*words, "--callback", callback, cwd=folder))
        found = await told(sandbox)
        echo = await stack.enter_async_context(program(ECHO, str(port), cwd=folder))
        assert echo.stdin is not None
        assert echo.stdout is not None
        echo.stdin.write(f"{found['token']} {found['encoding_aes_key']} {found['app_id']}\n".encode())
        async with asyncio.timeout(30):
            assert await echo.stdout.readline() == b"ready\n"
        yield found


async def post(session: ClientSession, url: str, body: Any, **query: str) -> Any:
    async with session.post(url, json=body, params=query) as response:
        assert response.status == 200, await response.text()
        return await response.json()


@pytest.mark.parametrize("mode", ["safe", "compatible"])
async def test_it_talks_to_an_echo_account_as_its_own_process(tmp_path: Path, mode: str) -> None:
    async with alone(tmp_path, mode) as found, ClientSession() as session:
        assert found["mode"] == mode
        phone, api = found["phone"], found["api_base"]
        openid = (await post(session, f"{phone}/people", {"nickname": "安女士"}))["openid"]
        followed = await post(session, f"{phone}/people/{openid}/follow", {})
        assert [entry["content"]["text"] for entry in followed["entries"]] == ["你说：事件 subscribe"]
        said = await post(session, f"{phone}/people/{openid}/say", {"text": "你好"})
        assert [entry["content"]["text"] for entry in said["entries"]] == ["你说：你好"]
        own = {"grant_type": "client_credential", "appid": found["app_id"], "secret": found["app_secret"]}
        token = (await post(session, f"{api}/cgi-bin/stable_token", own))["access_token"]
        message = {"touser": openid, "msgtype": "text", "text": {"content": "您好"}}
        answer = await post(session, f"{api}/cgi-bin/message/custom/send", message, access_token=token)
        assert answer["errcode"] == 0
        async with session.get(f"{phone}/state") as response:
            assert (await response.json())["violations"] == []
        async with session.get(found["phones"]) as response:
            assert response.status == 200


async def test_the_account_can_be_kept_and_templates_and_menu_given(tmp_path: Path) -> None:
    (tmp_path / "templates.json").write_text(
        '[{"template_id": "T1", "title": "通知", "fields": {"thing1": "事项"}}]'
    )
    (tmp_path / "menu.json").write_text('{"button": [{"type": "click", "name": "帮助", "key": "help"}]}')
    files = ("--account", "account.json", "--templates", "templates.json", "--menu", "menu.json")
    words = ("-m", "bot.sandbox", "--port", "0", "--callback", "http://127.0.0.1:1/wechat", *files)
    root = PACKAGE.parent.parent
    (tmp_path / "bot").symlink_to(root / "bot")
    seen = []
    for _ in range(2):
        async with program(*words, cwd=tmp_path) as process, ClientSession() as session:
            found = await told(process)
            seen.append(found["app_id"])
            async with session.get(f"{found['phone']}/state") as response:
                assert (await response.json())["menu"]["button"][0]["key"] == "help"
    assert seen[0] == seen[1]


async def test_what_it_cannot_read_is_one_line(tmp_path: Path) -> None:
    root = PACKAGE.parent.parent
    words = (
        "-m",
        "bot.sandbox",
        "--callback",
        "http://127.0.0.1:1/",
        "--templates",
        str(tmp_path / "none.json"),
    )
    async with program(*words, cwd=root) as process:
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.decode().count("\n") == 1
    assert "none.json" in errors.decode()
