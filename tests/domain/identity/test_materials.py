"""Papers: sealed, seen by nobody after the decision, and gone when their time is up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.database import Database
from domain.errors import NotAllowedNow, NotFound
from domain.identity import materials
from domain.identity.materials import MaterialRow, Paper
from domain.identity.tables import VerificationRow
from domain.identity.verifications import MATERIAL
from domain.secrets import Cipher
from tests.domain.identity.test_verifications import LATER, NOW, SOON, begun, is_verified, stored, told

FRONT = Paper("image/jpeg", b"\xff\xd8\xff front of a card")
BACK = Paper("application/pdf", b"%PDF-1.7 back of a card")


async def handed_in(
    database: Database, cipher: Cipher, *papers: Paper, openid: str = "o-1"
) -> VerificationRow:
    row = await begun(database, cipher, openid, provider=MATERIAL)
    async with database.unit_of_work() as session:
        return await materials.hand_in(
            session, openid, row.id, papers or (FRONT, BACK), cipher=cipher, now=SOON
        )


async def decided(database: Database, cipher: Cipher, row: VerificationRow, refusal: str | None) -> bool:
    async with database.unit_of_work() as session:
        ended = await materials.decide(
            session,
            row.id,
            refusal=refusal,
            decided_by="client:CL-1",
            kept=timedelta(days=30),
            cipher=cipher,
            now=LATER,
        )
        return ended.news


async def kept(database: Database) -> list[MaterialRow]:
    async with database.reading() as session:
        return list(await session.scalars(select(MaterialRow).order_by(MaterialRow.number)))


async def test_papers_are_sealed_and_an_adviser_reads_them(database: Database, cipher: Cipher) -> None:
    row = await handed_in(database, cipher)
    assert row.state == "in_review"
    assert all(b"card" not in paper.content for paper in await kept(database))
    async with database.reading() as session:
        case = await materials.case(session, row.id)
        assert (case.verification.id, case.media_types) == (row.id, ("image/jpeg", "application/pdf"))
        assert await materials.paper(session, row.id, 2, cipher=cipher) == BACK
        for number in (0, 3):
            with pytest.raises(NotFound):
                await materials.paper(session, row.id, number, cipher=cipher)


@pytest.mark.parametrize(("refusal", "state"), [(None, "passed"), ("照片看不清楚", "failed")])
async def test_the_first_decision_counts(
    database: Database, cipher: Cipher, refusal: str | None, state: str
) -> None:
    row = await handed_in(database, cipher)
    assert await decided(database, cipher, row, refusal)
    with pytest.raises(NotFound):
        await decided(database, cipher, row, None)
    after = await stored(database, row)
    assert (after.state, after.reason, after.decided_by) == (state, refusal, "client:CL-1")
    assert await is_verified(database) == (refusal is None)
    assert await told(database) == [(row.id, state)]
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await materials.paper(session, row.id, 1, cipher=cipher)


async def test_papers_go_when_their_time_is_up(database: Database, cipher: Cipher) -> None:
    row, waiting = await handed_in(database, cipher), await handed_in(database, cipher, FRONT, openid="o-2")
    await decided(database, cipher, row, None)

    async def dropped(days: int) -> int:
        async with database.unit_of_work() as session:
            return await materials.drop_due(session, LATER + timedelta(days=days), 10)

    assert await dropped(29) == 0
    assert await dropped(30) == 2
    assert [paper.verification_id for paper in await kept(database)] == [waiting.id]


async def test_new_papers_replace_those_that_wait(database: Database, cipher: Cipher) -> None:
    row = await handed_in(database, cipher)
    async with database.unit_of_work() as session:
        await materials.hand_in(session, "o-1", row.id, [FRONT], cipher=cipher, now=LATER)
    assert [paper.media_type for paper in await kept(database)] == ["image/jpeg"]


async def test_papers_are_taken_for_what_is_decided_by_papers_alone(
    database: Database, cipher: Cipher
) -> None:
    face, ended = await begun(database, cipher), await handed_in(database, cipher, openid="o-2")
    await decided(database, cipher, ended, None)
    for openid, row, error in (
        ("o-1", face, NotAllowedNow),
        ("o-2", ended, NotAllowedNow),
        ("o-1", ended, NotFound),
    ):
        async with database.unit_of_work() as session:
            with pytest.raises(error):
                await materials.hand_in(session, openid, row.id, [FRONT], cipher=cipher, now=LATER)


async def test_whose_papers_wait_does_not_begin_again(database: Database, cipher: Cipher) -> None:
    await handed_in(database, cipher)
    with pytest.raises(NotAllowedNow, match="正在审核"):
        await begun(database, cipher, at=LATER)


async def test_who_waits_longest_comes_first(database: Database, cipher: Cipher) -> None:
    rows = [await handed_in(database, cipher, openid=f"o-{number}") for number in range(3)]
    await begun(database, cipher, "o-9")
    expected = sorted((row.begun_at, row.id) for row in rows)
    async with database.reading() as session:
        first = await materials.waiting(session, None, 2)
        second = await materials.waiting(session, (first[-1].begun_at, first[-1].id), 2)
    assert [(row.begun_at, row.id) for row in [*first, *second]] == expected
    assert expected[0][0] == NOW
