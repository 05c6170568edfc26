"""Serves the small aiohttp candidates: `ACCOUNT_FILE PORT` on the command line."""

import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.account import SandboxAccount


async def _alive(_: web.Request) -> web.Response:
    return web.Response()


def serve(receiver_of: Callable[[SandboxAccount], Handler]) -> None:
    """Put the handler that `receiver_of` makes for the account behind the callback's path."""
    account, port = SandboxAccount.load_or_create(Path(sys.argv[1])), int(sys.argv[2])
    app = web.Application()
    app.add_routes([web.post("/wechat", receiver_of(account)), web.get("/readyz", _alive)])
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)
