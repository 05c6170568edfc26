"""Sentences to label: each once, counted, and gone from the list when somebody has labelled it."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain import unlabelled
from domain.base import SHANGHAI
from domain.database import Database
from domain.unlabelled import LONGEST, Reason, Sighting, UnlabelledRow
from tests.domain.databases import opened

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def sighting(
    text: str, *, count: int = 1, reason: Reason = Reason.UNSURE, confidence: float = 0.4
) -> Sighting:
    return Sighting(text, reason, "ask_rate", confidence, count)


async def keep(database: Database, *sightings: Sighting, model: str = "a", at: datetime = NOW) -> None:
    async with database.unit_of_work() as session:
        await unlabelled.keep(session, sightings, model, at)


async def waiting(database: Database, limit: int | None = None) -> list[UnlabelledRow]:
    async with database.reading() as session:
        return await unlabelled.waiting(session, limit)


async def test_a_sentence_is_kept_once_with_its_latest_reading(database: Database) -> None:
    await keep(database, sighting("甲", count=2))
    await keep(database, sighting("甲", reason=Reason.CORRECTED, confidence=0.5), model="b", at=LATER)
    (row,) = await waiting(database)
    assert (row.text, row.count, row.reason, row.model) == ("甲", 3, "corrected", "b")
    assert row.confidence == 0.5


async def test_only_the_day_is_known(database: Database) -> None:
    """Moments would lead to who wrote at that time."""
    await keep(database, sighting("甲"))
    await keep(database, sighting("甲"), at=LATER + timedelta(hours=3, seconds=7))
    (row,) = await waiting(database)
    midnight = datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert (row.first_seen_at, row.last_seen_at) == (midnight, midnight + timedelta(days=1))


async def test_the_most_frequent_come_first(database: Database) -> None:
    await keep(database, sighting("甲"), sighting("乙", count=3))
    await keep(database, sighting("丙"), at=LATER)
    assert [row.text for row in await waiting(database)] == ["乙", "丙", "甲"]
    assert [row.text for row in await waiting(database, 1)] == ["乙"]


async def test_what_is_labelled_waits_no_more_even_if_it_is_said_again(database: Database) -> None:
    await keep(database, sighting("甲"), sighting("乙"))
    first, second = await waiting(database)
    async with database.unit_of_work() as session:
        await unlabelled.labelled(session, {first.id: "greet", second.id + 1000: "deny"}, LATER)
    await keep(database, sighting(first.text), at=LATER)
    assert [row.id for row in await waiting(database)] == [second.id]
    async with database.reading() as session:
        row = await session.get(UnlabelledRow, first.id)
    assert row is not None
    assert (row.label, row.labelled_at, row.count) == ("greet", LATER, 2)


async def test_nothing_and_the_longest(database: Database) -> None:
    await keep(database)
    assert await waiting(database) == []
    await keep(database, sighting("〔" * LONGEST))
    assert len(await waiting(database)) == 1


async def test_two_processes_count_together(database: Database, database_url: str) -> None:
    texts = [f"第{number}句" for number in range(30)]
    async with opened(database_url) as other:
        await asyncio.gather(
            *(keep(database, *map(sighting, texts)) for _ in range(3)),
            *(keep(other, *map(sighting, reversed(texts))) for _ in range(3)),
        )
    assert [row.count for row in await waiting(database)] == [6] * 30
