"""The run over companies: who is scored, what is kept, what happens after a change, a kill, a revocation."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain import admission, gated
from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.gate import Access, Reader, authorized, authorized_all
from domain.authorizations.giving import Act
from domain.authorizations.labels import ALL_CATEGORIES, Category, DataPurpose
from domain.authorizations.reminding import Reminders
from domain.authorizations.rules import Rules
from domain.authorizations.tables import AccessRow
from domain.credit import marks
from domain.credit.marks import ScoreMarkRow
from domain.database import Database
from domain.gated import Unguarded
from domain.scores.report import score
from domain.scores.run import READER, Scoring, Tally
from domain.scores.tables import ScoreRow
from domain.scores.values import Score
from tests.domain.scores.people import (
    KNOWN,
    NOW,
    SCORER,
    SHAKY,
    SILENT,
    STEADY,
    TODAY,
    authorization_of,
    authorize,
    columns,
    credit_score,
    owner_of,
    revoke,
    settle,
    state,
)

RULES = Rules()


@pytest.fixture
async def scoring(database: Database) -> Scoring:
    for uscc, known in KNOWN.items():
        await settle(database, uscc)
        await authorize(database, uscc)
        await state(database, uscc, known)
    return Scoring(database, SCORER, portion=2, clock=lambda: NOW)


async def stored(database: Database, uscc: str) -> Score | None:
    everything = Reader.platform("scoring")
    async with authorized(
        database, everything, uscc, ALL_CATEGORIES, DataPurpose.SCORING, clock=lambda: NOW
    ) as access:
        return await score(access)


async def rows(database: Database, uscc: str) -> list[ScoreRow]:
    async def read(access: Access) -> dict[str, list[ScoreRow]]:
        query = select(ScoreRow).where(ScoreRow.uscc == uscc).order_by(ScoreRow.since)
        return {uscc: list(await access.session.scalars(query))}

    found = authorized_all(
        database, READER, ALL_CATEGORIES, DataPurpose.SCORING, read, among=[uscc], clock=lambda: NOW
    )
    return [row async for portion in found for row in portion[uscc]]


async def accesses(database: Database, purpose: DataPurpose) -> list[str]:
    async with database.reading() as session:
        query = select(AccessRow.uscc).where(AccessRow.purpose == purpose).order_by(AccessRow.id)
        return list(await session.scalars(query))


async def test_what_is_stored_is_what_one_company_alone_would_get(
    database: Database, scoring: Scoring
) -> None:
    tally = await scoring.all()
    assert (tally.scored, tally.without, tally.unchanged) == (3, 1, 0)
    for uscc, known in KNOWN.items():
        (alone,) = SCORER.scores([uscc], columns(known), TODAY, NOW)
        assert await stored(database, uscc) == alone


async def test_matching_learns_the_score_only_where_it_may(database: Database, scoring: Scoring) -> None:
    await settle(database, other := "91320505MA00000001")
    await authorize(database, other, purposes=[DataPurpose.SCORING])
    await state(database, other, KNOWN[STEADY])
    await scoring.all()
    steady = await stored(database, STEADY)
    assert steady is not None
    assert await credit_score(database, STEADY) == steady.score == 709
    assert await credit_score(database, other) is None
    assert await credit_score(database, SILENT) is None
    assert sorted(await accesses(database, DataPurpose.MATCHING)) == sorted([STEADY, SHAKY])


async def test_nobody_is_scored_twice_on_a_day(database: Database, scoring: Scoring) -> None:
    await scoring.all()
    before = await accesses(database, DataPurpose.SCORING)
    assert await scoring.count_due() == 0
    assert (await scoring.all()).scored == 0
    assert await accesses(database, DataPurpose.SCORING) == before


async def test_a_run_that_was_killed_goes_on_where_it_was(database: Database, scoring: Scoring) -> None:
    class Killed(Exception):
        pass

    def die(_: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        await scoring.all(die)
    first = await accesses(database, DataPurpose.SCORING)
    assert len(first) == 2
    assert (await scoring.all()).scored == 1
    assert sorted(await accesses(database, DataPurpose.SCORING)) == sorted(KNOWN)


async def test_a_day_without_change_makes_no_new_row(database: Database, scoring: Scoring) -> None:
    await scoring.all()
    tomorrow = Scoring(database, SCORER, clock=lambda: NOW + timedelta(days=1))
    tally = await tomorrow.all()
    assert (tally.scored, tally.unchanged) == (3, 3)
    (row,) = await rows(database, STEADY)
    assert (row.since, row.as_of) == (TODAY, TODAY + timedelta(days=1))


async def test_a_change_makes_a_new_row_and_keeps_the_old(database: Database, scoring: Scoring) -> None:
    await scoring.all()
    await state(database, STEADY, {"overdue_now": True}, TODAY, "b2")
    tomorrow = Scoring(database, SCORER, clock=lambda: NOW + timedelta(days=1))
    await tomorrow.all()
    before, after = await rows(database, STEADY)
    assert before.score is not None
    assert after.score is not None
    assert after.score < before.score
    assert await credit_score(database, STEADY) == after.score


async def test_changed_data_are_scored_again_the_same_day(database: Database, scoring: Scoring) -> None:
    await scoring.all()
    await state(database, STEADY, {"overdue_now": True}, TODAY, "b2")
    async with database.unit_of_work() as session:
        await marks.changed(session, [STEADY], NOW)
    assert (await scoring.all()).scored == 1
    (row,) = await rows(database, STEADY)
    assert await credit_score(database, STEADY) == row.score
    async with database.reading() as session:
        assert await marks.waiting(session, 10) == {}


async def test_what_changes_while_it_is_scored_stays_marked(database: Database) -> None:
    async with database.unit_of_work() as session:
        await marks.changed(session, [STEADY], NOW)
        before = await marks.waiting(session, 10)
        await marks.changed(session, [STEADY], NOW + timedelta(seconds=1))
        await marks.scored(session, before, TODAY, "checksum")
        assert await marks.waiting(session, 10) == {STEADY: NOW + timedelta(seconds=1)}


async def test_who_did_not_agree_is_not_scored(database: Database, scoring: Scoring) -> None:
    await settle(database, enrolled := "91320505MA00000001")
    await authorize(database, enrolled, purposes=[DataPurpose.MATCHING])
    await state(database, enrolled, KNOWN[STEADY])
    assert await scoring.count_due() == 3
    assert (await scoring.these([enrolled])).scored == 0
    await revoke(database, authorization_of(STEADY))
    assert (await scoring.these([STEADY, SHAKY])).scored == 1


async def test_only_authorized_categories_count(database: Database) -> None:
    for uscc, scope in ((STEADY, [Category.BASE]), (SHAKY, ALL_CATEGORIES)):
        await settle(database, uscc)
        await authorize(database, uscc, scope=scope)
        await state(database, uscc, KNOWN[STEADY])
    await Scoring(database, SCORER, clock=lambda: NOW).all()
    part, whole = await rows_of_both(database)
    assert part.confidence < whole.confidence
    assert {reason["category"] for reason in part.explanation["reasons"]} <= {"base"}


async def rows_of_both(database: Database) -> tuple[ScoreRow, ScoreRow]:
    async def read(access: Access) -> dict[str, ScoreRow]:
        return {row.uscc: row for row in await access.session.scalars(select(ScoreRow))}

    found = [
        portion
        async for portion in authorized_all(
            database, READER, [Category.BASE], DataPurpose.SCORING, read, clock=lambda: NOW
        )
    ]
    return found[0][STEADY], found[0][SHAKY]


async def test_values_older_than_their_lookback_are_not_known(database: Database) -> None:
    for uscc, day in ((STEADY, TODAY), (SHAKY, TODAY.replace(year=2022))):
        await settle(database, uscc)
        await authorize(database, uscc)
        await state(database, uscc, KNOWN[STEADY], day)
    await Scoring(database, SCORER, clock=lambda: NOW).all()
    new, old = await stored(database, STEADY), await stored(database, SHAKY)
    assert new is not None
    assert old is not None
    assert new.score is not None
    assert old.score is None
    # Founded in 2012: that is looked at however old the entry is.
    assert 0 < old.confidence < new.confidence


async def test_another_scorecard_scores_everybody_again(database: Database, scoring: Scoring) -> None:
    await scoring.all()
    async with database.unit_of_work() as session:
        row = await session.get_one(ScoreMarkRow, STEADY)
        row.checksum = "of an earlier scorecard"
    assert (await scoring.all()).scored == 1


async def test_scores_are_behind_the_gate(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(Unguarded):
            await session.execute(select(ScoreRow))


async def test_new_data_are_scored_without_waiting_for_the_night(database: Database) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY)
    await state(database, STEADY, KNOWN[STEADY])
    scoring = Scoring(database, SCORER)
    assert await scoring.marked(tally := Tally())
    assert (tally.scored, await credit_score(database, STEADY)) == (1, 709)
    assert not await scoring.marked(Tally())


async def test_with_the_consent_the_scores_go(database: Database) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY)
    await state(database, STEADY, KNOWN[STEADY])
    await Scoring(database, SCORER).all()
    async with database.unit_of_work() as session:
        await admission.revoke(session, authorization_of(STEADY), owner_of(STEADY), NOW)
    assert (await credit_score(database, STEADY), await number_of_scores(database)) == (None, 0)


async def test_at_the_end_of_the_consent_the_scores_go(database: Database) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY)
    await state(database, STEADY, KNOWN[STEADY])
    await Scoring(database, SCORER).all()
    reminders = Reminders(database, RULES, admission.ended)
    for days, scores, known in ((299, 1, 709), (300, 0, None)):
        await reminders.run_once(NOW + timedelta(days=days))
        assert (await number_of_scores(database), await credit_score(database, STEADY)) == (scores, known)


async def number_of_scores(database: Database) -> int | None:
    async with database.unit_of_work() as session:
        connection = await session.connection()
        with gated.opened(connection.sync_connection):
            return await session.scalar(select(func.count()).select_from(ScoreRow))


async def test_who_revokes_while_he_is_scored_has_no_score(database: Database) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY)
    await state(database, STEADY, KNOWN[STEADY])
    async with database.unit_of_work() as session:
        await admission.revoke(session, authorization_of(STEADY), owner_of(STEADY), NOW)
        scoring = asyncio.create_task(Scoring(database, SCORER, clock=lambda: NOW).these([STEADY]))
        # It looks, reads and scores before the revocation is there to be seen.
        await asyncio.wait({scoring}, timeout=1)
    await scoring
    assert (await credit_score(database, STEADY), await number_of_scores(database)) == (None, 0)


@pytest.mark.parametrize(
    ("purposes", "scores", "known"),
    [
        ([DataPurpose.MATCHING], 0, None),
        ([DataPurpose.SCORING], 1, None),
        ([DataPurpose.MATCHING, DataPurpose.SCORING], 1, 709),
    ],
)
async def test_a_narrower_consent_takes_along_what_it_no_longer_covers(
    database: Database, purposes: list[DataPurpose], scores: int, known: int | None
) -> None:
    await settle(database, STEADY)
    await authorize(database, STEADY)
    await state(database, STEADY, KNOWN[STEADY])
    await Scoring(database, SCORER).all()
    consent = Consent.credit_data(STEADY, RULES, purposes=purposes)
    text = wording.shown(consent, RULES, company=f"公司{STEADY[-4:]}")
    act = Act(owner_of(STEADY), "ticket", text.version, text.hash)
    async with database.unit_of_work() as session:
        await admission.authorize(session, consent, act, rules=RULES, now=NOW)
    assert (await number_of_scores(database), await credit_score(database, STEADY)) == (scores, known)
