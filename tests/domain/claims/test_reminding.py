"""Owners are reminded 7 days and 1 day before the deadline, each once, by the catalogue's own date."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from domain import events
from domain.claims.reminding import ClaimReminders
from tests.domain.claims.scene import AWARD, DAY, DEADLINE, NOW, POLICIES, RENEWAL, STRANGER, Scene


def on(days_before: int) -> datetime:
    """Noon in Shanghai, so many days before the deadline."""
    return NOW + (DEADLINE - NOW.date() - timedelta(days=days_before))


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


async def look(scene: Scene, moment: datetime) -> int:
    return await ClaimReminders(scene.database, at(moment)).run_once()


async def told(scene: Scene) -> list[tuple[str, int]]:
    return [(event["deadline"], event["days"]) for event in await scene.events(events.CLAIM_DUE)]


async def test_seven_days_and_one_day_before_each_once(scene: Scene) -> None:
    await scene.begin()
    counts = [await look(scene, on(days)) for days in (30, 8, 7, 7, 6, 2, 1, 1, 0, -1)]
    assert counts == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert await told(scene) == [("2026-12-31", 7), ("2026-12-31", 1)]


async def test_after_an_outage_one_stands_for_both(scene: Scene) -> None:
    await scene.begin()
    assert [await look(scene, on(0)), await look(scene, on(0))] == [1, 0]
    assert await told(scene) == [("2026-12-31", 0)]


async def test_who_begins_late_is_told_at_once(scene: Scene) -> None:
    await scene.begin(at=on(3))
    assert [await look(scene, on(3)), await look(scene, on(2)), await look(scene, on(1))] == [1, 0, 1]


async def test_handed_in_nobody_is_reminded(scene: Scene) -> None:
    claim = await scene.begin()
    await scene.submit(claim)
    await scene.begin(AWARD)
    assert await look(scene, on(7)) == 0, "the other has no deadline"


async def test_a_deadline_that_moves_is_told_of_anew(scene: Scene) -> None:
    await scene.begin()
    assert await look(scene, on(7)) == 1
    later: dict[str, Any] = {**POLICIES[0], "deadline": (DEADLINE + 10 * DAY).isoformat()}
    await scene.publish(later)
    assert await look(scene, on(5)) == 0
    assert await look(scene, on(-3)) == 1
    assert await told(scene) == [("2026-12-31", 7), ("2027-01-10", 7)]
    sooner = later | {"deadline": date(2026, 12, 28).isoformat()}
    await scene.publish(sooner)
    assert await look(scene, on(4)) == 1


async def test_two_workers_tell_once(scene: Scene) -> None:
    await scene.begin()
    await scene.begin(openid=STRANGER, uscc="91320583MA1MABCE3P")
    counts = await asyncio.gather(look(scene, on(7)), look(scene, on(7)))
    assert sum(counts) == 2
    assert len(await told(scene)) == 2


async def test_it_looks_now_and_then(scene: Scene) -> None:
    await scene.begin()
    moments = iter([on(8), on(8) + timedelta(minutes=9), on(7)])
    reminders = ClaimReminders(scene.database, lambda: next(moments))
    assert [await reminders.run_once() for _ in range(3)] == [0, 0, 1]


async def test_a_policy_that_left_the_catalogue_reminds_of_nothing(scene: Scene) -> None:
    claim = await scene.begin()
    assert claim.policy == RENEWAL
    await scene.publish({**POLICIES[0], "deadline": None})
    assert await look(scene, on(7)) == 0
