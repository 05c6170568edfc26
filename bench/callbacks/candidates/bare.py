"""Fixed words from a bare aiohttp handler: the ceiling of the load and of the HTTP server.

Run as `python -m bench.callbacks.candidates.bare ACCOUNT_FILE PORT`.
"""

import time

from aiohttp import web
from aiohttp.typedefs import Handler
from wechatpy.crypto import WeChatCrypto

from bench.callbacks.candidates.serve import serve
from bot.sandbox.account import SandboxAccount


def bare_receiver(account: SandboxAccount) -> Handler:
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    # Sealed once: a reader of the answers finds a text in it, as in those of the others.
    fixed = crypto.encrypt_message("<xml><Content>你好</Content></xml>", "nonce", str(int(time.time())))

    async def receive(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text=fixed, content_type="text/xml")

    return receive


if __name__ == "__main__":
    serve(bare_receiver)
