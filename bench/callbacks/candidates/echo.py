"""aiohttp and wechatpy, nothing else: decrypts, parses, says the same words back, encrypts.

Run as `python -m bench.callbacks.candidates.echo ACCOUNT_FILE PORT`.
"""

from aiohttp import web
from aiohttp.typedefs import Handler
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto

from bench.callbacks.candidates.serve import serve
from bot.sandbox.account import SandboxAccount


def echo_receiver(account: SandboxAccount) -> Handler:
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

    return receive


if __name__ == "__main__":
    serve(echo_receiver)
