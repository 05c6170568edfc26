"""The commands of `run.py`."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import uvloop
from rich.console import Console

from bot import app, import_command, logs, menu, schema
from bot.account import cipher_of
from bot.app import Role, Service
from bot.config import PROJECT, ConfigError, Settings, load
from bot.doctor import examination, report
from bot.doctor.examination import Section
from bot.embedded.process import ChildStartError
from bot.menu import MenuFileError
from bot.sandbox.terminal import ChatError, chat
from bot.wechat.api.menus import Button
from bot.wechat.errors import ApiError, CallFailed, NotSent
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
        if given.command is _doctor:
            return _report(examination.unusable(str(error)), given)
        _err.print(f"[red]配置有误：[/]\n{error}", markup=True)
        return 2
    logs.configure(settings.log)
    command: Command = given.command
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(command(settings, given))
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
    looks = add("doctor", _doctor, "check a deployment and say what to do; changes nothing, sends nothing")
    looks.add_argument("--json", action="store_true", help="the findings as JSON")
    add("chat", _chat, "talk to the running service in the terminal, as a person in WeChat would")
    takes = add("import", _import, "take over records from a CSV, Excel, JSON Lines or JSON file")
    takes.add_argument("kind", choices=KINDS)
    takes.add_argument("file", type=Path)
    takes.add_argument("--all-or-nothing", action="store_true", help="keep nothing if any row is bad")
    takes.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    takes.add_argument("--report", type=Path, metavar="FILE", help="write every bad row and change as CSV")
    shown = add("menu", _menu, "push the menu of a file to WeChat, or show the one that is there")
    shown.add_argument("action", choices=("push", "show"))
    shown.add_argument("--file", type=Path, default=menu.FILE, help="the menu (default: menu.yml)")
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
            # What is there now lives as long as the process; the collector need not walk it again and again.
            gc.freeze()
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


async def _doctor(settings: Settings, given: argparse.Namespace) -> int:
    # The report is what is to be read here; the log has only what went wrong on the way.
    logs.configure(settings.log.model_copy(update={"level": "WARNING"}))
    return _report(await examination.examine(settings), given)


def _report(sections: Sequence[Section], given: argparse.Namespace) -> int:
    if given.json:
        _out.print(report.for_machines(sections), markup=False)
    else:
        report.print_for_people(sections, _out)
    return 1 if report.problems(sections) else 0


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
    order = import_command.Order(
        kind=cast("Kind", given.kind),
        file=given.file,
        report=given.report,
        all_or_nothing=given.all_or_nothing,
        dry_run=given.dry_run,
    )
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        return await import_command.run(order, database, cipher_of(settings), _out, _err)
    finally:
        await database.aclose()


async def _menu(settings: Settings, given: argparse.Namespace) -> int:
    server = settings.server
    own = server.address if server.public_url or settings.sandbox_on else ""
    try:
        wanted = menu.load(given.file, own) if given.action == "push" else None
    except (MenuFileError, OSError) as error:
        _err.print(f"{given.file}：\n{error}", markup=False)
        return 2
    try:
        await (_show_menu(settings) if wanted is None else _push_menu(settings, wanted))
    except NotSent as error:
        _err.print(f"连不上 {settings.wechat_api}：{error}", markup=False)
        return 1
    except CallFailed as error:
        _err.print(f"微信没有办成：{error}", markup=False)
        if isinstance(error, ApiError):
            _err.print(error.remedy, markup=False)
        return 1
    except ChildStartError as error:
        _err.print(f"启动失败：{error}", markup=False)
        return 1
    return 0


async def _push_menu(settings: Settings, wanted: tuple[Button, ...]) -> None:
    async with app.wechat_alone(settings) as client:
        present = await client.menus.get()
        now = present.buttons if present else ()
        _out.print("\n".join(menu.difference(now, wanted)), markup=False)
        if now == wanted:
            _out.print("微信上的菜单已是这样，没有改动。")
            return
        await client.menus.create(wanted)
        _out.print("菜单已提交；手机上五分钟内更新，取消关注再关注可立即看到。")


async def _show_menu(settings: Settings) -> None:
    async with app.wechat_alone(settings) as client:
        present = await client.menus.get()
    if present is None:
        _out.print("微信上还没有用接口创建的菜单。")
        return
    shown = [*menu.lines(present.buttons), *menu.conditional_lines(present.conditional)]
    _out.print("\n".join(shown), markup=False)


def entry() -> None:
    """Run the command line and leave; output that nobody reads any more is no error."""
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
