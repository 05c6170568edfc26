"""The web role: the callback, the pages, the API, and the sandbox where there is no account."""

from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from redis.asyncio import Redis

from bot import company_register, metrics
from bot.assembly import platform
from bot.assembly.ground import Ground
from bot.assembly.shelf import Shelf
from bot.audience import Audiences
from bot.identity import registry
from bot.identity.representing import Representing
from bot.learning import Learning
from bot.locks import PersonLocks
from bot.parking import Parking
from bot.pipeline import Pipeline
from bot.reading import Listen, deaf
from bot.sandbox.api import api_app as wechat_api_app
from bot.sandbox.identity import identity_app
from bot.sandbox.page import sandbox_app
from bot.sandbox.wechat import FakeWeChat
from bot.sections import PROJECT
from bot.transcription import choosing
from bot.transcription.listening import Listening
from bot.web import callback, health, keys, tracing
from bot.web.api import identity_materials
from bot.web.api.app import api_app
from bot.web.links import MOUNT, Links
from bot.web.pages.app import Parts, pages_app
from bot.wechat.client import WeChatClient
from bot.worker import Loop
from domain.personal_data.unfollowed import forget_unfollowed
from handlers.turn import City
from nlu import in_use
from nlu.client import RasaClient
from notify import backlog

# What the API takes at once; the callback stops reading much earlier.
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Front:
    """What listens, the loops that belong to it, and what must finish before it is gone."""

    app: web.Application
    pipeline: Pipeline
    loops: tuple[Loop, ...]


async def built(ground: Ground, shelf: Shelf, rasa: Awaitable[list[str]], stack: AsyncExitStack) -> Front:
    settings = ground.settings
    nlu = RasaClient(await rasa, timeout=settings.nlu.timeout_seconds)
    stack.push_async_callback(nlu.aclose)
    wechat = await stack.enter_async_context(platform.client(settings, ground.account, ground.redis))
    links = Links(ground.cipher, settings.server.address, minutes=settings.pages.link_minutes)
    learning = Learning(ground.database, partial(in_use.model, nlu))
    stack.push_async_callback(learning.flush)
    pipeline = Pipeline(
        ground.database,
        PersonLocks(ground.redis),
        Parking(ground.database, ground.cipher),
        metrics.timed(nlu.understand),
        shelf.matcher,
        City(
            settings.domain.admission_before == "publication",
            links.to,
            cases=settings.case_rules,
            market=settings.market_rules,
            review=settings.review_rules,
        ),
        ground.on_events,
        forget=partial(forget_unfollowed, cipher=ground.cipher),
        deadline_seconds=settings.wechat.reply_deadline_seconds,
        learn=learning.note,
        listen=await _listening(ground, wechat, stack),
    )
    app = web.Application(client_max_size=_MOST_BYTES, middlewares=[tracing.traced])
    app.add_routes(callback.routes)
    watched(app, ground, {"nlu": nlu.ready}, partial(in_use.observe, nlu, PROJECT))
    app[keys.PIPELINE] = pipeline
    app[keys.CODEC] = platform.codec(ground)
    app.add_subapp("/api/v1", _api(ground, shelf))
    app.add_subapp(MOUNT, await _pages(ground, wechat, links, stack))
    if settings.sandbox_on:
        _add_sandbox(app, ground, await stack.enter_async_context(platform.sandbox(ground)))
    loops = (
        Loop("parked", pipeline.take_up_parked),
        Loop("learning", learning.flush),
    )
    return Front(app, pipeline, loops)


def watched(
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


async def _listening(ground: Ground, wechat: WeChatClient, stack: AsyncExitStack) -> Listen:
    settings = ground.settings
    transcriber = await stack.enter_async_context(choosing.transcriber(settings))
    if transcriber is None:
        return deaf
    return Listening(wechat.media, transcriber, timeout_seconds=settings.transcription.timeout_seconds)


def _api(ground: Ground, shelf: Shelf) -> web.Application:
    api = api_app()
    api[keys.DATABASE] = ground.database
    api[keys.MATCHER] = shelf.matcher
    api[keys.FEED] = shelf.feed
    api[keys.REVIEW_RULES] = ground.settings.review_rules
    api[keys.AUDIENCES] = Audiences(ground.database)
    api[keys.CIPHER] = ground.cipher
    api[keys.INDICATORS] = ground.settings.credit.indicators
    api[keys.SCORER] = ground.scorer
    api[keys.INCENTIVE_RULES] = ground.settings.incentives.incentive_rules
    api[keys.RISK_SCHEMES] = ground.settings.incentives.schemes
    api[keys.MARKET_RULES] = ground.settings.market_rules
    api[keys.WEBHOOK_ADDRESSES] = ground.settings.webhook_addresses
    api[keys.API_TOKEN] = ground.api_token
    api[identity_materials.CHECKING] = ground.checking
    return api


async def _pages(
    ground: Ground, wechat: WeChatClient, links: Links, stack: AsyncExitStack
) -> web.Application:
    register = await stack.enter_async_context(company_register.opened(ground.settings.registration))
    check = await stack.enter_async_context(registry.enterprise_check(ground.settings))
    representing = Representing(ground.database, ground.cipher, check) if check else None
    parts = Parts(
        database=ground.database,
        redis=ground.redis,
        cipher=ground.cipher,
        oauth=wechat.oauth,
        links=links,
        checking=ground.checking,
        representing=representing,
        scorer=ground.scorer,
        register=register,
        on_events=ground.on_events,
    )
    return pages_app(ground.settings, parts)


def _add_sandbox(app: web.Application, ground: Ground, fake: FakeWeChat) -> None:
    identity_page = f"{ground.settings.server.address}/sandbox/identity"
    app.add_subapp("/sandbox/wechat", wechat_api_app(fake))
    app.add_subapp("/sandbox/identity", identity_app(ground.account.app_secret, identity_page))
    app.add_subapp("/sandbox", sandbox_app(fake))


async def _pong(redis: Redis) -> bool:
    return bool(await redis.ping())
