"""Who gets in, who does not, and what is written down of both."""

import asyncio

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from domain import trace
from domain.authorizations.consents import Consent
from domain.authorizations.enrolment import take_over_enrolled
from domain.authorizations.gate import (
    Access,
    NotAuthorized,
    Reader,
    authorized,
    authorized_all,
    authorized_within,
)
from domain.authorizations.labels import ALL_CATEGORIES, Category, DataPurpose, Outcome, Reason
from domain.authorizations.reading import of_company
from domain.authorizations.records import access_log
from domain.companies import CompanyMemberRow
from domain.gated import Unguarded
from tests.domain.authorizations.scene import (
    BANK,
    CLERK,
    DAY,
    FIGURES,
    MEANT,
    NOW,
    OTHER,
    OWNER,
    PRE_LOAN,
    RULES,
    SECOND_BANK,
    STRANGER,
    USCC,
    Scene,
    figures_of,
    passing_on,
)
from tests.domain.databases import on_sqlite

BASE, LENDING, TRADE = Category.BASE, Category.LENDING, Category.TRADE
BANKER = Reader.institution(BANK, "client-1")


async def read(scene: Scene, reader: Reader = BANKER, uscc: str = USCC, **more: object) -> dict[str, int]:
    asked = {"scope": [BASE], "purpose": PRE_LOAN, "clock": lambda: NOW} | more
    async with authorized(scene.database, reader, uscc, **asked) as access:  # type: ignore[arg-type]
        return await figures_of(access)


async def refused(scene: Scene, *given: object, **more: object) -> Reason:
    with pytest.raises(NotAuthorized) as error:
        await read(scene, *given, **more)  # type: ignore[arg-type]
    assert error.value.sentence == error.value.reason.label
    return error.value.reason


async def test_with_an_authorization_its_scope_is_read_and_recorded(scene: Scene) -> None:
    row = await scene.give(passing_on(BASE, LENDING))
    with trace.bound("t" * 32):
        assert await read(scene, scope=[BASE, LENDING]) == {USCC: 14}
    (record,) = await scene.accesses()
    assert (record.reader, record.actor, record.uscc) == (BANK, "client-1", USCC)
    assert (record.scope, record.purpose) == (frozenset({BASE, LENDING}), PRE_LOAN)
    assert (record.outcome, record.reason, record.authorization_id) == (Outcome.GRANTED, None, row.id)
    assert (record.at, record.trace) == (NOW, "t" * 32)


async def test_without_one_nothing_is_read_and_the_try_is_recorded(scene: Scene) -> None:
    assert await refused(scene) is Reason.NOT_GIVEN
    (record,) = await scene.accesses()
    assert (record.reader, record.outcome, record.reason) == (BANK, Outcome.REFUSED, Reason.NOT_GIVEN)
    assert record.authorization_id is None


async def test_another_institution_learns_nothing_from_what_one_was_given(scene: Scene) -> None:
    await scene.give(passing_on())
    assert await refused(scene, Reader.institution(SECOND_BANK, "client-2")) is Reason.NOT_GIVEN
    assert await refused(scene, Reader.platform("scoring"), purpose=DataPurpose.SCORING) is Reason.NOT_GIVEN
    assert await refused(scene, uscc=OTHER) is Reason.NOT_GIVEN
    assert await refused(scene, uscc="91320583MA1MNONE12") is Reason.NOT_GIVEN


async def test_more_than_was_given_is_refused_whole(scene: Scene) -> None:
    await scene.give(passing_on(BASE, LENDING))
    assert await refused(scene, scope=[BASE, TRADE]) is Reason.NOT_COVERED
    assert await refused(scene, purpose=DataPurpose.POST_LOAN) is Reason.NOT_COVERED
    assert await refused(scene, purpose=DataPurpose.SCORING) is Reason.NOT_COVERED
    assert await read(scene, scope=[LENDING]) == {USCC: 7}


async def test_after_its_term_and_after_its_end(scene: Scene) -> None:
    row = await scene.give(passing_on(days=30))
    late = NOW + 30 * DAY
    assert await read(scene, clock=lambda: late - DAY) == {USCC: 7}
    assert await refused(scene, clock=lambda: late) is Reason.EXPIRED
    await scene.revoke(row, at=NOW + DAY)
    assert await refused(scene, clock=lambda: NOW + DAY) is Reason.REVOKED
    await scene.give(passing_on(), at=NOW + 2 * DAY)
    assert await read(scene, clock=lambda: NOW + 2 * DAY) == {USCC: 7}


@pytest.mark.parametrize("uscc", ["", USCC + "X", f"{USCC[:-1]}\x00", "\ud800", "公" * 40])
async def test_what_is_no_code_at_all_is_refused_and_recorded_like_any_other(scene: Scene, uscc: str) -> None:
    await scene.give(passing_on())
    assert await refused(scene, uscc=uscc) is Reason.NOT_GIVEN
    (record,) = await scene.accesses()
    assert (record.uscc, record.outcome) == (uscc if not uscc else "?", Outcome.REFUSED)


