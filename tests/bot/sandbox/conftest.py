"""One sandbox, one small service account behind it, and the sandbox's API, all over real sockets."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestServer

from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app
from bot.sandbox.page import sandbox_app
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.product import EchoAccount
from tests.bot.sandbox.templates import library, load_templates, subscription_templates

ANN = "oAnn"


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def move(self, seconds: float) -> None:
        self.ahead += seconds


class Api:
    """A caller of the sandbox's API with a token in hand."""

    def __init__(self, session: ClientSession, base: str, account: SandboxAccount) -> None:
        self.session, self.base, self.account, self.token = session, base, account, ""

    async def stable_token(self, *, force: bool = False, **changes: str) -> dict[str, Any]:
        account = self.account
        body = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.app_secret}
        url = f"{self.base}/cgi-bin/stable_token"
        async with self.session.post(url, json=body | {"force_refresh": force} | changes) as response:
            return dict(await response.json())

    async def plain_token(self) -> dict[str, Any]:
        account = self.account
        query = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.app_secret}
        async with self.session.get(f"{self.base}/cgi-bin/token", params=query) as response:
            return dict(await response.json())

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self.call(f"cgi-bin/{path}", body)

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url, query = f"{self.base}/{path}", {"access_token": self.token}
        async with self.session.post(url, params=query, json=body) as response:
            assert response.status == 200
            return dict(await response.json())

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """With the account's token unless `query` brings another."""
        query = {"access_token": self.token} | query
        async with self.session.get(f"{self.base}/{path}", params=query) as response:
            assert response.status == 200
            return dict(await response.json())

    async def upload(self, path: str, name: str, data: bytes, **query: str) -> dict[str, Any]:
        form = FormData()
        form.add_field("media", data, filename=name, content_type="application/octet-stream")
        query = {"access_token": self.token} | query
        async with self.session.post(f"{self.base}/{path}", params=query, data=form) as response:
            assert response.status == 200
            return dict(await response.json())

    async def text(self, openid: str, text: str) -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return int((await self.post("message/custom/send", body))["errcode"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account() -> SandboxAccount:
    return SandboxAccount.generate()


@pytest.fixture
async def product(account: SandboxAccount) -> EchoAccount:
    return EchoAccount(account)


@pytest.fixture
async def callback_url(product: EchoAccount) -> AsyncIterator[str]:
    async with TestServer(product.app()) as server:
        yield str(server.make_url("/wechat"))


@pytest.fixture
async def fake(account: SandboxAccount, callback_url: str, clock: Clock) -> AsyncIterator[FakeWeChat]:
    async with FakeWeChat(
        account,
        callback_url,
        name="融桥",
        templates=[*load_templates(), *subscription_templates()],
        answer_within=0.5,
        receipt_delay=0.01,
        clock=clock,
    ) as fake:
        fake.templates.library = library()
        fake.add_person(ANN, "安女士")
        yield fake


@pytest.fixture
async def followers(fake: FakeWeChat) -> list[str]:
    """Ann and two more, who follow the account."""
    everybody = [ANN, "oBob", "oCem"]
    for openid in everybody:
        await fake.follow(openid)
    return everybody


@pytest.fixture
async def api(fake: FakeWeChat, account: SandboxAccount) -> AsyncIterator[Api]:
    async with TestServer(api_app(fake)) as server, ClientSession() as session:
        api = Api(session, str(server.make_url("")).rstrip("/"), account)
        api.token = (await api.stable_token())["access_token"]
        yield api


@pytest.fixture
async def sandbox_url(fake: FakeWeChat) -> AsyncIterator[str]:
    """Both sub-applications mounted as a product mounts them."""
    app = web.Application()
    app.add_subapp("/sandbox/wechat", api_app(fake))
    app.add_subapp("/sandbox", sandbox_app(fake))
    async with TestServer(app) as server:
        yield str(server.make_url("/sandbox"))
