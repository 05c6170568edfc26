"""A phone in the terminal: talks to a running service through the sandbox's JSON endpoints and its events."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from threading import Thread
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, StreamReader
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_HELP = (
    "直接打字说话；数字点选项；/菜单 看菜单，/菜单 KEY 点菜单；"
    "/语音 文字 发语音，/位置 地址 发位置；Ctrl-D 结束。"
)
_FIRST_WORD = "data: "
_MAP = {"latitude": 31.385, "longitude": 120.981}
ReadLine = Callable[[], Awaitable[str]]


class ChatError(Exception):
    """The service cannot be reached, or its sandbox refuses; the sentence is fit for the person."""


_PROMPT = "[bold green]我：[/]"


async def chat(base_url: str, *, console: Console | None = None, read_line: ReadLine | None = None) -> None:
    """Talk until the input ends. `base_url` is the sandbox's address, such as `http://127.0.0.1:8080/sandbox`."""
    console = console or Console()
    # No total limit: the stream of events stays open as long as the talk.
    async with ClientSession(timeout=ClientTimeout(total=None, sock_connect=10)) as session:
        phone = _Phone(session, base_url.rstrip("/"), console)
        try:
            await phone.switch_on()
        except ClientError as error:
            raise ChatError(f"连不上 {base_url}：{error}") from error
        watcher = asyncio.create_task(phone.watch())
        try:
            await phone.begin()
            await _talk(phone, read_line or _prompt(console))
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)


def _prompt(console: Console) -> ReadLine:
    async def read() -> str:
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str] = loop.create_future()
        # A daemon thread: Ctrl-C must end the talk though nobody presses Enter any more.
        Thread(target=_read_into, args=(line, loop, console), daemon=True).start()
        return await line

    return read


def _read_into(line: asyncio.Future[str], loop: asyncio.AbstractEventLoop, console: Console) -> None:
    try:
        text = console.input(_PROMPT)
    except EOFError as error:
        loop.call_soon_threadsafe(line.set_exception, error)
    else:
        loop.call_soon_threadsafe(line.set_result, text)


async def _talk(phone: "_Phone", read_line: ReadLine) -> None:
    while True:
        try:
            phone.prompting = True
            line = (await read_line()).strip()
        except EOFError:
            return
        finally:
            phone.prompting = False
        if line:
            await phone.do(line)


class _Phone:
    def __init__(self, session: ClientSession, base: str, console: Console) -> None:
        self._session, self._base, self._console = session, base, console
        self._openid = ""
        self._name = ""
        self._options: list[Mapping[str, str]] = []
        self._listening = asyncio.Event()
        self._shown: set[int] = set()
        self.prompting = False

    async def switch_on(self) -> None:
        self._openid = (await self._post("people", {"nickname": "终端用户"}))["openid"]
        self._name = (await self._state())["name"]
        self._console.print(Text(f"{self._name}　{_HELP}", style="dim"))

    async def begin(self) -> None:
        """Follow once the stream is open, so that no welcome is missed."""
        await asyncio.wait_for(self._listening.wait(), 10)
        await self._act("follow", {})

    async def do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "/菜单":
            await (self._act("click", {"key": rest.strip()}) if rest.strip() else self._show_menu())
        elif word == "/语音":
            await self._act("voice", {"said": rest.strip()})
        elif word == "/位置":
            await self._act("location", _MAP | {"label": rest.strip()})
        elif line.isdecimal() and 1 <= int(line) <= len(self._options):
            option = self._options[int(line) - 1]
            await self._act("tap", {"id": option["id"], "text": option["content"]})
        else:
            await self._act("say", {"text": line})

    async def watch(self) -> None:
        """Show what comes, whether it answers or comes of itself."""
        async with self._session.get(f"{self._base}/events") as response:
            self._listening.set()
            async for name, data in _events(response.content):
                if name == "entry" and data["openid"] == self._openid:
                    self._show(data)

    async def _act(self, name: str, body: Mapping[str, Any]) -> None:
        try:
            answer = await self._post(f"people/{quote(self._openid)}/{name}", body)
        except ChatError as error:
            self._console.print(Text(str(error), style="red"))
            return
        for entry in answer["entries"]:
            self._show(entry)

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"{self._base}/{path}", json=body) as response:
            if response.status == 409:  # noqa: PLR2004 — the sandbox's refusal, with a sentence
                raise ChatError(str((await response.json())["error"]))
            response.raise_for_status()
            return dict(await response.json())

    async def _state(self) -> dict[str, Any]:
        async with self._session.get(f"{self._base}/state") as response:
            return dict(await response.json())

    async def _show_menu(self) -> None:
        for button in (await self._state())["menu"]["button"]:
            for item in button.get("sub_button") or [button]:
                self._console.print(Text(f"  {item['name']}　{item.get('key') or item.get('url', '')}"))

    def _show(self, entry: Mapping[str, Any]) -> None:
        # The same entry comes with the answer and by the stream; whichever is first shows it.
        if entry["sender"] == "person" or entry["id"] in self._shown:
            return
        self._shown.add(entry["id"])
        content = entry["content"]
        if content["kind"] == "menu":
            self._options = content["options"]
        if self.prompting:
            # What comes of itself must not stand behind the prompt, nor leave the person without one.
            self._console.print()
        self._console.print(_drawn(self._name, content))
        if self.prompting:
            self._console.print(_PROMPT, end="")


def _drawn(name: str, content: Mapping[str, Any]) -> Panel | Text:
    if content["kind"] == "template":
        return _card(content)
    if content["kind"] == "news":
        lines = [f"{item['title']}\n{item['description']}\n{item['url']}" for item in content["articles"]]
        return Panel(Text("\n".join(lines)), title="图文", title_align="left")
    if content["kind"] == "notice":
        return Text(content["text"], style="red")
    lines = [f"{name}：{content['text']}"]
    lines += [f"  {number}. {option['content']}" for number, option in enumerate(content["options"], 1)]
    return Text("\n".join([*lines, content["tail"]] if content["tail"] else lines))


def _card(content: Mapping[str, Any]) -> Panel:
    table = Table.grid(padding=(0, 2))
    for row in content["rows"]:
        table.add_row(Text(row["label"], style="dim"), Text(row["value"]))
    return Panel(table, title=Text(content["text"]), title_align="left", subtitle=Text(content["url"]))


async def _events(stream: StreamReader) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Name and data of each server-sent event; the sandbox sends each in one line of data."""
    name = ""
    async for raw in stream:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith(_FIRST_WORD):
            yield name, json.loads(line.removeprefix(_FIRST_WORD))
