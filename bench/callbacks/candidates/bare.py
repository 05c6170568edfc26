"""Fixed words from a bare aiohttp handler: the ceiling of the load and of the HTTP server.

Run as `python -m bench.callbacks.candidates.bare ACCOUNT_FILE PORT`.
"""

import sys
import time
from pathlib import Path

from aiohttp import web
from wechatpy.crypto import WeChatCrypto

from bot.sandbox.account import SandboxAccount


def bare_app(account: SandboxAccount) -> web.Application:
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    # Sealed once: a reader of the answers finds a text in it, as in those of the others.
    fixed = crypto.encrypt_message("<xml><Content>你好</Content></xml>", "nonce", str(int(time.time())))

    async def receive(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text=fixed, content_type="text/xml")

    async def alive(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/wechat", receive), web.get("/readyz", alive)])
    return app


def main() -> None:
    account, port = SandboxAccount.load_or_create(Path(sys.argv[1])), int(sys.argv[2])
    web.run_app(bare_app(account), host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
