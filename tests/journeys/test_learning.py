"""A whole service learns from what it did not understand, and says by which model it reads."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.sections import PROJECT
from domain.unlabelled import UnlabelledRow
from nlu import record, training
from tests.domain.databases import opened
from tests.journeys.house import House, house


@pytest.fixture
async def closed(tmp_path: Path, rasa_url: str) -> AsyncIterator[House]:
    """With an empty catalogue, and patience: on a slow machine the keyword reader must not step in."""
    patient = {"timeout_seconds": 20}
    async with house(tmp_path, nlu_url=rasa_url, nlu=patient, catalogue={"seed": False}) as built:
        yield built


async def figures(house: House) -> str:
    async with (
        ClientSession() as session,
        session.get(f"{house.settings.server.local_address}/metrics") as got,
    ):
        return await got.text()


async def test_what_was_not_understood_waits_for_a_label(closed: House) -> None:
    model = record.name_of(training.model_path(PROJECT))
    async with closed.open():
        await closed.fake.follow(closed.openid)
        await closed.say("今天天气怎么样")
        await closed.say("80万")
        shown = await figures(closed)
    assert f'model="{model}"' in next(
        line for line in shown.splitlines() if line.startswith("rongqiao_nlu_model{")
    )
    # Written at the latest when the service ends.
    async with opened(closed.settings.database_url) as database, database.reading() as session:
        rows = list(await session.scalars(select(UnlabelledRow)))
    assert [(row.text, row.reason, row.model) for row in rows] == [("今天天气怎么样", "fallback", model)]
