"""A house with open doors for each journey."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.house import House, house


@pytest.fixture
async def closed(tmp_path: Path, rasa_url: str, vectors: Path) -> AsyncIterator[House]:
    """A house that the test opens itself."""
    shutil.copytree(vectors, tmp_path / "vectors", dirs_exist_ok=True)
    async with house(tmp_path, nlu_url=rasa_url) as built:
        yield built
    shutil.copytree(tmp_path / "vectors", vectors, dirs_exist_ok=True)


@pytest.fixture
async def opened(closed: House) -> AsyncIterator[House]:
    async with closed.open():
        await closed.fake.follow(closed.openid)
        yield closed
