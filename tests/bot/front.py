"""The front of the service for tests: callback, pipeline, relay and sender before a fake WeChat on sockets.

What reads messages is the keyword reader of the NLU, which is real and needs no server.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial

from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot import config
from bot.locks import PersonLocks
from bot.messenger import WeChatMessenger
from bot.parking import Parking
from bot.pipeline import Learn, Pipeline
from bot.reading import Listen, Understand, deaf
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app as wechat_api_app
from bot.sandbox.people import Kind, Sender
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from bot.web import callback, keys
from bot.wechat.callback import CallbackCodec
from bot.wechat.client import Credentials, Sites, connected
from bot.wechat.nonces import RedisNonces
from domain.database import Database
from domain.personal_data.unfollowed import forget_unfollowed
from domain.secrets import Cipher, decode_key, new_key
from handlers.turn import City
from matching.matcher import Matcher
from nlu import keywords
from nlu.breaker import Breaker
from nlu.understanding import Understanding
from tests.city import EVERYBODY

CALL_TIMEOUT = ClientTimeout(total=5)


async def read(text: str) -> Understanding:
    return keywords.understand(text)


@dataclass
class Front:
    """`openid` is a person who follows the account; `nudges` counts what the pipeline told the loops."""

    database: Database
    redis: Redis
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
    database: Database,
    valkey: str,
    matcher: Matcher,
    *,
    city: City = EVERYBODY,
    understand: Understand = read,
    deadline: float = 4.5,
    learn: Learn = lambda *_: None,
    listen: Listen = deaf,
) -> AsyncIterator[Front]:
    account = SandboxAccount.generate()
    nudges: list[int] = []
    async with Redis.from_url(valkey) as redis:
        cipher = Cipher(decode_key(new_key()))
        pipeline = Pipeline(
            database,
            PersonLocks(redis),
            Parking(database, cipher),
            understand,
            matcher,
            city,
            lambda: nudges.append(1),
            forget=partial(forget_unfollowed, cipher=cipher),
            deadline_seconds=deadline,
            learn=learn,
            listen=listen,
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
            client = await stack.enter_async_context(
                connected(
                    redis,
                    Credentials(account.app_id, account.app_secret),
                    Breaker(),
                    Sites(api=str(api.make_url("/"))),
                    timeout=CALL_TIMEOUT,
                )
            )
            messenger = WeChatMessenger(client)
            openid = fake.add_person(nickname="张总").openid
            await fake.follow(openid)
            nudges.clear()
            yield Front(database, redis, pipeline, fake, account, messenger, url, openid, nudges)
            await pipeline.drain()


def _fake(account: SandboxAccount, url: str) -> FakeWeChat:
    templates = sandbox_templates(config.load().wechat.templates)
    return FakeWeChat(
        SandboxAccount(**asdict(account)), url, templates=templates, receipt_delay=0.0, answer_within=10.0
    )
