"""The offices' queues: whose region, who first, and page by page."""

from datetime import timedelta

import pytest

from domain import regions
from domain.database import Database
from domain.registrations import reading
from domain.registrations.rules import RegistrationStatus
from domain.secrets import Cipher
from tests.domain.registrations.applicants import KUNSHAN, NOW, approved, submitted

PLACES = ["320583", "320509", "330106", "320583", "320500", "110101", "320583"]


async def fill(database: Database, cipher: Cipher) -> list[str]:
    """The ids in the order of submission, two of them in the same moment."""
    ids = []
    for place, region in enumerate(PLACES):
        now = NOW + timedelta(minutes=place // 2)
        row = await submitted(database, cipher, f"o{place}", now=now, region=region)
        ids.append(row.id)
    return ids


@pytest.mark.parametrize(
    "within", [None, ["320583"], ["320500"], ["320000"], ["110000"], ["320509", "330106"], ["440300"], []]
)
@pytest.mark.parametrize("size", [1, 2, 3, 50])
async def test_pages_make_the_whole_queue(
    database: Database, cipher: Cipher, within: list[str] | None, size: int
) -> None:
    ids = await fill(database, cipher)
    expected = {
        registration_id
        for registration_id, region in zip(ids, PLACES, strict=True)
        if within is None or any(regions.contains(code, region) for code in within)
    }
    found, after = [], None
    async with database.reading() as session:
        while rows := await reading.queue(session, within=within, after=after, size=size):
            assert len(rows) <= size
            found += rows
            after = (rows[-1].submitted_at, rows[-1].id)
    assert len(found) == len(expected)
    assert {row.id for row in found} == expected
    assert found == sorted(found, key=lambda row: (row.submitted_at, row.id))


async def test_filters_narrow_what_is_seen_and_never_widen_it(database: Database, cipher: Cipher) -> None:
    ids = await fill(database, cipher)
    async with database.reading() as session:
        first = await session.get_one(reading.RegistrationRow, ids[0])
    await approved(database, first, KUNSHAN)
    async with database.reading() as session:

        async def found(**filters: object) -> list[str]:
            rows = await reading.queue(session, within=["320500"], size=50, **filters)  # type: ignore[arg-type]
            return [row.id for row in rows]

        assert await found(status=RegistrationStatus.CITY_REVIEW) == [ids[0]]
        assert set(await found(region="320583")) == {ids[0], ids[3], ids[6]}
        assert len(await found(region="320000")) == 5
        assert await found(region="330106") == []
