import pytest

from domain.database import Database
from tests.domain.claims.scene import Scene


@pytest.fixture
async def scene(database: Database) -> Scene:
    scene = Scene(database)
    await scene.set_up()
    return scene
