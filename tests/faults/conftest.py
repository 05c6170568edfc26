"""One town for all tests about replicas: each test finds every process running, and its own people."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.embedded.valkey import embedded_valkey, ping
from tests.domain.databases import PostgresServer
from tests.faults.town import Town, town
from tests.faults.waiting import eventually


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(scope="package")
async def whole_town(
    tmp_path_factory: pytest.TempPathFactory, bytecode: Path, rasa_url: str, postgres: PostgresServer
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    async with (
        postgres.empty() as database_url,
        embedded_valkey(folder) as redis_url,
        town(folder, bytecode, database_url=database_url, redis_url=redis_url, nlu_url=rasa_url) as built,
    ):
        yield built


@pytest.fixture
async def replicas(whole_town: Town) -> Town:
    """The town as the test before left it, with the dead brought back."""
    await eventually(partial(ping, whole_town.redis_url))
    await whole_town.all_up()
    return whole_town
