"""`run.py chat`: the terminal as a person's phone."""

import argparse

from bot.commands.terminal import err
from bot.config import Settings
from bot.sandbox.terminal import ChatError, chat


def arguments(_: argparse.ArgumentParser) -> None:
    """None: the configuration says where the service is."""


async def run(settings: Settings, _: argparse.Namespace) -> int:
    if not settings.sandbox_on:
        err.print("终端对话需要沙箱：请去掉 wechat.app_id，或设 sandbox.enabled 为 true。")
        return 2
    try:
        await chat(f"{settings.server.local_address}/sandbox")
    except ChatError as error:
        err.print(str(error), markup=False)
        return 1
    return 0
