"""A house with open doors for each journey."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.domain.databases import SQLITE
from tests.journeys.house import House, house


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """A house stands on SQLite, where the journey does not ask for both: the rooms are tested on both."""
    return str(getattr(request, "param", SQLITE))


@pytest.fixture
def database_settings(backend: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Of SQLite the house has its own file, as by default."""
    return {} if backend == SQLITE else {"url": request.getfixturevalue("postgres_url")}


@pytest.fixture
async def closed(
    tmp_path: Path, rasa_url: str, vectors: Path, database_settings: dict[str, str]
) -> AsyncIterator[House]:
    """A house that the test opens itself."""
    shutil.copytree(vectors, tmp_path / "vectors", dirs_exist_ok=True)
    async with house(tmp_path, nlu_url=rasa_url, database=database_settings) as built:
        yield built
    shutil.copytree(tmp_path / "vectors", vectors, dirs_exist_ok=True)


@pytest.fixture
async def opened(closed: House) -> AsyncIterator[House]:
    async with closed.open():
        await closed.fake.follow(closed.openid)
        yield closed
