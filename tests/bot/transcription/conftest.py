"""A cloud behind a socket, and a client before it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from bot.transcription.tc3 import Credentials
from bot.transcription.tencent import Options, TencentTranscriber
from tests.bot.transcription.cloud import SECRET_ID, SECRET_KEY, Cloud


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
async def cloud_url(cloud: Cloud) -> AsyncIterator[str]:
    async with TestServer(cloud.app()) as server:
        yield str(server.make_url(""))
        # Whoever still waits is let go, so that the server can end.
        cloud.open.set()
        await asyncio.sleep(0)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as one:
        yield one


@pytest.fixture
def transcriber(session: ClientSession, cloud_url: str) -> TencentTranscriber:
    return TencentTranscriber(
        session, Credentials(SECRET_ID, SECRET_KEY), Options(url=cloud_url, pause_s=0.01)
    )
