"""The command line of `run.py`: what there is to ask for, and the way to the module that does it."""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol, cast, runtime_checkable

import uvloop

from bot import logs
from bot.commands.terminal import err
from bot.config import ConfigError, Settings, load


class Command(Protocol):
    """What a module of `bot.commands` offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what the command takes."""

    async def run(self, settings: Settings, given: argparse.Namespace) -> int:
        """Do it; the exit code."""


@runtime_checkable
class Diagnosing(Protocol):
    """A command that has its own words for a configuration that cannot be used."""

    def unusable(self, error: ConfigError, given: argparse.Namespace) -> int:
        """Report the error; the exit code."""


class Entry(NamedTuple):
    module: str
    help: str


COMMANDS = {
    "all": Entry("serve", "web, worker and the embedded parts in one command (the default)"),
    "web": Entry("serve", "callback, API and sandbox"),
    "worker": Entry("serve", "outbox and deliveries"),
    "nlu": Entry("nlu", "Rasa on nlu.port; with an action its report, or sentences to label"),
    "train": Entry("train", "train the NLU model and put it into use without a restart"),
    "migrate": Entry("migrate", "bring the database up to the present schema"),
    "doctor": Entry("doctor", "check a deployment and say what to do; changes nothing, sends nothing"),
    "chat": Entry("chat", "talk to the running service in the terminal, as a person in WeChat would"),
    "score": Entry("score", "score the companies that agreed to it, once a day or when their data changed"),
    "incentives": Entry("incentives", "what institutions have earned in a year, as CSV; close the year"),
    "import": Entry("importing", "take over records from a CSV, Excel, JSON Lines or JSON file"),
    "rotate-keys": Entry(
        "rotate_keys", "seal what is encrypted with the current key, while the service runs"
    ),
    "client": Entry("client", "who may call the API: make a client with its token, list them, revoke one"),
    "menu": Entry("menu", "push the menu of a file to WeChat, or show the one that is there"),
}
_DEFAULT = "all"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 2 when something of the caller's is wrong."""
    # Known by its name first; only then is it asked what it takes.
    name = _parser(()).parse_known_args(arguments)[0].command
    given = _parser((name,)).parse_args(arguments)
    command = _load(name)
    try:
        settings = load(given.config)
    except ConfigError as error:
        if isinstance(command, Diagnosing):
            return command.unusable(error, given)
        err.print(f"[red]配置有误：[/]\n{error}", markup=True)
        return 2
    logs.configure(settings.log)
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(command.run(settings, given))
    return 0


def _parser(known: Collection[str] = COMMANDS) -> argparse.ArgumentParser:
    """Takes every command; the arguments and the help of those in `known` alone, whose modules it loads."""
    parser = argparse.ArgumentParser(prog="run.py", description="融桥：城市融资服务平台的微信服务号")
    parser.add_argument("--config", type=Path, help="path of the configuration (default: config.yml)")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    parser.set_defaults(command=_DEFAULT)
    for name, (_, text) in COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text, add_help=name in known)
        if name in known:
            _load(name).arguments(sub)
    return parser


def _load(name: str) -> Command:
    # All commands together take 218 MB and three seconds to load (faiss, scikit-learn, the embedding model),
    # the import alone 86 MB: with 100,000 companies in Excel its peak is 264 MB instead of 393.
    module = importlib.import_module(f"bot.commands.{COMMANDS[name].module}")
    return cast("Command", module)


def entry() -> None:
    """Run the command line and leave; output that nobody reads any more is no error."""
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
