"""The menu that operators edit: checked line by line, pushed through the command, shown back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot import cli, menu
from bot.menu import MenuFileError
from bot.wechat.api.menus import Button, checked
from tests.bot.pipes import given_back
from tests.bot.wechat.platform_server import APP_ID, SECRET, Platform

ADDRESS = "https://rongqiao.example.cn"
KEYS = {
    "apply_financing",
    "ask_products",
    "ask_policy",
    "ask_progress",
    "ask_authorizations",
    "ask_credit",
    "talk_to_adviser",
    "help",
}


def file_of(folder: Path, text: str) -> Path:
    file = folder / "menu.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_city_has_a_menu_that_wechat_takes() -> None:
    buttons = menu.load(menu.FILE, ADDRESS)
    assert menu.payload(buttons) == {"button": checked(buttons)}
    entries = [entry for button in buttons for entry in (button.sub or (button,))]
    assert {entry.key for entry in entries if entry.kind == "click"} == KEYS
    assert [entry.url for entry in entries if entry.kind == "view"] == [f"{ADDRESS}/m/"]


def test_every_kind_of_entry(tmp_path: Path) -> None:
    file = file_of(
        tmp_path,
        "- {name: 进度, page: /m/progress}\n"
        "- {name: 官网, url: 'https://x.cn'}\n"
        "- name: 更多\n"
        "  buttons:\n"
        "    - {name: 小程序, mini_program: {appid: wx1, pagepath: p/i, url: 'https://x.cn'}}\n"
        "    - {name: 帮助, key: help}\n",
    )
    assert menu.load(file, ADDRESS) == (
        Button("进度", "view", url=f"{ADDRESS}/m/progress"),
        Button("官网", "view", url="https://x.cn"),
        Button(
            "更多",
            sub=(
                Button("小程序", "miniprogram", url="https://x.cn", appid="wx1", pagepath="p/i"),
                Button("帮助", "click", key="help"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "菜单：应有 1 至 3 项"),
        ("a: b", "菜单：应有 1 至 3 项"),
        ("- {name: 一, key: help}\n" * 4, "菜单：应有 1 至 3 项"),
        ("- {key: help}", "第 1 项：缺少 name"),
        ("- {name: 惠企政策办, key: help}\n- {name: 好}", "第 2 项「好」：应写 key、page"),
        (
            "- {name: 六个汉字名称, key: help}",
            "第 1 项「六个汉字名称」：name 有 18 字节，应为 1 至 16 字节（一个汉字 3 字节）",
        ),
        ("- {name: 好, key: helpp}", "第 1 项「好」：没有「helpp」这个意图"),
        ("- {name: 好, key: 7}", "第 1 项「好」：key 应为文字"),
        ("- {name: 好, key: help, page: /m}", "第 1 项「好」：应写 key、page"),
        ("- {name: 好, link: /m}", "第 1 项「好」：不认识「link」"),
        ("- {name: 好, page: m}", "第 1 项「好」：page 应以 / 开头"),
        ("- {name: 好, url: x.cn}", "第 1 项「好」：url 应以 https:// 开头"),
        (f"- {{name: 好, page: /{'a' * 1024}}}", "page 有 1052 字节，应为 1 至 1024 字节"),
        ("- {name: 好, buttons: []}", "第 1 项「好」的：应有 1 至 5 项"),
        (
            "- {name: 好, buttons: [{name: 子, key: nope}]}",
            "第 1 项「好」的第 1 项「子」：没有「nope」这个意图",
        ),
        ("- {name: 好, buttons: [{name: 子, buttons: []}]}", "第 1 项「好」的第 1 项「子」：菜单只有两级"),
        ("- {name: 好, mini_program: wx1}", "mini_program 应写 appid、pagepath 和 url"),
        ("- {name: 好, mini_program: {appid: wx1, pagepath: p}}", "mini_program 缺少 url"),
        ("- [", "menu.yml 不是有效的 YAML"),
    ],
)
def test_a_mistake_is_named_with_its_entry_and_limit(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(MenuFileError) as caught:
        menu.load(file_of(tmp_path, text), ADDRESS)
    assert problem in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(MenuFileError) as caught:
        menu.load(file_of(tmp_path, "- {name: 好, key: a}\n- {name: '', key: help}\n- {name: 坏}"), ADDRESS)
    assert len(str(caught.value).splitlines()) == 3


def test_a_page_needs_the_services_address(tmp_path: Path) -> None:
    with pytest.raises(MenuFileError) as caught:
        menu.load(file_of(tmp_path, "- {name: 好, page: /m}"), "")
    assert "server.public_url" in str(caught.value)


def test_the_difference_shows_what_goes_and_what_comes() -> None:
    present = (Button("政策", "click", key="ask_policy"), Button("帮助", "click", key="help"))
    wanted = (Button("惠企政策", "click", key="ask_policy"), Button("帮助", "click", key="help"))
    assert menu.difference(present, wanted) == [
        "- 政策  点击  ask_policy",
        "+ 惠企政策  点击  ask_policy",
        "  帮助  点击  help",
    ]


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture(autouse=True)
async def account(platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[None]:
    async with TestServer(platform.app()) as server:
        for key, value in {
            "DATA_DIR": str(tmp_path / "data"),
            "LOG__LEVEL": "ERROR",
            "SANDBOX__ENABLED": "true",
            "SERVER__PUBLIC_URL": ADDRESS,
            "WECHAT__APP_ID": APP_ID,
            "WECHAT__APP_SECRET": SECRET,
            "WECHAT__API_BASE_URL": str(server.make_url("/")),
        }.items():
            monkeypatch.setenv(f"RONGQIAO_{key}", value)
        yield


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    # A command sets the logs of its process.
    with given_back():
        yield


async def run(*arguments: str) -> int:
    """In a thread of its own: a command brings its own event loop."""
    return await asyncio.to_thread(cli.main, list(arguments))


NONE: dict[str, Any] = {"errcode": 46003, "errmsg": "menu no exist"}


async def test_push_shows_the_difference_and_pushes(
    platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = {"type": "click", "name": "旧入口", "key": "old", "sub_button": []}
    platform.answers["/cgi-bin/menu/get"] = {"menu": {"button": [old]}}
    file = file_of(tmp_path, "- {name: 进度, page: /m/progress}")
    assert await run("menu", "push", "--file", str(file)) == 0
    assert platform.calls[-1] == (
        "/cgi-bin/menu/create",
        {"button": [{"type": "view", "name": "进度", "url": f"{ADDRESS}/m/progress"}]},
    )
    out = capsys.readouterr().out
    assert "- 旧入口  点击  old" in out
    assert f"+ 进度  网页  {ADDRESS}/m/progress" in out
    assert "菜单已提交" in out


async def test_a_menu_that_is_there_already_is_left_alone(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.answers["/cgi-bin/menu/get"] = {"menu": menu.payload(menu.load(menu.FILE, ADDRESS))}
    assert await run("menu", "push") == 0
    assert [path for path, _ in platform.calls] == ["/cgi-bin/menu/get"]
    assert "没有改动" in capsys.readouterr().out


async def test_the_first_menu(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    platform.answers["/cgi-bin/menu/get"] = NONE
    assert await run("menu", "show") == 0
    assert "还没有" in capsys.readouterr().out
    assert await run("menu", "push") == 0
    assert platform.calls[-1][1] == menu.payload(menu.load(menu.FILE, ADDRESS))
    assert "我要融资".encode() in platform.last.raw


async def test_show_names_conditional_menus_too(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    button = {"type": "click", "name": "帮助", "key": "help"}
    platform.answers["/cgi-bin/menu/get"] = {
        "menu": {"button": [button]},
        "conditionalmenu": [{"button": [button], "matchrule": {"tag_id": "2"}, "menuid": 7}],
    }
    assert await run("menu", "show") == 0
    assert capsys.readouterr().out.splitlines() == [
        "帮助  点击  help",
        "个性化菜单 7（tag_id 2）",
        "帮助  点击  help",
    ]


async def test_a_bad_file_goes_nowhere(
    platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("menu", "push", "--file", str(file_of(tmp_path, "- {name: 好, key: a}"))) == 2
    assert "没有「a」这个意图" in capsys.readouterr().err
    assert await run("menu", "push", "--file", str(tmp_path / "none.yml")) == 2
    assert platform.received == []


async def test_a_platform_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("RONGQIAO_WECHAT__API_BASE_URL", address)
        assert await run("menu", "show") == 1
    assert f"连不上 {address}" in capsys.readouterr().err


async def test_a_refusal_of_wechat_is_told_with_its_remedy(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.answers["/cgi-bin/menu/get"] = NONE
    platform.answers["/cgi-bin/menu/create"] = {"errcode": 65316, "errmsg": "too many domains"}
    assert await run("menu", "push") == 1
    shown = capsys.readouterr().err
    assert "errcode 65316" in shown
    assert "limits of menus" in shown
