"""Giving and revoking: who may, once, at once, with its evidence."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from domain import companies
from domain.authorizations import reading, wording
from domain.authorizations.consents import Consent
from domain.authorizations.giving import NotVerified, TextChanged, TicketUsed, give, revoke
from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, Category, DataPurpose, Kind, State
from domain.authorizations.readers import Reader
from domain.authorizations.rules import Rules
from domain.authorizations.tables import AuthorizationRow
from domain.companies import Company
from domain.errors import NotFound, ValueOutOfRange
from domain.events import OutboxRow
from tests.domain.authorizations.scene import (
    BANK,
    CLERK,
    DAY,
    MEANT,
    NAMES,
    NOW,
    OTHER,
    OWNER,
    PRE_LOAN,
    RULES,
    SECOND_BANK,
    STRANGER,
    USCC,
    Scene,
    act_of,
    passing_on,
)

BASE, LENDING = Category.BASE, Category.LENDING
FACE = Consent.face("腾讯云", RULES)


async def events_of(scene: Scene) -> list[tuple[str, str]]:
    async with scene.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.name.rpartition(".")[2], row.payload["authorization_id"]) for row in rows]


async def all_of(scene: Scene, uscc: str = USCC) -> list[AuthorizationRow]:
    async with scene.database.reading() as session:
        return list(await reading.of_company(session, uscc))


async def test_a_consent_with_its_evidence(scene: Scene) -> None:
    await scene.give(passing_on(BASE, LENDING), ticket="t-1")
    (row,) = await all_of(scene)
    assert (row.kind, row.uscc, row.openid, row.recipient) == (Kind.PASSING_ON, USCC, OWNER, BANK)
    assert (row.scope, row.purposes) == (frozenset({BASE, LENDING}), frozenset({PRE_LOAN}))
    assert (row.given_at, row.until, row.ended_at) == (NOW, NOW + 90 * DAY, None)
    assert (row.ticket, row.evidence) == ("t-1", f"RZ-{OWNER}")
    assert (row.ip, row.user_agent) == ("203.0.113.7", "MicroMessenger")
    assert row.state(NOW) is State.GIVEN
    assert await events_of(scene) == [("given", row.id)]


async def test_what_was_read_can_be_shown_again_word_for_word(scene: Scene) -> None:
    given = await scene.give(passing_on(BASE))
    async with scene.database.unit_of_work() as session:
        renamed = Company(uscc=USCC, name="苏州恒达智能装备有限公司")
        await companies.save_all(session, [renamed], NOW + DAY, cipher=scene.cipher)
    (row,) = await all_of(scene)
    text = reading.text_of(row)
    assert text is not None
    assert (text.hash, text.version) == (given.text_hash, 1)
    assert NAMES[USCC] in text.text
    assert BANK in text.text


async def test_each_tick_is_its_own(scene: Scene) -> None:
    """Agreeing to one thing gives nothing else, and taking it back takes nothing else."""
    used = await scene.give(Consent.credit_data(USCC, RULES))
    assert (used.recipient, used.scope) == (PLATFORM, ALL_CATEGORIES)
    await scene.give(passing_on())
    await scene.give(passing_on(institution=SECOND_BANK))
    await scene.revoke(used)
    states = {row.recipient: row.state(NOW) for row in await all_of(scene)}
    assert states == {PLATFORM: State.REVOKED, BANK: State.GIVEN, SECOND_BANK: State.GIVEN}


async def test_a_face_is_the_persons_own(scene: Scene) -> None:
    row = await scene.give(FACE, openid=CLERK)
    assert (row.uscc, row.openid, row.evidence) == (None, CLERK, "")
    async with scene.database.reading() as session:
        asked = (Kind.FACE, "腾讯云")
        assert await reading.standing_of_person(session, CLERK, *asked, NOW) is not None
        assert await reading.standing_of_person(session, CLERK, *asked, NOW + DAY) is None
        assert await reading.standing_of_person(session, OWNER, *asked, NOW) is None
        assert [item.id for item in await reading.of_person(session, CLERK)] == [row.id]
    with pytest.raises(NotFound):
        await scene.revoke(row, openid=OWNER)
    again = await scene.give(FACE, openid=CLERK, at=NOW + DAY)
    assert (await scene.revoke(again, openid=CLERK, at=NOW + DAY)).state(NOW + DAY) is State.REVOKED
    assert (await scene.revoke(row, openid=CLERK, at=NOW + DAY)).state(NOW + DAY) is State.EXPIRED


async def test_two_people_may_have_their_faces_checked_by_the_same(scene: Scene) -> None:
    await scene.give(FACE, openid=CLERK)
    await scene.give(FACE, openid=STRANGER)
    async with scene.database.reading() as session:
        for openid in (CLERK, STRANGER):
            assert await reading.standing_of_person(session, openid, Kind.FACE, "腾讯云", NOW)


async def test_only_a_verified_member_may_agree(scene: Scene) -> None:
    with pytest.raises(NotVerified):
        await scene.give(passing_on(), openid=CLERK)
    for openid, uscc in ((STRANGER, USCC), (MEANT, USCC), (OWNER, OTHER), (OWNER, "91320583MA1MNONE12")):
        with pytest.raises(NotFound):
            await scene.give(passing_on(uscc=uscc), openid=openid)
    assert await all_of(scene) == []
    assert await events_of(scene) == []


async def test_only_to_an_institution_of_the_catalogue(scene: Scene) -> None:
    with pytest.raises(NotFound, match="没有这家机构"):
        await scene.give(passing_on(institution="昆山钱庄"))
    for name in ("苏州银行\x00", "\ud800"):
        with pytest.raises(ValueOutOfRange, match="不能识别"):
            passing_on(institution=name)


@pytest.mark.parametrize("ticket", ["", "t" * 65, "t\x00"])
async def test_without_a_ticket_of_ours_nothing_is_given(scene: Scene, ticket: str) -> None:
    """An empty one above all: it would be everybody's."""
    act = replace(act_of(passing_on()), ticket=ticket)
    with pytest.raises(TicketUsed):
        async with scene.database.unit_of_work() as session:
            await give(session, passing_on(), act, rules=RULES, now=NOW)


