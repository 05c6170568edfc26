"""`run.py menu`: the menu of a file to WeChat, or the one that is there."""

import argparse
from pathlib import Path

from bot import menu
from bot.assembly import platform
from bot.commands.terminal import err, out
from bot.config import Settings
from bot.embedded.process import ChildStartError
from bot.menu import MenuFileError
from bot.wechat.api.menus import Button
from bot.wechat.errors import ApiError, CallFailed, NotSent


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("push", "show"))
    parser.add_argument("--file", type=Path, default=menu.FILE, help="the menu (default: menu.yml)")


async def run(settings: Settings, given: argparse.Namespace) -> int:
    server = settings.server
    own = server.address if server.public_url or settings.sandbox_on else ""
    try:
        wanted = menu.load(given.file, own) if given.action == "push" else None
    except (MenuFileError, OSError) as error:
        err.print(f"{given.file}：\n{error}", markup=False)
        return 2
    try:
        await (_show(settings) if wanted is None else _push(settings, wanted))
    except NotSent as error:
        err.print(f"连不上 {settings.wechat_api}：{error}", markup=False)
        return 1
    except CallFailed as error:
        err.print(f"微信没有办成：{error}", markup=False)
        if isinstance(error, ApiError):
            err.print(error.remedy, markup=False)
        return 1
    except ChildStartError as error:
        err.print(f"启动失败：{error}", markup=False)
        return 1
    return 0


async def _push(settings: Settings, wanted: tuple[Button, ...]) -> None:
    async with platform.client_alone(settings) as client:
        present = await client.menus.get()
        now = present.buttons if present else ()
        out.print("\n".join(menu.difference(now, wanted)), markup=False)
        if now == wanted:
            out.print("微信上的菜单已是这样，没有改动。")
            return
        await client.menus.create(wanted)
        out.print("菜单已提交；手机上五分钟内更新，取消关注再关注可立即看到。")


async def _show(settings: Settings) -> None:
    async with platform.client_alone(settings) as client:
        present = await client.menus.get()
    if present is None:
        out.print("微信上还没有用接口创建的菜单。")
        return
    shown = [*menu.lines(present.buttons), *menu.conditional_lines(present.conditional)]
    out.print("\n".join(shown), markup=False)
