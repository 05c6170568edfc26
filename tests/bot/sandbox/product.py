"""A small service account as the outside world of the sandbox: decrypts with wechatpy and answers as told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import xmltodict
from aiohttp import web
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import BaseMessage
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from bot.sandbox.account import SandboxAccount

Answer = Callable[[BaseMessage], Awaitable[str]]


def xml_text(message: BaseMessage, text: str) -> str:
    return str(TextReply(content=text, message=message).render())


async def echo(message: BaseMessage) -> str:
    return xml_text(message, f"你说：{message.content}") if message.type == "text" else "success"


async def silence(_message: BaseMessage) -> str:
    return "success"


class EchoAccount:
    def __init__(self, account: SandboxAccount) -> None:
        self.crypto = self.sealer = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
        self.token = account.token
        self.answer: Answer = echo
        self.seals = True
        self.delays: list[float] = []
        """Seconds before each of the next answers."""
        self.statuses: list[int] = []
        self.bodies: list[bytes] = []
        self.queries: list[dict[str, str]] = []
        self.messages: list[BaseMessage] = []
        self.fields: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/wechat", self.verify)
        app.router.add_post("/wechat", self.receive)
        return app

    async def verify(self, request: web.Request) -> web.Response:
        query = request.query
        check_signature(self.token, query["signature"], query["timestamp"], query["nonce"])
        return web.Response(text=query["echostr"])

    async def receive(self, request: web.Request) -> web.Response:
        body, query = await request.read(), dict(request.query)
        self.bodies.append(body)
        self.queries.append(query)
        check_signature(self.token, query["signature"], query["timestamp"], query["nonce"])
        plain = self._open(body.decode(), query)
        # Kept apart: wechatpy rewrites event names and keys while parsing.
        self.fields.append(xmltodict.parse(plain)["xml"])
        message = parse_message(plain)
        self.messages.append(message)
        await asyncio.sleep(self.delays.pop(0) if self.delays else 0)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        return web.Response(text=self._seal(await self.answer(message), query))

    def events(self, name: str) -> list[dict[str, Any]]:
        return [fields for fields in self.fields if fields.get("Event") == name]

    def _open(self, body: str, query: dict[str, str]) -> str:
        if query.get("encrypt_type") != "aes":
            return body
        stamp, nonce = query["timestamp"], query["nonce"]
        return str(self.crypto.decrypt_message(body, query["msg_signature"], stamp, nonce))

    def _seal(self, text: str, query: dict[str, str]) -> str:
        if not self.seals or text in {"", "success"} or query.get("encrypt_type") != "aes":
            return text
        return str(self.sealer.encrypt_message(text, query["nonce"], query["timestamp"]))
