import pytest

from domain.database import Database
from tests.domain.equity.scene import Scene


@pytest.fixture
async def scene(database: Database) -> Scene:
    scene = Scene(database)
    await scene.set_up()
    return scene
