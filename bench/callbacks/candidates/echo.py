"""aiohttp and wechatpy, nothing else: decrypts, parses, says the same words back, encrypts.

Run as `python -m bench.callbacks.candidates.echo ACCOUNT_FILE PORT`.
"""

import sys
from pathlib import Path

from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto

from bot.sandbox.account import SandboxAccount


def echo_app(account: SandboxAccount) -> web.Application:
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)

    async def receive(request: web.Request) -> web.Response:
        query = request.query
        xml = crypto.decrypt_message(
            await request.read(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = parse_message(xml)
        words = message.content if message.type == "text" else message.key
        reply = create_reply(words, message).render()
        sealed = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        return web.Response(text=sealed, content_type="text/xml")

    async def alive(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/wechat", receive), web.get("/readyz", alive)])
    return app


def main() -> None:
    account, port = SandboxAccount.load_or_create(Path(sys.argv[1])), int(sys.argv[2])
    web.run_app(echo_app(account), host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
