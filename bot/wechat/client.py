"""The platform's API for one account: one connection pool, one token, one attribute a noun."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, TraceConfig
from redis.asyncio import Redis

from bot.wechat.api.custom_messages import CustomMessages
from bot.wechat.api.customer_service import CustomerService
from bot.wechat.api.drafts import Drafts
from bot.wechat.api.jssdk import JsSdk
from bot.wechat.api.mass import Mass
from bot.wechat.api.media import Media
from bot.wechat.api.menus import Menus
from bot.wechat.api.oauth import OAuth
from bot.wechat.api.qrcodes import QrCodes
from bot.wechat.api.quota import Quota
from bot.wechat.api.subscriptions import Subscriptions
from bot.wechat.api.tags import Tags
from bot.wechat.api.templates import Templates
from bot.wechat.api.users import Users
from bot.wechat.caller import Caller
from bot.wechat.token import AccessTokens
from bot.wechat.transport import TIMEOUT, Breaker, Transport

CONNECTIONS = 50


@dataclass(frozen=True, slots=True)
class Credentials:
    app_id: str
    app_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sites:
    """Where WeChat is; a sandbox has its own."""

    api: str = "https://api.weixin.qq.com"
    mp: str = "https://mp.weixin.qq.com"
    open: str = "https://open.weixin.qq.com"


class WeChatClient:
    """Every call raises `CallFailed`, whose flags say what a caller may do; nothing else comes out of it."""

    def __init__(
        self, transport: Transport, redis: Redis, account: Credentials, sites: Sites | None = None
    ) -> None:
        sites = sites or Sites()
        app_id, secret = account.app_id, account.app_secret
        caller = Caller(transport, AccessTokens(transport, redis, app_id=app_id, app_secret=secret))
        self.custom_messages = CustomMessages(caller)
        self.customer_service = CustomerService(caller)
        self.drafts = Drafts(caller)
        self.jssdk = JsSdk(caller, redis, app_id=app_id)
        self.mass = Mass(caller)
        self.media = Media(caller)
        self.menus = Menus(caller)
        self.oauth = OAuth(transport, app_id=app_id, app_secret=secret, open_url=sites.open)
        self.qrcodes = QrCodes(caller, mp_url=sites.mp)
        self.quota = Quota(caller, transport, app_id=app_id, app_secret=secret)
        self.subscriptions = Subscriptions(caller, app_id=app_id, mp_url=sites.mp)
        self.tags = Tags(caller)
        self.templates = Templates(caller)
        self.users = Users(caller)


@asynccontextmanager
async def connected(
    redis: Redis,
    account: Credentials,
    breaker: Breaker,
    sites: Sites | None = None,
    *,
    connections: int = CONNECTIONS,
    timeout: ClientTimeout = TIMEOUT,  # noqa: ASYNC109 - handed on to aiohttp
    trace_configs: Sequence[TraceConfig] = (),
) -> AsyncIterator[WeChatClient]:
    """A client with a connection pool of its own, closed at the end; ``trace_configs`` are aiohttp's."""
    sites = sites or Sites()
    async with ClientSession(
        connector=TCPConnector(limit=connections),
        cookie_jar=DummyCookieJar(),
        trace_configs=list(trace_configs),
    ) as session:
        yield WeChatClient(Transport(session, sites.api, breaker, timeout=timeout), redis, account, sites)
