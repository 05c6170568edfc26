"""WeChat as the service meets it: the client, the callback's codec, and the sandbox that stands in for it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict

from redis.asyncio import Redis

from bot import calls, menu
from bot.account import Account, account_of
from bot.assembly.ground import Ground, connected_redis
from bot.config import Settings
from bot.sandbox.account import SandboxAccount
from bot.sandbox.envelope import Encryption
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from bot.wechat.callback import CallbackCodec, Mode
from bot.wechat.client import Credentials, Sites, WeChatClient, connected
from bot.wechat.nonces import RedisNonces
from nlu.breaker import Breaker

# Calls in a row without an answer; a burst of few must not stop the others.
_FAILURES_OF_WECHAT = 5


def client(settings: Settings, account: Account, redis: Redis) -> AbstractAsyncContextManager[WeChatClient]:
    return connected(
        redis,
        Credentials(account.app_id, account.app_secret),
        Breaker(limit=_FAILURES_OF_WECHAT),
        _sites(settings),
        trace_configs=[calls.logged()],
    )


@asynccontextmanager
async def client_alone(settings: Settings) -> AsyncIterator[WeChatClient]:
    """The client for a command beside the service, whose Valkey and token it shares."""
    settings.make_data_dir()
    async with AsyncExitStack() as stack:
        redis = await connected_redis(settings, stack)
        yield await stack.enter_async_context(client(settings, account_of(settings), redis))


def codec(ground: Ground) -> CallbackCodec:
    wechat = ground.settings.wechat
    return CallbackCodec(
        ground.account.app_id,
        ground.account.token,
        RedisNonces(ground.redis),
        encoding_aes_key=ground.account.encoding_aes_key,
        previous_aes_key=wechat.previous_aes_key.get_secret_value(),
        mode=Mode(wechat.encryption),
    )


def sandbox(ground: Ground) -> FakeWeChat:
    settings = ground.settings
    return FakeWeChat(
        SandboxAccount(**asdict(ground.account)),
        f"{settings.server.local_address}/wechat",
        name="融桥",
        templates=sandbox_templates(settings.wechat.templates),
        menu=menu.payload(menu.load(menu.FILE, settings.server.address)),
        mode=Encryption(settings.wechat.encryption),
    )


def _sites(settings: Settings) -> Sites:
    """The sandbox has WeChat's pages too: where a login and a QR code's picture are."""
    if not settings.sandbox_on or settings.wechat.api_base_url:
        return Sites(api=settings.wechat_api)
    pages = f"{settings.server.address}/sandbox/wechat"
    return Sites(api=settings.wechat_api, mp=pages, open=pages)
