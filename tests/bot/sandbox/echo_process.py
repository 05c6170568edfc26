"""A service account in twenty lines of wechatpy, as a program of its own.

Run as `python echo_process.py PORT`; one line of standard input then names token, AES key and app id.
"""

import sys

from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto


def echo_app(crypto: WeChatCrypto) -> web.Application:
    async def receive(request: web.Request) -> web.Response:
        query = request.query
        signed = query["msg_signature"], query["timestamp"], query["nonce"]
        message = parse_message(crypto.decrypt_message(await request.read(), *signed))
        words = message.content if message.type == "text" else f"事件 {message.event}"
        reply = create_reply(f"你说：{words}", message).render()
        return web.Response(text=crypto.encrypt_message(reply, query["nonce"], query["timestamp"]))

    app = web.Application()
    app.router.add_post("/wechat", receive)
    return app


def main() -> None:
    token, aes_key, app_id = sys.stdin.readline().split()
    web.run_app(
        echo_app(WeChatCrypto(token, aes_key, app_id)),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        print=lambda *_: print("ready", flush=True),  # noqa: T201 - the test waits for this line
        access_log=None,
    )


if __name__ == "__main__":
    main()
