"""`run.py all`, `web` and `worker`: what runs until it is stopped."""

import argparse
import asyncio
import gc
import signal

from bot import app
from bot.app import Role, Service
from bot.commands.terminal import err, out
from bot.config import ConfigError, Settings
from bot.embedded.process import ChildStartError

_ROLES = {"all": Role.ALL, "web": Role.WEB, "worker": Role.WORKER}


def arguments(_: argparse.ArgumentParser) -> None:
    """None: the configuration says it all."""


async def run(settings: Settings, given: argparse.Namespace) -> int:
    return await _serve(settings, _ROLES[given.command], on_stop_signals())


def on_stop_signals() -> asyncio.Event:
    """Set when the process is to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _serve(settings: Settings, role: Role, stop: asyncio.Event) -> int:
    err.print("正在启动…")
    try:
        async with app.running(settings, role) as service:
            _announce(service, role)
            # What is there now lives as long as the process; the collector need not walk it again and again.
            gc.freeze()
            await stop.wait()
            err.print("正在停止…")
    except ConfigError as error:
        err.print(f"配置有误：\n{error}", markup=False)
        return 2
    except (ChildStartError, FileNotFoundError) as error:
        err.print(f"启动失败：{error}", markup=False)
        return 1
    except OSError as error:
        err.print(f"启动失败：{settings.server.host}:{settings.server.port} 无法监听（{error.strerror}）")
        return 1
    err.print("已停止。")
    return 0


def _announce(service: Service, role: Role) -> None:
    address = service.settings.server.address
    if Role.WEB in role:
        if service.sandbox_on:
            out.print(f"手机沙箱  {address}/sandbox")
        out.print(f"微信回调  {address}/wechat")
        out.print(f"接口      {address}/api/v1")
        if service.sandbox_on:
            out.print(f"接口令牌  {service.api_token}")
    out.print("已就绪，按 Ctrl-C 停止。")
