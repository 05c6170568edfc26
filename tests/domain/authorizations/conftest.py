import pytest

from domain.database import Database
from tests.domain.authorizations.scene import Scene


@pytest.fixture
async def scene(database: Database) -> Scene:
    scene = Scene(database)
    await scene.set_up()
    return scene
