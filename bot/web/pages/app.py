"""The pages as an application of its own, to be mounted at /m."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis

from bot.config import Settings
from bot.identity import registry
from bot.identity.checking import Checking
from bot.identity.representing import Representing
from bot.identity.sandbox import SandboxProvider
from bot.identity.tencent_faceid import TencentFaceId
from bot.web import keys
from bot.web.links import Links
from bot.web.pages import (
    access_log,
    authorizations,
    authorizing,
    cases,
    credit,
    data,
    doors,
    equity,
    headers,
    home,
    identity,
    login,
    objections,
    parts,
    policies,
    products,
    register,
    requests,
    requests_deciding,
    requests_rating,
)
from bot.web.pages.parts import City, Site
from bot.web.pages.rates import Rates
from bot.web.pages.rendering import STATIC
from bot.web.pages.sessions import Logins, Sessions
from bot.web.pages.tickets import Tickets
from bot.wechat.api.oauth import OAuth
from domain.database import Database
from domain.registrations.register import CompanyRegister
from domain.scores.scorer import Scorer
from domain.secrets import Cipher

# Where two patterns fit, the first counts: `/authorizations/new` is no authorization's id.
_TOPICS = (
    login,
    home,
    register,
    identity,
    authorizing,
    authorizations,
    access_log,
    credit,
    objections,
    policies,
    products,
    equity,
    data,
    requests,
    requests_deciding,
    requests_rating,
    cases,
)
# Who looks at faces, as the consent names him; other providers look at none.
_FACE_CHECKERS = {
    TencentFaceId.name: "腾讯云计算（北京）有限责任公司",
    SandboxProvider.name: "沙箱的模拟认证服务",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What pages stand on. `register` knows companies, `representing` who stands for them, where they are.

    `on_events` is called after a commit that wrote events, so that they are told of at once.
    """

    database: Database
    redis: Redis
    cipher: Cipher
    oauth: OAuth
    links: Links
    checking: Checking
    representing: Representing | None
    scorer: Scorer
    register: CompanyRegister | None
    on_events: Callable[[], None]


def pages_app(settings: Settings, given: Parts) -> web.Application:
    app = web.Application(middlewares=[doors.friendly, doors.known, doors.guarded])
    for topic in _TOPICS:
        app.add_routes(topic.routes)
    app.router.add_static("/static", STATIC, name="static")
    app.on_response_prepare.append(headers.add)
    app[keys.DATABASE] = given.database
    app[keys.CIPHER] = given.cipher
    app[keys.SCORER] = given.scorer
    app[parts.OAUTH] = given.oauth
    app[parts.LINKS] = given.links
    app[parts.CHECKING] = given.checking
    app[parts.REPRESENTING] = given.representing
    app[parts.SITE] = Site(settings.server.address, settings.pages.proxies, framed=settings.sandbox_on)
    app[parts.CITY] = _city(settings, given)
    app[parts.SESSIONS] = Sessions(
        given.redis, idle_minutes=settings.pages.session_idle_minutes, hours=settings.pages.session_hours
    )
    app[parts.LOGINS] = Logins(given.redis)
    app[parts.TICKETS] = Tickets(given.redis)
    app[parts.RATES] = Rates(given.redis)
    return app


def _city(settings: Settings, given: Parts) -> City:
    return City(
        registration=settings.registration_rules,
        authorization=settings.authorization_rules,
        identity=registry.rules(settings),
        face_checker=_FACE_CHECKERS.get(registry.chosen(settings), ""),
        objection_days=settings.credit.objection_days,
        admission_first=settings.domain.admission_before == "publication",
        market=settings.market_rules,
        review=settings.review_rules,
        register=given.register,
        on_events=given.on_events,
    )
