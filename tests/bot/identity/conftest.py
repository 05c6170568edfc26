"""A cloud behind a socket, the provider before it, and a walk with a clock of its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestServer

from bot.identity.base import IdentityProvider
from bot.identity.checking import Checking, Rules
from bot.identity.material import Limits, Material
from bot.identity.providers import Providers
from bot.identity.tencent import FACEID, Product, TencentService
from bot.identity.tencent_faceid import Options, TencentFaceId
from domain.database import Database
from domain.identity.verifications import Person
from domain.secrets import Cipher, decode_key, new_key
from tests.bot.identity.cloud import RULE_ID, SECRET_ID, SECRET_KEY, FaceCloud

NAME, NUMBER = "张三丰", "11010519491231002X"
PERSON = Person(NAME, NUMBER)
START = datetime(2026, 11, 23, 1, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: float) -> None:
        self.now += timedelta(**more)


@dataclass
class Town:
    """The walk with what is around it; `nudges` counts what it told the loops."""

    checking: Checking
    database: Database
    cipher: Cipher
    cloud: FaceCloud
    clock: Clock
    nudges: list[int] = field(default_factory=list)


@pytest.fixture
def cloud() -> FaceCloud:
    return FaceCloud()


@pytest.fixture
async def cloud_url(cloud: FaceCloud) -> AsyncIterator[str]:
    async with TestServer(cloud.app()) as server:
        yield str(server.make_url(""))
        # Whoever still waits is let go, so that the server can end.
        cloud.open.set()
        await asyncio.sleep(0)


def service_at(
    url: str, *, secret_key: str = SECRET_KEY, timeout: float = 5, product: Product = FACEID
) -> TencentService:
    return TencentService(
        product, SECRET_ID, secret_key, url=url, timeout_seconds=timeout, pause_seconds=0.001
    )


@pytest.fixture
async def provider(cloud_url: str) -> AsyncIterator[TencentFaceId]:
    async with service_at(cloud_url) as service:
        yield TencentFaceId(service, Options(RULE_ID))


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(decode_key(new_key()))


def town_of(database: Database, cipher: Cipher, cloud: FaceCloud, usual: IdentityProvider) -> Town:
    clock, nudges = Clock(), list[int]()
    providers = Providers(usual, Material("https://city.cn/m/identity/material/{id}"))
    rules = Rules("https://city.cn/m/identity/return/{id}", 5, Limits(1024, 2, 30))
    checking = Checking(database, cipher, providers, rules, lambda: nudges.append(1), clock=clock)
    return Town(checking, database, cipher, cloud, clock, nudges)


@pytest.fixture
def town(database: Database, cipher: Cipher, cloud: FaceCloud, provider: TencentFaceId) -> Town:
    return town_of(database, cipher, cloud, provider)