async def test_a_query_asks_for_something(scene: Scene) -> None:
    await scene.give(passing_on())
    with pytest.raises(ValueError, match="categories"):
        await read(scene, scope=[])
    assert await scene.accesses() == []


async def test_what_is_revoked_while_it_is_read_does_not_go_out(scene: Scene) -> None:
    row = await scene.give(passing_on())
    began, ended = asyncio.Event(), asyncio.Event()

    async def query() -> dict[str, int]:
        async with authorized(scene.database, BANKER, USCC, [BASE], PRE_LOAN, clock=lambda: NOW) as access:
            began.set()
            await ended.wait()
            found = await figures_of(access)
            assert found == {USCC: 7}, "the data are still there; only they do not leave the house"
        return found

    async def owner() -> None:
        await began.wait()
        await scene.revoke(row)
        ended.set()

    answer, _ = await asyncio.gather(query(), owner(), return_exceptions=True)
    assert isinstance(answer, NotAuthorized)
    assert answer.reason is Reason.REVOKED_MEANWHILE
    first, second = await scene.accesses()
    assert (first.outcome, second.outcome) == (Outcome.GRANTED, Outcome.REFUSED)
    assert (second.corrects, second.reason) == (first.id, Reason.REVOKED_MEANWHILE)
    async with scene.database.reading() as session:
        (entry,) = await access_log(session, USCC)
    assert (entry.outcome, entry.reason) == (Outcome.REFUSED, Reason.REVOKED_MEANWHILE)


async def test_one_that_runs_out_while_it_is_read_does_not_go_out_either(scene: Scene) -> None:
    await scene.give(passing_on(days=1))
    times = iter([NOW, NOW + DAY, NOW + DAY])
    assert await refused(scene, clock=lambda: next(times)) is Reason.REVOKED_MEANWHILE


async def test_an_error_inside_stays_what_it_is(scene: Scene) -> None:
    await scene.give(passing_on())
    with pytest.raises(ZeroDivisionError):
        async with authorized(scene.database, BANKER, USCC, [BASE], PRE_LOAN, clock=lambda: NOW):
            raise ZeroDivisionError
    assert len(await scene.accesses()) == 1, "that somebody looked is recorded all the same"


async def test_an_owner_reads_his_own_and_nobody_elses(scene: Scene) -> None:
    own = DataPurpose.OWN
    assert await read(scene, Reader.owner(OWNER), scope=ALL_CATEGORIES, purpose=own) == {USCC: 49}
    assert await refused(scene, Reader.owner(STRANGER), purpose=own) is Reason.NOT_A_MEMBER
    assert await refused(scene, Reader.owner(CLERK), purpose=own) is Reason.NOT_VERIFIED
    assert await refused(scene, Reader.owner(OWNER), OTHER, purpose=own) is Reason.NOT_A_MEMBER
    assert await refused(scene, Reader.owner(MEANT), purpose=own) is Reason.NOT_A_MEMBER
    records = await scene.accesses()
    assert [record.actor for record in records] == [OWNER, STRANGER, CLERK, OWNER, MEANT]
    async with scene.database.reading() as session:
        log = await access_log(session, USCC)
    assert [entry.reader for entry in log] == ["", "", "", ""], "no openid as a name"


async def test_a_person_who_is_taken_off_while_he_reads_sees_nothing(scene: Scene) -> None:
    with pytest.raises(NotAuthorized):
        async with (
            authorized(scene.database, Reader.owner(OWNER), USCC, [BASE], DataPurpose.OWN, clock=lambda: NOW),
            scene.database.unit_of_work() as session,
        ):
            await session.execute(delete(CompanyMemberRow).where(CompanyMemberRow.openid == OWNER))


async def test_the_platform_reads_under_the_consent_to_its_use(scene: Scene) -> None:
    await scene.give(Consent.credit_data(USCC, RULES, purposes=[DataPurpose.SCORING]))
    platform = Reader.platform("scoring")
    assert await read(scene, platform, purpose=DataPurpose.SCORING) == {USCC: 7}
    assert await refused(scene, platform, purpose=DataPurpose.MATCHING) is Reason.NOT_COVERED
    assert await refused(scene, purpose=PRE_LOAN) is Reason.NOT_GIVEN


async def test_within_a_unit_of_work_the_record_commits_with_the_answer(scene: Scene) -> None:
    await scene.give(passing_on())
    async with scene.database.unit_of_work() as session:
        async with authorized_within(session, BANKER, USCC, [BASE], PRE_LOAN, now=NOW) as access:
            assert await figures_of(access) == {USCC: 7}
        with pytest.raises(Unguarded):
            await session.execute(select(FIGURES))
        with pytest.raises(NotAuthorized):
            async with authorized_within(session, BANKER, OTHER, [BASE], PRE_LOAN, now=NOW):
                raise AssertionError("it must not come here")
    outcomes = [(record.uscc, record.outcome) for record in await scene.accesses()]
    assert outcomes == [(USCC, Outcome.GRANTED), (OTHER, Outcome.REFUSED)]


