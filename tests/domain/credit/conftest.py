import pytest

from domain.database import Database
from tests.domain.credit.stage import Stage


@pytest.fixture
async def stage(database: Database) -> Stage:
    stage = Stage(database)
    await stage.set_up()
    return stage
