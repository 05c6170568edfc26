"""An owner hears that an authorization ends: 7 days before, 1 day before, and when it has; each once."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select

from domain import admission
from domain.authorizations.consents import Consent
from domain.authorizations.reminding import Reminders
from domain.authorizations.rules import Rules
from domain.events import OutboxRow
from tests.domain.authorizations.scene import DAY, NOW, RULES, Scene, passing_on

UNTIL = NOW + 90 * DAY
MINUTE = timedelta(minutes=1)


async def told(scene: Scene) -> list[tuple[str, int]]:
    async with scene.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        names = [(row.name.rpartition(".")[2], row.payload.get("days")) for row in rows]
        return [(name, days) for name, days in names if days is not None]


async def look(scene: Scene, *times: datetime, rules: Rules = RULES) -> list[int]:
    return [await Reminders(scene.database, rules, admission.ended).run_once(at) for at in times]


async def test_seven_days_and_one_day_before_and_at_the_end(scene: Scene) -> None:
    await scene.give(passing_on())
    times = (UNTIL - 7 * DAY - MINUTE, UNTIL - 7 * DAY, UNTIL - 6 * DAY, UNTIL - DAY, UNTIL, UNTIL + DAY)
    assert await look(scene, *times) == [0, 1, 0, 1, 1, 0]
    assert await told(scene) == [("expiring", 7), ("expiring", 1), ("expired", 0)]


async def test_after_an_outage_one_stands_for_those_that_were_missed(scene: Scene) -> None:
    await scene.give(passing_on())
    assert await look(scene, UNTIL - 12 * timedelta(hours=1), UNTIL - MINUTE) == [1, 0]
    assert await told(scene) == [("expiring", 1)]
    await scene.give(passing_on(institution="江苏银行"))
    assert await look(scene, UNTIL + DAY, UNTIL + 2 * DAY) == [2, 0]
    assert await told(scene) == [("expiring", 1), ("expired", 0), ("expired", 0)]


async def test_a_short_one_is_not_announced_as_ending_when_it_begins(scene: Scene) -> None:
    await scene.give(passing_on(days=5))
    end = NOW + 5 * DAY
    assert await look(scene, NOW, end - 2 * DAY, end - DAY, end) == [0, 0, 1, 1]


async def test_of_what_was_revoked_or_replaced_nobody_hears(scene: Scene) -> None:
    await scene.revoke(await scene.give(passing_on()))
    await scene.give(passing_on(institution="江苏银行"))
    await scene.give(passing_on(institution="江苏银行"), at=NOW + DAY)
    assert await look(scene, UNTIL, UNTIL + DAY) == [1, 1]
    assert await told(scene) == [("expiring", 1), ("expired", 0)]


async def test_a_face_is_not_spoken_of(scene: Scene) -> None:
    await scene.give(Consent.face("腾讯云", RULES))
    assert await look(scene, NOW + DAY) == [0]


async def test_a_city_may_remind_otherwise_or_not_at_all(scene: Scene) -> None:
    never = Rules(remind_days=())
    await scene.give(passing_on(), rules=never)
    assert await look(scene, UNTIL - DAY, UNTIL, rules=never) == [0, 1]


async def test_of_two_processes_one_tells(scene: Scene) -> None:
    await scene.give(passing_on())
    counts = await asyncio.gather(
        *(Reminders(scene.database, RULES, admission.ended).run_once(UNTIL) for _ in range(4))
    )
    assert sum(counts) == 1
    assert await told(scene) == [("expired", 0)]
