"""Verifications: one open at a time, so many a day, each ended once; of what did not pass nothing is kept."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain import companies, events
from domain.companies import Company
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound
from domain.events import OutboxRow
from domain.identity import verifications
from domain.identity.tables import State, VerificationRow, VerifiedPersonRow
from domain.identity.verifications import AlreadyVerified, Ended, Ending, Person, TooManyTries
from domain.secrets import Cipher
from tests.domain.databases import on_postgresql, opened

# 09:00 in Shanghai.
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
LATER = NOW + timedelta(hours=2)
ZHANG = Person("张三丰", "11010519491231002X")
PASSED = Ending(State.PASSED, evidence="r-1", similarity=92.5)


async def begun(
    database: Database,
    cipher: Cipher,
    openid: str = "o-1",
    *,
    at: datetime = NOW,
    person: Person = ZHANG,
    provider: str = "tencent",
    tries: int = 5,
) -> VerificationRow:
    async with database.unit_of_work() as session:
        row = await verifications.begin(
            session,
            openid,
            person,
            provider=provider,
            consent="AU-1",
            expires_at=at + timedelta(hours=2),
            tries_per_day=tries,
            now=at,
            cipher=cipher,
        )
    async with database.unit_of_work() as session:
        assert await verifications.started(session, row.id, "T-" + row.id, row.expires_at, cipher=cipher)
    return row


async def finished(
    database: Database, cipher: Cipher, row: VerificationRow, ending: Ending = PASSED, at: datetime = SOON
) -> Ended:
    async with database.unit_of_work() as session:
        return await verifications.finish(session, row.id, ending, at, cipher=cipher)


async def stored(database: Database, row: VerificationRow) -> VerificationRow:
    async with database.reading() as session:
        return await session.get_one(VerificationRow, row.id)


async def told(database: Database) -> list[tuple[str, str]]:
    """Verification and state of each event, in their order."""
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [
            (row.payload["verification_id"], row.payload["state"])
            for row in rows
            if row.name == events.IDENTITY_ENDED
        ]


async def is_verified(database: Database, openid: str = "o-1") -> bool:
    async with database.reading() as session:
        return await verifications.is_verified(session, openid)


async def test_who_passes_is_verified_and_his_papers_are_sealed(database: Database, cipher: Cipher) -> None:
    assert not await is_verified(database)
    row = await begun(database, cipher)
    ended = await finished(database, cipher, row)
    assert (ended.news, ended.others) == (True, 0)
    assert await is_verified(database)
    async with database.reading() as session:
        person = await session.get_one(VerifiedPersonRow, "o-1")
        assert await verifications.verified(session, "o-1", cipher=cipher) == ZHANG
    assert (person.method, person.evidence, person.verified_at) == ("tencent", row.id, SOON)
    raw = person.name + person.id_number + person.id_number_index.encode()
    assert ZHANG.id_number.encode() not in raw
    assert ZHANG.name.encode() not in raw
    after = await stored(database, row)
    assert (after.state, after.similarity, after.evidence) == ("passed", 92.5, "r-1")
    assert after.name is after.id_number is None, "only the person holds them now"
    assert await told(database) == [(row.id, "passed")]


@pytest.mark.parametrize("state", [State.FAILED, State.ABANDONED, State.EXPIRED])
async def test_who_does_not_pass_leaves_neither_name_nor_number(
    database: Database, cipher: Cipher, state: State
) -> None:
    row = await begun(database, cipher)
    await finished(database, cipher, row, Ending(state, "没有通过" * 100, "C" * 500))
    after = await stored(database, row)
    assert (after.state, after.ended_at) == (state, SOON)
    assert after.name is after.id_number is None
    assert after.reason is not None
    assert after.code is not None
    assert (len(after.reason), len(after.code)) == (200, 100)
    assert not await is_verified(database)
    with pytest.raises(NotAllowedNow):
        verifications.person_of(after, cipher)


async def test_a_result_counts_once(database: Database, cipher: Cipher) -> None:
    row = await begun(database, cipher)
    await finished(database, cipher, row)
    again = await finished(database, cipher, row, Ending(State.FAILED, "另一个结果"), LATER)
    assert (again.news, again.verification.state, again.verification.reason) == (False, "passed", None)
    assert await told(database) == [(row.id, "passed")]


async def test_a_result_counts_once_however_many_bring_it(
    database: Database, database_url: str, cipher: Cipher
) -> None:
    row = await begun(database, cipher)
    async with opened(database_url) as other:
        endings = [Ending(State.PASSED, evidence=f"r-{number}") for number in range(8)]
        results = await asyncio.gather(
            *(
                finished(base, cipher, row, ending)
                for base, ending in zip([database, other] * 4, endings, strict=True)
            )
        )
    assert sum(result.news for result in results) == 1
    assert len({result.verification.evidence for result in results}) == 1
    assert await told(database) == [(row.id, "passed")]


async def test_a_new_try_abandons_the_open_one(database: Database, cipher: Cipher) -> None:
    first = await begun(database, cipher)
    second = await begun(database, cipher, at=SOON)
    assert (await stored(database, first)).state == "abandoned"
    assert (await stored(database, second)).state == "begun"
    late = await finished(database, cipher, first, at=LATER)
    assert (late.news, late.verification.state) == (False, "abandoned")
    assert not await is_verified(database)
    async with database.unit_of_work() as session:
        assert not await verifications.started(session, first.id, "T", LATER, cipher=cipher)
    async with database.reading() as session:
        latest, still_open = (
            await verifications.latest_of(session, "o-1"),
            await verifications.open_of(session, "o-1"),
        )
    assert latest is not None
    assert still_open is not None
    assert latest.id == still_open.id == second.id


async def test_of_many_who_begin_at_once_one_stays_open(
    database: Database, database_url: str, cipher: Cipher
) -> None:
    async def begin(base: Database) -> VerificationRow:
        async with base.unit_of_work() as session:
            return await verifications.begin(
                session,
                "o-1",
                ZHANG,
                provider="tencent",
                consent=None,
                expires_at=LATER,
                tries_per_day=9,
                now=NOW,
                cipher=cipher,
            )

    async with opened(database_url) as other:
        rows = await asyncio.gather(*(begin(base) for base in [database, other] * 4))
    states = sorted([(await stored(database, row)).state for row in rows])
    assert states == ["abandoned"] * 7 + ["begun"]


async def test_the_day_has_so_many_tries(database: Database, cipher: Cipher) -> None:
    """The day of Shanghai, which begins at 16:00 of the other one."""
    evening = datetime(2026, 11, 23, 15, 50, tzinfo=UTC)
    for number in range(3):
        row = await begun(database, cipher, at=evening + timedelta(minutes=number), tries=3)
        await finished(database, cipher, row, Ending(State.FAILED))
    with pytest.raises(TooManyTries) as refused:
        await begun(database, cipher, at=evening + timedelta(minutes=9), tries=3)
    assert "3 次" in refused.value.sentence
    await begun(database, cipher, "o-2", at=evening, tries=3)
    await begun(database, cipher, at=evening + timedelta(minutes=10), tries=3)


async def test_what_the_provider_would_not_begin_is_no_try(database: Database, cipher: Cipher) -> None:
    row = await begun(database, cipher)
    async with database.unit_of_work() as session:
        await verifications.drop(session, row.id)
    assert (await stored(database, row)).state == "begun", "this one was begun"
    async with database.unit_of_work() as session:
        fresh = await verifications.begin(
            session,
            "o-2",
            ZHANG,
            provider="tencent",
            consent=None,
            expires_at=LATER,
            tries_per_day=1,
            now=NOW,
            cipher=cipher,
        )
    async with database.unit_of_work() as session:
        await verifications.drop(session, fresh.id)
    await begun(database, cipher, "o-2", tries=1)


async def test_who_passed_does_not_begin_again(database: Database, cipher: Cipher) -> None:
    await finished(database, cipher, await begun(database, cipher))
    with pytest.raises(AlreadyVerified):
        await begun(database, cipher, at=LATER)


async def test_two_accounts_with_one_number_are_counted(
    database: Database, database_url: str, cipher: Cipher
) -> None:
    first = await finished(database, cipher, await begun(database, cipher))
    second = await begun(database, cipher, "o-2", person=Person("张三丰", "11010519491231002x".upper()))
    third = await begun(database, cipher, "o-3")
    async with opened(database_url) as other:
        results = await asyncio.gather(finished(database, cipher, second), finished(other, cipher, third))
    assert (first.others, sorted(result.others for result in results)) == (0, [1, 2])
    async with database.reading() as session:
        counted = await session.scalars(select(VerifiedPersonRow.others).order_by(VerifiedPersonRow.others))
        assert list(counted) == [0, 1, 2]
    for openid in ("o-1", "o-2", "o-3"):
        assert await is_verified(database, openid)


async def test_an_enrolled_company_vouches_for_those_who_came_with_it(
    database: Database, cipher: Cipher
) -> None:
    enrolled = Company(uscc="91320583MA1P8QXR4G", name="甲公司", openid="o-1", enrolled=True)
    other = Company(uscc="91320583MA1P8QXR5E", name="乙公司", openid="o-2")
    async with database.unit_of_work() as session:
        await companies.save_all(session, [enrolled, other], NOW, cipher=cipher)
        session.add(
            companies.CompanyMemberRow(
                openid="o-3", uscc=enrolled.uscc, role="agent", evidence="RG-1", since=NOW
            )
        )
    assert [await is_verified(database, openid) for openid in ("o-1", "o-2", "o-3", "o-4")] == [
        True,
        False,
        False,
        False,
    ]


async def test_a_try_belongs_to_its_person_and_its_token(database: Database, cipher: Cipher) -> None:
    row = await begun(database, cipher)
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await verifications.of(session, "o-2", row.id)
        with pytest.raises(NotFound):
            await verifications.of(session, "o-1", "ID261123-00000000")
        own = await verifications.of(session, "o-1", row.id)
    assert verifications.is_token_of(own, "T-" + row.id, cipher=cipher)
    for forged in ("", "T", "T-" + row.id + " ", "\ud800", "张"):
        assert not verifications.is_token_of(own, forged, cipher=cipher)
    assert b"T-" not in (own.token or b"")
    own.token = None
    assert not verifications.is_token_of(own, "", cipher=cipher)


async def test_nobody_asks_twice_at_once(database: Database, database_url: str, cipher: Cipher) -> None:
    row = await begun(database, cipher)

    async def may(base: Database, at: datetime, *, returned: bool = False) -> bool:
        async with base.unit_of_work() as session:
            return await verifications.asking(session, row.id, at, returned=returned) is not None

    async with opened(database_url) as other:
        assert sum(await asyncio.gather(*(may(base, SOON) for base in [database, other] * 4))) == 1
    assert not await may(database, SOON + timedelta(seconds=1))
    assert await may(database, SOON + timedelta(seconds=1), returned=True)
    assert await may(database, SOON + timedelta(seconds=4))
    after = await stored(database, row)
    assert (after.attempts, after.returned_at) == (3, SOON + timedelta(seconds=1))
    await finished(database, cipher, row)
    assert not await may(database, LATER, returned=True)


async def test_workers_share_what_is_due(database: Database, database_url: str, cipher: Cipher) -> None:
    rows = [await begun(database, cipher, f"o-{number}") for number in range(6)]

    async def claimed(base: Database, at: datetime) -> list[str]:
        async with base.unit_of_work() as session:
            return [row.id for row in await verifications.claim(session, at, 4)]

    assert await claimed(database, NOW + timedelta(seconds=59)) == [], "who comes back asks himself"
    async with opened(database_url) as other:
        at = NOW + timedelta(seconds=60)
        mine, others = await asyncio.gather(claimed(database, at), claimed(other, at))
    assert sorted(mine + others) == sorted(row.id for row in rows)
    assert await claimed(database, NOW + timedelta(seconds=119)) == []
    assert len(await claimed(database, NOW + timedelta(seconds=120))) == 4
    assert len(await claimed(database, NOW + timedelta(minutes=30))) == 4
    assert len(await claimed(database, NOW + timedelta(minutes=30))) == 2
    assert await claimed(database, NOW + timedelta(minutes=39)) == [], "less often after a while"


async def test_what_is_forgotten_is_gone_and_can_be_done_again(database: Database, cipher: Cipher) -> None:
    row = await begun(database, cipher)
    await finished(database, cipher, row)
    async with database.unit_of_work() as session:
        await verifications.forget(session, "o-1", LATER)
    assert not await is_verified(database)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(VerifiedPersonRow)) == 0
        assert await verifications.verified(session, "o-1", cipher=cipher) is None
    again = await begun(database, cipher, at=LATER)
    async with database.unit_of_work() as session:
        await verifications.forget(session, "o-1", LATER)
    after = await stored(database, again)
    assert (after.state, after.name, after.id_number) == ("abandoned", None, None)


@on_postgresql
async def test_the_database_itself_knows_one_open_try(database: Database, cipher: Cipher) -> None:
    """Should the lock ever be forgotten."""
    row = await begun(database, cipher)
    second = {column.name: getattr(row, column.name) for column in VerificationRow.__table__.columns} | {
        "id": "ID-2"
    }
    with pytest.raises(IntegrityError):
        async with database.unit_of_work() as session:
            session.add(VerificationRow(**second))
