"""Who unsubscribes: what is his alone goes at once, the rest when its days are over."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from domain import people, requests
from domain.base import utcnow
from domain.database import Database
from domain.equity import raising
from domain.equity import reading as equity
from domain.equity.labels import OPEN, EquityStatus
from domain.identity.materials import MaterialRow
from domain.identity.tables import VerifiedPersonRow
from domain.needs import Need
from domain.people import PersonRow
from domain.personal_data.deleting import delete
from domain.personal_data.tables import DeletionReason, DeletionRow
from domain.personal_data.unfollowed import Finishing, Forgetting, forget_unfollowed
from domain.requests import RequestRow, RequestStatus
from domain.secrets import Cipher
from tests.domain.personal_data.lives import LI, ZHANG, everything, lead, where

NOW = utcnow()
DAYS = timedelta(days=30)
CHORE = Forgetting(DAYS)


@pytest.fixture
async def lived(database: Database, cipher: Cipher) -> Database:
    async with database.unit_of_work() as session:
        for life in (ZHANG, LI):
            await lead(session, life, cipher, NOW)
    return database


async def leave(database: Database) -> None:
    async with database.unit_of_work() as session:
        before = await session.scalar(select(PersonRow.last_seen_at).where(PersonRow.openid == ZHANG.openid))
        assert await people.unfollowed(session, ZHANG.openid, NOW, before=before)


async def end_requests(database: Database) -> None:
    async with database.unit_of_work() as session:
        for row in await requests.open_requests(session, ZHANG.openid):
            await requests.withdraw(session, row, NOW)
        for raised in await equity.open_of_person(session, ZHANG.openid):
            if raised.state in OPEN:
                end = raising.close if raised.state is EquityStatus.INVESTED else raising.withdraw
                await end(session, ZHANG.openid, raised.id, NOW)


async def clean(database: Database, chore: Forgetting | Finishing, days: float) -> int:
    """Until nothing is left to do; how many people or deletions there were."""
    portions = 0
    while True:
        async with database.unit_of_work() as session:
            if await chore.portion(session, NOW + timedelta(days=days), 200) < 200:
                return portions
        portions += 1


async def count(database: Database, table: type[RequestRow | DeletionRow | VerifiedPersonRow]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_what_is_his_alone_goes_at_once(lived: Database, cipher: Cipher) -> None:
    for _ in range(2):
        async with lived.unit_of_work() as session:
            await forget_unfollowed(session, ZHANG.openid, NOW, cipher=cipher)
    async with lived.reading() as session:
        states = set(
            await session.scalars(select(RequestRow.status).where(RequestRow.openid == ZHANG.openid))
        )
        assert RequestStatus.DRAFT not in states
        assert RequestStatus.PUBLISHED in states
        assert await session.scalar(select(func.count()).select_from(MaterialRow)) == 1, "that is the other's"
    assert where(await everything(lived, cipher), ZHANG.id_number) == {"verified_people"}, (
        "for he may come back"
    )


async def test_when_his_days_are_over_the_rest_goes(lived: Database, cipher: Cipher) -> None:
    await leave(lived)
    await end_requests(lived)
    assert await clean(lived, CHORE, 29.9) == 0
    assert await clean(lived, CHORE, 30.1) == 1
    assert await clean(lived, CHORE, 30.2) == 0, "it is done once"
    async with lived.reading() as session:
        (row,) = await session.scalars(select(DeletionRow))
        assert row.reason == DeletionReason.UNFOLLOWED
    assert await clean(lived, Finishing(), 32) == 1
    dump = await everything(lived, cipher)
    for figure in ZHANG.figures:
        assert where(dump, figure) == set()
    assert await count(lived, VerifiedPersonRow) == 1, "that is the other's"
    assert await clean(lived, Finishing(), 40) == 0


async def test_not_while_a_request_of_his_is_under_way(lived: Database) -> None:
    await leave(lived)
    assert await clean(lived, CHORE, 300) == 0
    await end_requests(lived)
    assert await clean(lived, CHORE, 300) == 1


async def test_who_came_back_is_left_in_peace(lived: Database) -> None:
    await leave(lived)
    await end_requests(lived)
    async with lived.unit_of_work() as session:
        await people.followed(session, ZHANG.openid, None, NOW + timedelta(days=29), before=NOW)
    assert await clean(lived, CHORE, 300) == 0


async def test_everybody_has_his_turn(database: Database) -> None:
    async with database.unit_of_work() as session:
        for number in range(3):
            await people.followed(session, f"oLeft{number}", None, NOW, before=None)
        await session.execute(update(PersonRow).values(follows=False, unfollowed_at=NOW))
    assert await clean(database, CHORE, 31) == 3
    assert await count(database, DeletionRow) == 3


async def test_what_takes_longer_is_looked_at_now_and_then(lived: Database) -> None:
    """A deletion that waits for a loan to be paid out holds up no other."""
    async with lived.unit_of_work() as session:
        agreed = await requests.draft(session, ZHANG.openid, Need(), NOW - timedelta(days=1))
        agreed.status = RequestStatus.ACCEPTED
    async with lived.unit_of_work() as session:
        await delete(session, ZHANG.openid, NOW)
        await delete(session, LI.openid, NOW)
    assert await clean(lived, Finishing(), 2) == 2
    async with lived.reading() as session:
        waiting = await session.scalars(select(DeletionRow.openid).where(DeletionRow.completed_at.is_(None)))
        assert waiting.all() == [ZHANG.openid]