async def test_what_a_browser_says_of_itself_is_kept_as_far_as_it_can_be(scene: Scene) -> None:
    strange = {"MicroMessenger " * 100: ("MicroMessenger " * 100)[:300], "\udcff": None, "": None}
    for said, kept in strange.items():
        act = replace(act_of(passing_on()), user_agent=said, ip=None)
        async with scene.database.unit_of_work() as session:
            row = await give(session, passing_on(), act, rules=RULES, now=NOW)
        assert (row.user_agent, row.ip) == (kept, None)


async def test_an_id_that_cannot_be_one_is_nobodys(scene: Scene) -> None:
    for number in ("", "AU\x00", "\ud800", "AU261123-NONEXIST"):
        with pytest.raises(NotFound):
            async with scene.database.unit_of_work() as session:
                await revoke(session, number, OWNER, NOW)


@pytest.mark.parametrize(
    "other",
    [
        {"text_version": 2},
        {"text_hash": "0" * 64},
        {"text_hash": wording.shown(passing_on(BASE), RULES, company=NAMES[USCC]).hash},
    ],
)
async def test_another_text_than_the_one_shown_is_read_again(scene: Scene, other: dict[str, object]) -> None:
    consent = passing_on(BASE, LENDING)
    act = replace(act_of(consent), **other)  # type: ignore[arg-type]
    with pytest.raises(TextChanged):
        async with scene.database.unit_of_work() as session:
            await give(session, consent, act, rules=RULES, now=NOW)
    with pytest.raises(TextChanged):
        async with scene.database.unit_of_work() as session:
            await give(session, consent, act_of(consent), rules=Rules(operator="别的公司"), now=NOW)


async def test_a_double_tap_counts_once(scene: Scene) -> None:
    first = await scene.give(passing_on(), ticket="t-1")
    again = await scene.give(passing_on(), ticket="t-1", at=NOW + DAY)
    assert (again.id, again.until) == (first.id, NOW + 90 * DAY)
    assert await events_of(scene) == [("given", first.id)]


async def test_two_taps_at_the_same_moment_count_once(scene: Scene) -> None:
    taps = [scene.give(passing_on(), ticket="t-1") for _ in range(8)]
    assert len({row.id for row in await asyncio.gather(*taps)}) == 1
    assert len(await all_of(scene)) == 1
    assert len(await events_of(scene)) == 1


async def test_two_consents_at_the_same_moment_leave_one_standing(scene: Scene) -> None:
    await asyncio.gather(*(scene.give(passing_on(category)) for category in Category))
    rows = await all_of(scene)
    assert len(rows) == len(Category)
    assert sum(row.ended_at is None for row in rows) == 1


