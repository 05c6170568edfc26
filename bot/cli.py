"""The commands of `run.py`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from bot import app, logs, schema
from bot.account import cipher_of
from bot.app import Role, Service
from bot.catalogue import read_json_lines
from bot.config import PROJECT, ConfigError, Settings, load
from bot.embedded.process import ChildStartError
from bot.sandbox.terminal import ChatError, chat
from domain import importing
from domain.database import Database
from domain.importing import KINDS, Kind
from nlu import training
from nlu.client import RasaClient

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 2 when something of the caller's is wrong."""
    given = _parser().parse_args(arguments)
    try:
        settings = load(given.config)
    except ConfigError as error:
        _err.print(f"[red]配置有误：[/]\n{error}", markup=True)
        return 2
    logs.configure(settings.log)
    command: Command = given.command
    with suppress(KeyboardInterrupt):
        return asyncio.run(command(settings, given))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="融桥：城市融资服务平台的微信服务号")
    parser.add_argument("--config", type=Path, help="path of the configuration (default: config.yml)")
    parser.set_defaults(command=_all)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    add("all", _all, "web, worker and the embedded parts in one command (the default)")
    add("web", _web, "callback, API and sandbox")
    add("worker", _worker, "outbox and deliveries")
    add("nlu", _nlu, "Rasa on nlu.port")
    add("train", _train, "train the NLU model and put it into use without a restart")
    add("migrate", _migrate, "bring the database up to the present schema")
    add("chat", _chat, "talk to the running service in the terminal, as a person in WeChat would")
    takes = add("import", _import, "take over records from a JSON Lines file")
    takes.add_argument("kind", choices=KINDS)
    takes.add_argument("file", type=Path)
    takes.add_argument("--all-or-nothing", action="store_true", help="keep nothing if any row is bad")
    takes.add_argument("--dry-run", action="store_true", help="check and report, change nothing")
    return parser


async def _all(settings: Settings, _: argparse.Namespace) -> int:
    return await _serve(settings, Role.ALL)


async def _web(settings: Settings, _: argparse.Namespace) -> int:
    return await _serve(settings, Role.WEB)


async def _worker(settings: Settings, _: argparse.Namespace) -> int:
    return await _serve(settings, Role.WORKER)


async def _serve(settings: Settings, role: Role) -> int:
    stop = _on_stop_signals()
    _err.print("正在启动…")
    try:
        async with app.running(settings, role) as service:
            _announce(service, role)
            await stop.wait()
            _err.print("正在停止…")
    except ConfigError as error:
        _err.print(f"配置有误：\n{error}", markup=False)
        return 2
    except (ChildStartError, FileNotFoundError) as error:
        _err.print(f"启动失败：{error}", markup=False)
        return 1
    except OSError as error:
        _err.print(f"启动失败：{settings.server.host}:{settings.server.port} 无法监听（{error.strerror}）")
        return 1
    _err.print("已停止。")
    return 0


def _on_stop_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _announce(service: Service, role: Role) -> None:
    address = service.settings.server.address
    if Role.WEB in role:
        if service.sandbox_on:
            _out.print(f"手机沙箱  {address}/sandbox")
        _out.print(f"微信回调  {address}/wechat")
        _out.print(f"接口      {address}/api/v1")
        if service.sandbox_on:
            _out.print(f"接口令牌  {service.api_token}")
    _out.print("已就绪，按 Ctrl-C 停止。")


async def _nlu(settings: Settings, _: argparse.Namespace) -> int:
    stop = _on_stop_signals()
    try:
        async with app.nlu_server(settings) as url:
            _out.print(f"Rasa  {url}")
            await stop.wait()
    except (ChildStartError, FileNotFoundError) as error:
        _err.print(f"启动失败：{error}", markup=False)
        return 1
    return 0


async def _train(settings: Settings, _: argparse.Namespace) -> int:
    try:
        model = await asyncio.to_thread(training.train, PROJECT)
    except training.TrainingError as error:
        _err.print(f"训练失败：{error}", markup=False)
        return 1
    _out.print(f"模型  {model.relative_to(PROJECT)}")
    own = app.rasa_address(settings.data_dir)
    urls = settings.nlu.urls or ([own] if own else [])
    if not urls:
        _out.print("没有正在运行的 Rasa，下次启动时使用新模型。")
        return 0
    client = RasaClient(urls)
    try:
        await client.swap_model(model)
    finally:
        await client.aclose()
    _out.print("新模型已投入使用。")
    return 0


async def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
    finally:
        await database.aclose()
    _out.print("数据库已是最新结构。")
    return 0


async def _chat(settings: Settings, _: argparse.Namespace) -> int:
    if not settings.sandbox_on:
        _err.print("终端对话需要沙箱：请去掉 wechat.app_id，或设 sandbox.enabled 为 true。")
        return 2
    try:
        await chat(f"{settings.server.local_address}/sandbox")
    except ChatError as error:
        _err.print(str(error), markup=False)
        return 1
    return 0


async def _import(settings: Settings, given: argparse.Namespace) -> int:
    try:
        rows = read_json_lines(given.file)
    except (OSError, ValueError) as error:
        _err.print(f"{given.file}：{error}", markup=False)
        return 2
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        report = await importing.import_rows(
            database,
            cast("Kind", given.kind),
            rows,
            cipher=cipher_of(settings),
            all_or_nothing=given.all_or_nothing,
            dry_run=given.dry_run,
        )
    finally:
        await database.aclose()
    for bad in report.rejected:
        _err.print(f"第 {bad.index + 1} 条，{bad.field or '整条'}：{bad.reason}", markup=False)
    refused = len({bad.index for bad in report.rejected})
    _out.print(f"{'试运行：' if given.dry_run else ''}接受 {report.accepted} 条，拒绝 {refused} 条。")
    return 1 if refused else 0


def entry() -> None:
    """Run the command line and leave; output that nobody reads any more is no error."""
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
