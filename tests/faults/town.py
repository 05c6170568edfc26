"""Several replicas on PostgreSQL and Valkey, facing the fake WeChat; every process is one of the system's."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import BaseTestServer, TestServer
from sqlalchemy.ext.asyncio import create_async_engine

from bot import config
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from domain.secrets import new_key
from tests.bot.identity.cloud import RULE_ID, SECRET_ID, SECRET_KEY, FaceCloud
from tests.faults.books import Books
from tests.faults.line import Line, line
from tests.faults.phone import Phone
from tests.faults.replica import Replica, environment
from tests.journeys.house import TOKEN

FIRST = "我在昆山做五金加工，想贷120万买一台加工中心，两年，用厂房抵押"
PUBLISH = "确认"


@dataclass
class Town:
    """`left` and `right` are web processes; `wire` is the way from the worker to WeChat's API."""

    fake: FakeWeChat
    cloud: FaceCloud
    books: Books
    database_url: str
    redis_url: str
    wire: Line
    left: Replica
    right: Replica
    worker: Replica
    environment: Mapping[str, str]
    folder: Path

    @asynccontextmanager
    async def more(self, *roles: str) -> AsyncIterator[list[Replica]]:
        """Further processes of the same town, for as long as this context."""
        others = [Replica(role, self.environment, self.folder) for role in roles]
        try:
            await asyncio.gather(*(replica.start() for replica in others))
            yield others
        finally:
            await asyncio.gather(*(replica.stop() for replica in others))

    async def all_up(self) -> None:
        # The first brings the schema up and writes the bytecode for all.
        await self.left.start()
        await asyncio.gather(self.right.start(), self.worker.start())

    async def newcomer(self) -> Phone:
        """Somebody who has just followed the account.

        Events come to the right, which stays alive while the left is killed.
        """
        phone = Phone(self.fake)
        await phone.follow(self.right)
        return phone

    async def about_to_publish(self) -> Phone:
        """Somebody whose request waits for one word, which publishes it."""
        phone = await self.newcomer()
        assert PUBLISH in await phone.say(FIRST, self.left)
        return phone


@asynccontextmanager
async def world() -> AsyncIterator[tuple[FakeWeChat, Line]]:
    """WeChat, and the line to its API."""
    account = SandboxAccount.generate()
    templates = sandbox_templates(config.load().wechat.templates)
    fake = FakeWeChat(account, "http://localhost/wechat", templates=templates, receipt_delay=0.05)
    async with fake, TestServer(api_app(fake)) as api, line(api.make_url("/")) as wire:
        yield fake, wire


def settings(fake: FakeWeChat, wire: Line, folder: Path, **more: str) -> dict[str, str]:
    """Names without their prefix; the catalogue stays empty, so that a process starts quickly."""
    account = fake.account
    return {
        "DATA_DIR": str(folder),
        "WECHAT__APP_ID": account.app_id,
        "WECHAT__APP_SECRET": account.app_secret,
        "WECHAT__TOKEN": account.token,
        "WECHAT__ENCODING_AES_KEY": account.encoding_aes_key,
        "WECHAT__API_BASE_URL": f"http://127.0.0.1:{wire.port}",
        "API__BOOTSTRAP_TOKEN": TOKEN,
        "SECRETS__ENCRYPTION_KEY": new_key(),
        "CATALOGUE__SEED": "false",
        "LOG__LEVEL": "INFO",
        "LOG__FORMAT": "json",
    } | more


def faces_by(cloud: BaseTestServer) -> dict[str, str]:
    """Settings: faces are checked there, as Tencent Cloud does."""
    return {
        "IDENTITY__PROVIDER": "tencent",
        "IDENTITY__URL": str(cloud.make_url("")).rstrip("/"),
        "IDENTITY__SECRET_ID": SECRET_ID,
        "IDENTITY__SECRET_KEY": SECRET_KEY,
        "IDENTITY__RULE_ID": RULE_ID,
    }


@asynccontextmanager
async def town(
    folder: Path, bytecode: Path, *, database_url: str, redis_url: str, nlu_url: str
) -> AsyncIterator[Town]:
    more = {"DATABASE__URL": database_url, "REDIS__URL": redis_url, "NLU__URL": nlu_url}
    async with AsyncExitStack() as stack:
        fake, wire = await stack.enter_async_context(world())
        cloud = FaceCloud()
        faces = await stack.enter_async_context(TestServer(cloud.app()))
        engine = create_async_engine(database_url)
        stack.push_async_callback(engine.dispose)
        more |= faces_by(faces)
        seen = environment(settings(fake, wire, folder, **more), bytecode)
        left, right, worker = (Replica(role, seen, folder) for role in ("web", "web", "worker"))
        for replica in (left, right, worker):
            stack.push_async_callback(replica.stop)
        built = Town(
            fake, cloud, Books(engine), database_url, redis_url, wire, left, right, worker, seen, folder
        )
        await built.all_up()
        yield built
