"""The phone in the terminal."""

import asyncio
import io

import pytest
from rich.console import Console

from bot.sandbox.people import Article, Content, Kind, Option, Origin, Row
from bot.sandbox.terminal import ChatError, ReadLine, chat
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.product import EchoAccount


class Screen(io.StringIO):
    """A terminal's output that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    def write(self, text: str) -> int:
        self.changed.set()
        return super().write(text)

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(10):
            while text not in self.getvalue():
                self.changed.clear()
                await self.changed.wait()


def typed(*lines: str) -> ReadLine:
    """Lines as a person types them, then Ctrl-D."""
    left = list(lines)

    async def read() -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    return read


async def test_a_talk(sandbox_url: str, product: EchoAccount) -> None:
    screen = Screen()
    lines = typed("你好 [b]粗[/b]", "", "/菜单", "/菜单 help", "/语音 有补贴吗", "/位置 昆山", "9")
    await chat(sandbox_url, console=Console(file=screen, width=100), read_line=lines)
    shown = screen.getvalue()
    assert shown.count("融桥：你说：你好 [b]粗[/b]") == 1
    assert "你说：9" in shown
    assert "联系客服　talk_to_agent" in shown
    assert [fields.get("Event", fields["MsgType"]) for fields in product.fields] == [
        "subscribe", "text", "CLICK", "voice", "location", "text",
    ]  # fmt: skip


async def test_what_comes_late_is_shown_and_an_option_can_be_tapped(
    sandbox_url: str, fake: FakeWeChat, product: EchoAccount
) -> None:
    screen = Screen()
    console = Console(file=screen, width=100)

    async def push() -> str:
        (person,) = (person for person in fake.people if person.nickname == "终端用户")
        fake.show(
            person, Origin.CUSTOMER, Content(Kind.MENU, "请选择", options=(Option("yes", "是"),), tail="谢谢")
        )
        rows = (Row("thing1", "政策名称", "稳岗补贴"),)
        fake.show(person, Origin.TEMPLATE, Content(Kind.TEMPLATE, "惠企政策通知", rows=rows))
        fake.show(person, Origin.CUSTOMER, Content(Kind.NEWS, articles=(Article("申报指南"),)))
        for text in ("1. 是", "谢谢", "稳岗补贴", "申报指南"):
            await screen.shows(text)
        return "1"

    lines = iter([push])

    async def read() -> str:
        step = next(lines, None)
        if step is None:
            raise EOFError
        return await step()

    await chat(sandbox_url, console=console, read_line=read)
    assert product.fields[-1]["bizmsgmenuid"] == "yes"


async def test_nobody_there_is_one_clear_line() -> None:
    with pytest.raises(ChatError, match="连不上"):
        await chat("http://127.0.0.1:1/sandbox", console=Console(file=io.StringIO()), read_line=typed())
