"""The front of the service for tests: callback, pipeline, relay and sender before a fake WeChat on sockets.

What reads messages is the keyword reader of the NLU, which is real and needs no server.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot import config
from bot.locks import PersonLocks
from bot.messenger import WeChatMessenger
from bot.pipeline import Pipeline, Understand
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app as wechat_api_app
from bot.sandbox.people import Kind, Sender
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from bot.web import callback, keys
from bot.wechat.callback import CallbackCodec
from bot.wechat.client import WeChatClient
from bot.wechat.nonces import RedisNonces
from bot.wechat.token import AccessTokens
from bot.wechat.transport import Transport
from domain.database import Database
from matching.matcher import Matcher
from nlu import keywords
from nlu.understanding import Understanding
from tests.domain.databases import migrated

CALL_TIMEOUT = ClientTimeout(total=5)


async def read(text: str) -> Understanding:
    return keywords.understand(text)


@dataclass
class Front:
    """`openid` is a person who follows the account; `nudges` counts what the pipeline told the loops."""

    database: Database
    pipeline: Pipeline
    fake: FakeWeChat
    account: SandboxAccount
    messenger: WeChatMessenger
    url: str
    openid: str
    nudges: list[int]

    def received(self, kind: Kind) -> list[str]:
        """What stands on the person's phone of that kind, from the account."""
        return [
            entry.content.text
            for entry in self.fake.history(self.openid)
            if entry.content.kind is kind and entry.sender is Sender.ACCOUNT
        ]


@asynccontextmanager
async def front(
    folder: Path,
    valkey: str,
    matcher: Matcher,
    *,
    understand: Understand = read,
    deadline: float = 4.5,
) -> AsyncIterator[Front]:
    account = SandboxAccount.generate()
    nudges: list[int] = []
    async with migrated(folder / "rongqiao.db") as database, Redis.from_url(valkey) as redis:
        pipeline = Pipeline(
            database,
            PersonLocks(redis),
            understand,
            matcher,
            lambda: nudges.append(1),
            deadline_seconds=deadline,
        )
        app = web.Application(client_max_size=512 * 1024)
        app.add_routes(callback.routes)
        app[keys.PIPELINE] = pipeline
        app[keys.CODEC] = CallbackCodec(
            account.app_id, account.token, RedisNonces(redis), encoding_aes_key=account.encoding_aes_key
        )
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(TestServer(app))
            url = str(server.make_url("/wechat"))
            fake = await stack.enter_async_context(_fake(account, url))
            api = await stack.enter_async_context(TestServer(wechat_api_app(fake)))
            session = await stack.enter_async_context(ClientSession())
            transport = Transport(session, str(api.make_url("/")).rstrip("/"), CALL_TIMEOUT)
            tokens = AccessTokens(transport, redis, app_id=account.app_id, app_secret=account.app_secret)
            messenger = WeChatMessenger(WeChatClient(transport, tokens))
            openid = fake.add_person(nickname="张总").openid
            await fake.follow(openid)
            nudges.clear()
            yield Front(database, pipeline, fake, account, messenger, url, openid, nudges)
            await pipeline.drain()


def _fake(account: SandboxAccount, url: str) -> FakeWeChat:
    templates = sandbox_templates(config.load().wechat.templates)
    return FakeWeChat(
        SandboxAccount(**asdict(account)), url, templates=templates, receipt_delay=0.0, answer_within=10.0
    )