async def test_who_revokes_meanwhile_waits_until_the_answer_is_committed(scene: Scene) -> None:
    row = await scene.give(passing_on())
    order: list[str] = []

    async def owner() -> None:
        await scene.revoke(row)
        order.append("revoked")

    async with scene.database.unit_of_work() as session:
        async with authorized_within(session, BANKER, USCC, [BASE], PRE_LOAN, now=NOW) as access:
            revoking = asyncio.create_task(owner())
            await asyncio.sleep(0.2)
            await figures_of(access)
        order.append("answered")
    await revoking
    assert order == ["answered", "revoked"]


async def test_records_are_final(scene: Scene) -> None:
    await refused(scene)
    for change in ("outcome = 'granted'", "uscc = ''", "reason = NULL"):
        with pytest.raises(DBAPIError, match="final"):
            async with scene.database.unit_of_work() as session:
                await session.execute(text(f"UPDATE accesses SET {change}"))  # noqa: S608 - no input
    (record,) = await scene.accesses()
    assert (record.outcome, record.uscc) == (Outcome.REFUSED, USCC)


async def test_the_log_in_pages_newest_first(scene: Scene) -> None:
    for hour in range(5):
        await refused(scene, clock=lambda hour=hour: NOW + hour * DAY)
    await refused(scene, uscc=OTHER)
    async with scene.database.reading() as session:
        first = await access_log(session, USCC, size=3)
        second = await access_log(session, USCC, before=first[-1].id, size=3)
    assert [entry.at for entry in (*first, *second)] == [NOW + day * DAY for day in (4, 3, 2, 1, 0)]


async def companies_with_consent(scene: Scene, number: int) -> list[str]:
    """Taken over from elsewhere: they agreed to matching."""
    usccs = [f"91320583MA1M{index:04d}XX" for index in range(number)]
    async with scene.database.unit_of_work() as session:
        await take_over_enrolled(session, usccs, NOW)
    return usccs


async def all_of(scene: Scene, **more: object) -> list[dict[str, tuple[str, ...]]]:
    async def names(access: Access) -> dict[str, tuple[str, ...]]:
        return dict.fromkeys((*access.usccs, "91320583MA1MSTOLEN"), access.usccs)

    asked = {"portion": 4, "clock": lambda: NOW} | more
    platform = Reader.platform("matching")
    portions = authorized_all(scene.database, platform, [BASE], DataPurpose.MATCHING, names, **asked)  # type: ignore[arg-type]
    return [found async for found in portions]


async def test_all_who_agreed_in_portions_each_with_a_record(scene: Scene) -> None:
    usccs = await companies_with_consent(scene, 10)
    portions = await all_of(scene)
    assert [len(portion) for portion in portions] == [4, 4, 2]
    assert [uscc for portion in portions for uscc in portion] == usccs, "and no company that was not allowed"
    records = await scene.accesses()
    assert [record.uscc for record in records] == usccs
    assert {record.outcome for record in records} == {Outcome.GRANTED}
    assert {record.authorization_id for record in records} == {f"AUIMPORT-{uscc}" for uscc in usccs}


@pytest.mark.parametrize(("number", "sizes"), [(0, []), (1, [1]), (4, [4]), (5, [4, 1]), (8, [4, 4])])
@on_sqlite
async def test_portions_end_where_the_companies_end(scene: Scene, number: int, sizes: list[int]) -> None:
    await companies_with_consent(scene, number)
    assert [len(portion) for portion in await all_of(scene)] == sizes


async def test_all_among_some(scene: Scene) -> None:
    usccs = await companies_with_consent(scene, 10)
    among = [*usccs[7:2:-1], usccs[3], OTHER]
    portions = await all_of(scene, among=among)
    assert [uscc for portion in portions for uscc in portion] == usccs[3:8]
    assert await all_of(scene, among=[]) == []
    assert {record.uscc for record in await scene.accesses()} == set(usccs[3:8])


async def test_who_revokes_while_all_are_read_is_left_out(scene: Scene) -> None:
    await scene.give(passing_on(uscc=USCC))
    await scene.give(passing_on(uscc=OTHER), openid=STRANGER)

    async def revoking(access: Access) -> dict[str, int]:
        found = await figures_of(access)
        async with scene.database.reading() as session:
            row = next(iter(await of_company(session, USCC)))
        await scene.revoke(row)
        return found

    portions = authorized_all(scene.database, BANKER, [BASE], PRE_LOAN, revoking, clock=lambda: NOW)
    assert [found async for found in portions] == [{OTHER: 7}]
    async with scene.database.reading() as session:
        (mine,), (others,) = await access_log(session, USCC), await access_log(session, OTHER)
    assert (mine.reason, others.reason) == (Reason.REVOKED_MEANWHILE, None)


async def test_an_owner_does_not_read_all(scene: Scene) -> None:
    async def nothing(access: Access) -> dict[str, int]:
        raise AssertionError(access)

    portions = authorized_all(scene.database, Reader.owner(OWNER), [BASE], DataPurpose.OWN, nothing)
    with pytest.raises(ValueError, match="own company"):
        await anext(portions)