async def test_a_tap_that_comes_late_does_not_bring_back_what_was_revoked(scene: Scene) -> None:
    row = await scene.give(passing_on(), ticket="t-1")
    await scene.revoke(row)
    late = await scene.give(passing_on(), ticket="t-1", at=NOW + DAY)
    assert (late.id, late.state(NOW + DAY)) == (row.id, State.REVOKED)


@pytest.mark.parametrize(
    ("consent", "openid"),
    [
        (passing_on(BASE), OWNER),
        (passing_on(purposes=(DataPurpose.POST_LOAN,)), OWNER),
        (passing_on(institution=SECOND_BANK), OWNER),
        (Consent.credit_data(USCC, RULES), OWNER),
        (passing_on(uscc=OTHER), STRANGER),
    ],
)
async def test_a_ticket_is_good_for_one_thing(scene: Scene, consent: Consent, openid: str) -> None:
    await scene.give(passing_on(), ticket="t-1")
    with pytest.raises(TicketUsed):
        await scene.give(consent, openid=openid, ticket="t-1")


async def test_the_newest_word_counts_also_where_it_is_less(scene: Scene) -> None:
    first = await scene.give(passing_on())
    second = await scene.give(passing_on(BASE), at=NOW + DAY)
    newer, older = await all_of(scene)
    assert (newer.id, older.id) == (second.id, first.id)
    assert (older.ended_at, older.ended_by, older.replaced_by) == (NOW + DAY, OWNER, second.id)
    assert older.next_notice_at is None
    async with scene.database.reading() as session:
        bank = Reader.institution(BANK, "c")
        assert await reading.scope_for(session, bank, USCC, PRE_LOAN, NOW + DAY) == frozenset({BASE})
        assert await reading.scope_for(session, bank, USCC, DataPurpose.POST_LOAN, NOW + DAY) == frozenset()
        assert (
            await reading.scope_for(session, Reader.owner(OWNER), USCC, DataPurpose.OWN, NOW)
            == ALL_CATEGORIES
        )


async def test_one_that_ran_out_and_was_renewed_ran_out(scene: Scene) -> None:
    await scene.give(passing_on(days=10))
    await scene.give(passing_on(), at=NOW + 20 * DAY)
    newer, older = await all_of(scene)
    assert (newer.state(NOW + 20 * DAY), older.state(NOW + 20 * DAY)) == (State.GIVEN, State.EXPIRED)


async def test_any_member_may_revoke_verified_or_not_and_once(scene: Scene) -> None:
    row = await scene.give(passing_on())
    for openid in (STRANGER, MEANT):
        with pytest.raises(NotFound):
            await scene.revoke(row, openid=openid)
    ended = await scene.revoke(row, openid=CLERK, at=NOW + DAY)
    assert (ended.ended_at, ended.ended_by, ended.next_notice_at) == (NOW + DAY, CLERK, None)
    again = await scene.revoke(row, at=NOW + 2 * DAY)
    assert (again.ended_at, again.ended_by) == (NOW + DAY, CLERK)
    assert [name for name, _ in await events_of(scene)] == ["given", "revoked"]


async def test_revoking_many_times_at_once_tells_once(scene: Scene) -> None:
    row = await scene.give(passing_on())
    await asyncio.gather(*(scene.revoke(row, openid=openid) for openid in (OWNER, CLERK) * 4))
    assert [name for name, _ in await events_of(scene)] == ["given", "revoked"]


async def test_there_is_nothing_to_revoke_in_what_ran_out(scene: Scene) -> None:
    row = await scene.give(passing_on(days=1))
    ended = await scene.revoke(row, at=NOW + DAY)
    assert (ended.ended_at, ended.state(NOW + DAY)) == (None, State.EXPIRED)
    assert [name for name, _ in await events_of(scene)] == ["given"]


async def test_what_cannot_be_asked_for() -> None:
    with pytest.raises(ValueOutOfRange, match="用途"):
        Consent.credit_data(USCC, RULES, purposes=[PRE_LOAN])
    with pytest.raises(ValueOutOfRange, match="用途"):
        passing_on(purposes=(DataPurpose.OWN,))
    with pytest.raises(ValueOutOfRange, match="用途"):
        passing_on(purposes=())
    with pytest.raises(ValueOutOfRange, match="信息"):
        Consent.passing_on(USCC, BANK, RULES, scope=())
    for days in (0, 91):
        with pytest.raises(ValueOutOfRange, match="1到90天"):
            passing_on(days=days)
