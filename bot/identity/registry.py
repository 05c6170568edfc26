"""The providers as configured."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import ClientSession, DummyCookieJar

from bot.config import Settings
from bot.identity.base import IdentityProvider
from bot.identity.checking import Rules
from bot.identity.enterprise_four_elements import EnterpriseCheck, TencentEnterpriseCheck
from bot.identity.material import Limits, Material
from bot.identity.providers import Providers
from bot.identity.sandbox import SandboxProvider
from bot.identity.tencent import FACEID, OCR, Product, TencentService
from bot.identity.tencent_faceid import Options, TencentFaceId

# `{id}` stands for the verification's id. In the path: whoever sends people back appends a query of his own.
RETURN_PAGE = "/m/identity/return/{id}"
MATERIAL_PAGE = "/m/identity/material/{id}"
SANDBOX = "/sandbox/identity"
_MEGABYTE = 1024 * 1024


def rules(settings: Settings) -> Rules:
    chosen = settings.identity
    limits = Limits(
        chosen.material.max_megabytes * _MEGABYTE, chosen.material.max_files, chosen.material.kept_days
    )
    return Rules(settings.server.address + RETURN_PAGE, chosen.tries_per_day, limits)


@asynccontextmanager
async def providers(settings: Settings, *, sandbox_secret: str = "") -> AsyncIterator[Providers]:
    """`sandbox_secret` is the one that `sandbox.identity.identity_app` was made with."""
    material = Material(settings.server.address + MATERIAL_PAGE)
    async with AsyncExitStack() as stack:
        yield Providers(await _usual(settings, material, sandbox_secret, stack), material)


@asynccontextmanager
async def enterprise_check(settings: Settings) -> AsyncIterator[EnterpriseCheck | None]:
    """None where nobody is asked."""
    if settings.identity.enterprise == "none":
        yield None
        return
    async with _service(OCR, settings, settings.identity.enterprise_url) as service:
        yield TencentEnterpriseCheck(service)


def chosen(settings: Settings) -> str:
    """The provider's name, with `auto` decided."""
    configured = settings.identity.provider
    if configured != "auto":
        return configured
    return SandboxProvider.name if settings.sandbox_on else Material.name


def faceid(settings: Settings) -> TencentService:
    return _service(FACEID, settings, settings.identity.url)


async def _usual(
    settings: Settings, material: Material, sandbox_secret: str, stack: AsyncExitStack
) -> IdentityProvider:
    match chosen(settings):
        case TencentFaceId.name:
            service = await stack.enter_async_context(faceid(settings))
            identity = settings.identity
            return TencentFaceId(service, Options(identity.rule_id, identity.min_similarity))
        case SandboxProvider.name:
            http = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
            return SandboxProvider(http, settings.server.local_address + SANDBOX, sandbox_secret)
        case _:
            return material


def _service(product: Product, settings: Settings, url: str) -> TencentService:
    identity = settings.identity
    return TencentService(
        product,
        identity.secret_id.get_secret_value(),
        identity.secret_key.get_secret_value(),
        url=url,
        region=identity.region,
        timeout_seconds=identity.timeout_seconds,
    )
