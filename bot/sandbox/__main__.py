"""The sandbox alone, for any service account: `python -m bot.sandbox --callback http://127.0.0.1:8000/wechat`."""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app
from bot.sandbox.envelope import Encryption
from bot.sandbox.page import sandbox_app
from bot.sandbox.template_messages import MessageTemplate
from bot.sandbox.wechat import FakeWeChat


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--callback", required=True, metavar="URL", help="callback address of the product")
    parser.add_argument("--mode", type=Encryption, choices=list(Encryption), default=Encryption.SAFE)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8090, help="0: any free port (8090)")
    parser.add_argument(
        "--account", type=Path, metavar="FILE", help="JSON file that keeps the account's keys"
    )
    parser.add_argument("--templates", type=Path, metavar="FILE", help="JSON list of the account's templates")
    parser.add_argument(
        "--menu", type=Path, metavar="FILE", help="JSON menu to show until the product makes one"
    )
    parser.add_argument("--name", default="示例服务号", help="name of the account")
    return parser


def _read(path: Path | None, default: Any) -> Any:
    return json.loads(path.read_text("utf-8")) if path else default


def _fake(given: argparse.Namespace) -> FakeWeChat:
    account = SandboxAccount.load_or_create(given.account) if given.account else SandboxAccount.generate()
    templates = [MessageTemplate.from_json(item) for item in _read(given.templates, [])]
    return FakeWeChat(
        account,
        given.callback,
        name=given.name,
        templates=templates,
        menu=_read(given.menu, None),
        mode=given.mode,
    )


def _say(address: str, fake: FakeWeChat, mode: Encryption) -> None:
    """One `name: value` a line, for people and scripts alike; the secrets are the sandbox's own."""
    account = fake.account
    lines = {
        "app_id": account.app_id,
        "app_secret": account.app_secret,
        "token": account.token,
        "encoding_aes_key": account.encoding_aes_key,
        "original_id": account.original_id,
        "mode": mode,
        "callback": fake.callback_url,
        "api_base": f"{address}/api",
        "phone": f"{address}/sandbox",
        "phones": f"{address}/sandbox/phones",
    }
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in lines.items()))
    sys.stdout.flush()


async def _to_the_phone(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/sandbox")


async def serve(given: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM. Raises OSError when the port is taken."""
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(_fake(given))
        app = web.Application()
        app.add_subapp("/api", api_app(fake))
        app.add_subapp("/sandbox", sandbox_app(fake))
        app.router.add_get("/", _to_the_phone)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, given.host, given.port)
        await site.start()
        _say(f"http://{given.host}:{runner.addresses[0][1]}", fake, given.mode)
        await ended.wait()


def main() -> None:
    given = _parser().parse_args()
    try:
        asyncio.run(serve(given))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"bot.sandbox: {error}")


if __name__ == "__main__":
    main()
