"""Companies that come from another platform: their consent to matching counts, once and for all."""

import asyncio

from domain import companies
from domain.authorizations import reading
from domain.authorizations.consents import Consent
from domain.authorizations.gate import NotAuthorized, Reader, authorized
from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, Category, DataPurpose, Kind, State
from domain.authorizations.tables import AuthorizationRow
from domain.companies import Company, Member
from tests.domain.authorizations.scene import DAY, NOW, OWNER, RULES, USCC, Scene

MATCHING, SCORING = DataPurpose.MATCHING, DataPurpose.SCORING


async def take_over(scene: Scene, *, name: str = "恒达", at: int = 0, enrolled: bool = True) -> None:
    company = Company(uscc=USCC, name=name, members=(Member(openid=OWNER),), enrolled=enrolled)
    async with scene.database.unit_of_work() as session:
        await companies.save_all(session, [company], NOW + at * DAY, cipher=scene.cipher)


async def authorizations(scene: Scene) -> list[AuthorizationRow]:
    async with scene.database.reading() as session:
        return list(await reading.of_company(session, USCC))


async def may_read(scene: Scene, purpose: DataPurpose, *, day: int = 0) -> bool:
    try:
        async with authorized(
            scene.database,
            Reader.platform("t"),
            USCC,
            [Category.BASE],
            purpose,
            clock=lambda: NOW + day * DAY,
        ):
            return True
    except NotAuthorized:
        return False


async def test_it_counts_for_matching_and_for_nothing_else(scene: Scene) -> None:
    await take_over(scene)
    (row,) = await authorizations(scene)
    assert (row.kind, row.recipient, row.scope) == (Kind.CREDIT_DATA, PLATFORM, ALL_CATEGORIES)
    assert (row.openid, row.evidence, row.text_hash) == (None, "import", None)
    assert reading.text_of(row) is None
    assert await may_read(scene, MATCHING, day=364)
    assert not await may_read(scene, MATCHING, day=365)
    assert not await may_read(scene, SCORING)


async def test_who_is_not_enrolled_agreed_to_nothing(scene: Scene) -> None:
    await take_over(scene, enrolled=False)
    assert await authorizations(scene) == []


async def test_a_later_import_does_not_bring_back_what_was_revoked(scene: Scene) -> None:
    await take_over(scene)
    (row,) = await authorizations(scene)
    await scene.revoke(row, at=NOW + DAY)
    await take_over(scene, name="恒达精密", at=2)
    (row,) = await authorizations(scene)
    assert row.state(NOW + 2 * DAY) is State.REVOKED
    assert not await may_read(scene, MATCHING, day=2)


async def test_nor_does_it_prolong_what_stands_or_has_run_out(scene: Scene) -> None:
    await take_over(scene)
    for day in (100, 400):
        await take_over(scene, name=f"恒达{day}", at=day)
    (row,) = await authorizations(scene)
    assert row.until == NOW + 365 * DAY


async def test_what_the_owner_said_here_comes_before_what_he_said_elsewhere(scene: Scene) -> None:
    own = await scene.give(Consent.credit_data(USCC, RULES, purposes=[SCORING]))
    await take_over(scene)
    assert [row.id for row in await authorizations(scene)] == [own.id]
    await scene.revoke(own)
    await take_over(scene, name="恒达精密")
    assert not await may_read(scene, MATCHING)


async def test_the_owners_own_consent_takes_the_place_of_the_import(scene: Scene) -> None:
    await take_over(scene)
    # The import brought another name along: the text names the company as it is called now.
    await take_over(scene, name="苏州恒达精密机械有限公司")
    own = await scene.give(Consent.credit_data(USCC, RULES), at=NOW + DAY)
    newer, older = await authorizations(scene)
    assert (newer.id, older.replaced_by) == (own.id, own.id)
    assert await may_read(scene, MATCHING, day=1)
    assert await may_read(scene, SCORING, day=1)


async def test_two_imports_at_the_same_moment(scene: Scene) -> None:
    await asyncio.gather(*(take_over(scene) for _ in range(6)))
    assert len(await authorizations(scene)) == 1
