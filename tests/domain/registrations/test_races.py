"""Two at once: nothing is done twice, and who comes second is told."""

import asyncio

from domain.database import Database
from domain.errors import NotAllowedNow
from domain.registrations import deciding, reading, submitting
from domain.registrations.errors import Changed
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher
from tests.domain.records import take
from tests.domain.registrations.applicants import (
    NOW,
    OPEN_DOOR,
    OPERATOR,
    SUZHOU,
    TRUSTING,
    USCC,
    activated,
    form,
    member,
    registered,
    statuses,
    stored,
    submitted,
)

ROUNDS = 5


async def decide(database: Database, row: RegistrationRow, *, approves: bool) -> RegistrationRow:
    async with database.unit_of_work() as session:
        if approves:
            return await deciding.approve(session, row.id, OPERATOR, seen=row.version, now=NOW)
        return await deciding.give_back(session, row.id, OPERATOR, seen=row.version, reason="退", now=NOW)


async def test_of_reviewers_at_once_one_wins(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    ends = await asyncio.gather(
        *(decide(database, row, approves=place % 2 == 0) for place in range(6)), return_exceptions=True
    )
    assert sum(isinstance(end, RegistrationRow) for end in ends) == 1
    assert sum(isinstance(end, Changed) for end in ends) == 5
    assert len(await statuses(database, row.id)) == 2


async def test_a_form_sent_at_once_is_one_registration(database: Database, cipher: Cipher) -> None:
    rows = await asyncio.gather(*(submitted(database, cipher) for _ in range(6)))
    assert len({row.id for row in rows}) == 1
    assert len(await statuses(database, rows[0].id)) == 1


async def test_an_owner_who_withdraws_while_it_is_decided(database: Database, cipher: Cipher) -> None:
    async def withdraw(row: RegistrationRow) -> RegistrationRow:
        async with database.unit_of_work() as session:
            return await submitting.withdraw(session, "oZhang", row.id, NOW)

    for place in range(ROUNDS):
        row = await submitted(database, cipher, uscc=f"91320583MA1MABC{place:02}X", uscc_confirmed=True)
        ends = await asyncio.gather(
            decide(database, row, approves=True), withdraw(row), return_exceptions=True
        )
        assert isinstance(ends[0], RegistrationRow | Changed)
        assert isinstance(ends[1], RegistrationRow)
        assert (await stored(database, row.id)).status == "withdrawn"


async def test_of_two_first_persons_one_is_the_first(database: Database, cipher: Cipher) -> None:
    await submitted(database, cipher, rules=TRUSTING)
    await submitted(database, cipher, "oLi", rules=TRUSTING)
    ends = await asyncio.gather(activated(database), activated(database, "oLi"))
    assert sorted(row.status for row in ends if row) == ["member_review", "registered"]
    async with database.reading() as session:
        people = [await member(session, openid) for openid in ("oZhang", "oLi")]
        assert sum(person is not None for person in people) == 1
        assert len(await reading.deciders(session, USCC)) == 1


async def test_registered_at_once_in_a_city_that_asks_for_nothing(database: Database, cipher: Cipher) -> None:
    people = [f"o{place}" for place in range(6)]
    rows = await asyncio.gather(*(submitted(database, cipher, openid, rules=OPEN_DOOR) for openid in people))
    assert sorted(row.status for row in rows) == ["member_review"] * 5 + ["registered"]


async def test_an_import_at_the_same_moment(database: Database, cipher: Cipher) -> None:
    facts = {"uscc": USCC, "name": "恒达", "revenue": 1_000_000}
    _, report = await asyncio.gather(
        registered(database, cipher), take(database, cipher, "companies", [facts])
    )
    assert report.accepted == 1
    async with database.reading() as session:
        assert await reading.is_registered(session, "oZhang")


async def test_mended_twice_at_once_it_goes_out_once(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await decide(database, row, approves=False)

    async def mend() -> RegistrationRow:
        async with database.unit_of_work() as session:
            return await submitting.mend(
                session, "oZhang", row.id, form(), rules=SUZHOU, cipher=cipher, now=NOW
            )

    ends = await asyncio.gather(mend(), mend(), return_exceptions=True)
    assert sum(isinstance(end, NotAllowedNow) for end in ends) == 1
    assert len(await statuses(database, row.id)) == 3
