"""Receipts of authorizations, as they go out by template."""

import pytest
from sqlalchemy import select

from domain import admission
from domain.authorizations.consents import Consent
from domain.authorizations.labels import Category
from domain.authorizations.reminding import Reminders
from domain.base import utcnow
from domain.database import Database
from notify.deliveries import DeliveryRow
from notify.relay import Relay
from tests.domain.authorizations.scene import BANK, CLERK, DAY, NOW, OWNER, RULES, USCC, Scene, passing_on
from tests.notify.conftest import relay_of

BOTH = {OWNER, CLERK}
FIELDS = ("thing1", "thing2", "phrase3", "time4")


@pytest.fixture
async def scene(database: Database) -> Scene:
    scene = Scene(database)
    await scene.set_up()
    return scene


async def received(scene: Scene, relay: Relay) -> list[tuple[str, tuple[str, ...]]]:
    """To whom, and what the four fields say; newest last."""
    await relay.run_once()
    async with scene.database.reading() as session:
        rows = await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))
        return [(row.openid, tuple(row.content["data"][name] for name in FIELDS)) for row in rows]


async def test_everybody_of_the_company_gets_a_receipt(scene: Scene, relay: Relay) -> None:
    row = await scene.give(passing_on(Category.BASE, Category.LENDING))
    letters = await received(scene, relay)
    assert {openid for openid, _ in letters} == BOTH
    assert {said for _, said in letters} == {(BANK, "基本和财务信息等2类", "已授权", "2026-11-23 12:00")}
    await scene.revoke(row, at=NOW + DAY)
    later = (await received(scene, relay))[2:]
    assert {said for _, said in later} == {(BANK, "基本和财务信息等2类", "已撤回", "2026-11-24 12:00")}


@pytest.mark.parametrize(
    ("consent", "institution", "scope"),
    [
        (Consent.credit_data(USCC, RULES), "融桥融资服务平台", "全部七类信用信息"),
        (passing_on(Category.LITIGATION), BANK, "司法涉诉信息"),
    ],
)
async def test_who_and_what_in_few_words(
    scene: Scene, relay: Relay, consent: Consent, institution: str, scope: str
) -> None:
    await scene.give(consent)
    for _, said in await received(scene, relay):
        assert said[:3] == (institution, scope, "已授权")


async def test_of_his_face_the_person_alone_hears(scene: Scene, relay: Relay) -> None:
    await scene.give(Consent.face("腾讯云", RULES), openid=CLERK)
    assert [openid for openid, _ in await received(scene, relay)] == [CLERK]


async def test_each_reminder_is_a_letter_of_its_own_by_day(scene: Scene, relay: Relay) -> None:
    row = await scene.give(passing_on())
    reminders = Reminders(scene.database, RULES, admission.ended)
    for days in (7, 1, 0):
        await reminders.run_once(row.until - days * DAY)
    letters = [said[2] for openid, said in await received(scene, relay) if openid == OWNER]
    assert letters == ["已授权", "即将到期", "即将到期", "已到期"]


async def test_reminders_wait_for_the_morning(scene: Scene) -> None:
    row = await scene.give(passing_on(), at=utcnow())
    await Reminders(scene.database, RULES, admission.ended).run_once(row.until)
    await relay_of(scene.database, quiet_hours="00:00-23:59").run_once()
    async with scene.database.reading() as session:
        rows = (await session.scalars(select(DeliveryRow).where(DeliveryRow.openid == OWNER))).all()
    given, ended = sorted(rows, key=lambda item: item.id)
    assert given.not_before < ended.not_before
