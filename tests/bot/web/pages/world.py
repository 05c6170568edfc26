"""A town with pages: people with phones, WeChat's login, and the clock in our hands."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from yarl import URL

from bot import config
from bot.config import Settings
from bot.embedded import ports
from bot.identity import registry
from bot.identity.checking import Checking
from bot.identity.representing import Representing
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app as wechat_api_app
from bot.sandbox.identity import identity_app
from bot.sandbox.page import sandbox_app
from bot.sandbox.wechat import FakeWeChat
from bot.sections import Server
from bot.web.links import MOUNT, Links
from bot.web.pages.app import Parts, pages_app
from bot.web.pages.parts import SESSIONS
from bot.web.pages.sessions import Sessions
from bot.wechat.client import Credentials, Sites, WeChatClient, connected
from domain.database import Database
from domain.registrations.rules import Review
from domain.scores.scorecard import load
from domain.scores.scorer import Scorer
from domain.secrets import Cipher, decode_key, new_key
from nlu.breaker import Breaker

# Apart from what other tests keep: attempts are counted by address, and all come from the same.
_OWN_DB = 5
_WECHAT = "/sandbox/wechat"
# As the service has it.
_MOST_BYTES = 64 * 1024 * 1024
WITH_REVIEWS = config.load().registration.model_copy(update={"reviews": frozenset(Review)})
_HIDDEN = re.compile(r'<input type="hidden" name="(csrf|ticket)" value="([^"]*)">')


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Answer:
    """A page as it came, without the redirects that led to it."""

    status: int
    text: str
    headers: Mapping[str, str]
    url: URL

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def hidden(self) -> dict[str, str]:
        """Token and ticket of the page's first form."""
        found: dict[str, str] = {}
        for name, value in _HIDDEN.findall(self.text):
            found.setdefault(name, value)
        return found


@dataclass
class Phone:
    """A person's browser inside WeChat: keeps cookies, follows redirects, agrees to logins."""

    world: "World"
    openid: str
    session: ClientSession

    async def get(self, path: str, **more: Any) -> Answer:
        return await self._ask("GET", path, **more)

    async def post(self, path: str, fields: Mapping[str, Any] | FormData, **more: Any) -> Answer:
        return await self._ask("POST", path, data=fields, **more)

    async def _ask(self, method: str, path: str, **more: Any) -> Answer:
        url = self.world.url.join(URL(path))
        async with self.session.request(method, url, allow_redirects=False, **more) as answer:
            return await _read(answer)

    async def open(self, path: str, **more: Any) -> Answer:
        """Go there and wherever that leads, through WeChat's login if it must be."""
        answer = await self.get(path, **more)
        for _ in range(8):
            if not 300 <= answer.status < 400:
                return answer
            answer = await self.get(self.through(answer.location))
        raise AssertionError(f"led around in circles: {answer.location}")

    def through(self, location: str) -> str:
        """Where the browser goes next: WeChat's login sends it back with a code."""
        url = URL(location)
        if url.path.endswith("/connect/oauth2/authorize"):
            return str(self.world.fake.open_page(self.openid, url.raw_query_string))
        return location

    async def send(self, path: str, fields: Mapping[str, Any], *, at: str = "") -> Answer:
        """Fill in the form of the page `at` (default: where it is sent to) and follow where that leads."""
        page = await self.open(at or path)
        answer = await self.post(path, {**page.hidden, **fields})
        return await self.open(answer.location) if answer.status == 303 else answer


async def _read(answer: ClientResponse) -> Answer:
    return Answer(answer.status, await answer.text(), dict(answer.headers), answer.url)


@dataclass
class World:
    database: Database
    redis: Redis
    fake: FakeWeChat
    links: Links
    cipher: Cipher
    app: web.Application
    url: URL
    clock: Clock
    checking: Checking
    scorer: Scorer
    settings: Settings
    phones: list[Phone] = field(default_factory=list)

    def phone(self, nickname: str = "安女士") -> Phone:
        """A new person with a phone of his own."""
        return self.phone_of(self.fake.add_person(nickname=nickname).openid)

    def phone_of(self, openid: str) -> Phone:
        phone = Phone(self, openid, ClientSession(cookie_jar=CookieJar(unsafe=True)))
        self.phones.append(phone)
        return phone


@asynccontextmanager
async def world_of(
    database: Database, valkey: str, *, public_url: str = "", **sections: Any
) -> AsyncIterator[World]:
    """`sections` take the place of those of the configuration."""
    account, port, clock = SandboxAccount.generate(), ports.any_free(), Clock()
    address = f"http://127.0.0.1:{port}"
    settings = config.load().model_copy(
        update={"server": Server(port=port, public_url=public_url or address), **sections}
    )
    cipher = Cipher(decode_key(new_key()))
    fake = FakeWeChat(account, f"{address}/wechat", templates=[])
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(Redis.from_url(valkey, db=_OWN_DB))
        await redis.flushdb()
        await stack.enter_async_context(fake)
        oauth = (await stack.enter_async_context(_wechat(redis, account, f"{address}{_WECHAT}"))).oauth
        secret = new_key()
        providers = await stack.enter_async_context(registry.providers(settings, sandbox_secret=secret))
        checking = Checking(database, cipher, providers, registry.rules(settings), lambda: None)
        check = await stack.enter_async_context(registry.enterprise_check(settings))
        representing = Representing(database, cipher, check) if check else None
        links = Links(cipher, address, minutes=30, clock=clock)
        scorer = Scorer(load(settings.credit.scorecard_file), settings.credit.indicators)
        parts = Parts(
            database,
            redis,
            cipher,
            oauth,
            links,
            checking,
            representing,
            scorer,
            register=None,
            on_events=lambda: None,
        )
        pages = pages_app(settings, parts)
        pages[SESSIONS] = Sessions(redis, idle_minutes=30, hours=8, clock=clock)
        app = web.Application(client_max_size=_MOST_BYTES)
        app.add_subapp(MOUNT, pages)
        app.add_subapp(_WECHAT, wechat_api_app(fake))
        app.add_subapp(registry.SANDBOX, identity_app(secret, address + registry.SANDBOX))
        app.add_subapp("/sandbox", sandbox_app(fake))
        await stack.enter_async_context(TestServer(app, port=port))
        world = World(
            database, redis, fake, links, cipher, pages, URL(address), clock, checking, scorer, settings
        )
        try:
            yield world
        finally:
            for phone in world.phones:
                await phone.session.close()


def _wechat(redis: Redis, account: SandboxAccount, url: str) -> AbstractAsyncContextManager[WeChatClient]:
    """The client of the service, before the sandbox's WeChat."""
    credentials = Credentials(account.app_id, account.app_secret)
    return connected(redis, credentials, Breaker(), Sites(api=url, mp=url, open=url))
