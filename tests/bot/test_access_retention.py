"""Records of accesses and consents go three years after them; what was taken over is remembered."""

from datetime import timedelta

from sqlalchemy import insert, select

from bot.housekeeping import Housekeeping, rules
from bot.sections import Retention
from domain.authorizations.enrolment import take_over_enrolled
from domain.authorizations.tables import AccessRow, AuthorizationRow
from domain.base import utcnow
from domain.database import Database
from tests.domain.authorizations.scene import OTHER, USCC, Scene, passing_on

KEPT = timedelta(days=1095)
HOUR = timedelta(hours=1)


async def clean(database: Database) -> None:
    housekeeping = Housekeeping(database, rules(Retention()))
    while await housekeeping.run_once():
        pass


async def test_records_go_three_years_after_the_access(database: Database) -> None:
    same = {"reader_kind": "institution", "reader": "苏州银行", "actor": "c", "uscc": USCC}
    same |= {"scope": frozenset(), "purpose": "pre_loan", "outcome": "granted"}
    ages = {1: KEPT + HOUR, 2: KEPT - HOUR, 3: timedelta()}
    async with database.unit_of_work() as session:
        rows = [same | {"id": number, "at": utcnow() - age} for number, age in ages.items()]
        await session.execute(insert(AccessRow), rows)
    await clean(database)
    async with database.reading() as session:
        assert set(await session.scalars(select(AccessRow.id))) == {2, 3}


async def test_a_consent_goes_three_years_after_its_term(database: Database) -> None:
    scene = Scene(database)
    await scene.set_up()
    term = timedelta(days=90)
    await scene.give(passing_on(), at=utcnow() - KEPT - term - HOUR)
    young = await scene.give(passing_on(institution="江苏银行"), at=utcnow() - KEPT - term + HOUR)
    async with database.unit_of_work() as session:
        await take_over_enrolled(session, [OTHER], utcnow() - 10 * KEPT)
    await clean(database)
    async with database.reading() as session:
        assert set(await session.scalars(select(AuthorizationRow.id))) == {young.id, f"AUIMPORT-{OTHER}"}
