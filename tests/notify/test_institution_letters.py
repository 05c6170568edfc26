"""What institutions are told: by whom who is near, once, put together, and not what became pointless."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from domain import events
from domain.base import utcnow
from domain.database import Database
from domain.labels import Purpose
from domain.market import deciding, following
from domain.market.lapsing import Lapses
from domain.market.rules import RejectReason
from domain.needs import Need
from notify import deliveries, registry
from notify.deliveries import DeliveryRow, DeliveryState
from notify.fields import Value
from notify.letters import GATHERED, TAKEN_BACK, Letters
from notify.notice import Letter
from notify.relay import Relay
from tests.domain.market.fair import NOW, OWNER
from tests.notify.conftest import relay_of, templates
from tests.notify.market import (
    BANK,
    FOURTH,
    KUNSHAN_OFFICER,
    OTHER,
    OTHER_OFFICER,
    RULES,
    THIRD,
    approve,
    follow,
    letters,
    publish,
    recommend,
    relayed,
    said,
    withdraw,
)

HALF_AN_HOUR = timedelta(minutes=30)
NEW, FREE, DUE = "institution_request", "institution_place_free", "institution_deadline"
# The day of the tests' clock, far enough ahead for whatever the machine's clock says.
NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.fixture
def gathering(database: Database) -> Relay:
    return relay_of(database, digest=HALF_AN_HOUR)


async def skipped(database: Database) -> list[str | None]:
    async with database.reading() as session:
        query = select(DeliveryRow.reason).where(DeliveryRow.state == DeliveryState.SKIPPED)
        return list(await session.scalars(query.order_by(DeliveryRow.id)))


async def test_who_is_near_is_told_and_nobody_is_told_whose_it_is(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    await recommend(database, request_id)
    await relayed(relay)
    (row,) = await letters(database, NEW)
    assert row.openid == KUNSHAN_OFFICER
    assert said(row) == (request_id, "新需求：购买设备融资需求", "800000元", "2026-11-23 12:00")


async def test_told_twice_it_is_one_letter(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    await recommend(database, request_id)
    await recommend(database, request_id)
    await relayed(relay)
    assert len(await letters(database, NEW)) == 1


async def test_several_within_the_time_are_one_letter(database: Database, gathering: Relay) -> None:
    numbers = []
    for amount in (300_000, 500_000, 1_200_000):
        need = Need(amount_max=amount, purpose=Purpose.EQUIPMENT, region="320583")
        numbers.append(await publish(database, need))
        await recommend(database, numbers[-1])
        await relayed(gathering)
    (row,) = await letters(database, NEW)
    assert said(row) == (f"{numbers[0]}+2", "有3笔新需求，金额为合计", "2000000元", "2026-11-23 12:00")
    assert HALF_AN_HOUR - timedelta(minutes=2) < row.not_before - utcnow() <= HALF_AN_HOUR
    assert await skipped(database) == [GATHERED, GATHERED]


async def test_each_officer_has_his_own(database: Database, gathering: Relay) -> None:
    first, second = await publish(database), await publish(database)
    await recommend(database, first)
    await recommend(database, second, OTHER)
    await relayed(gathering)
    assert {row.openid: said(row)[0] for row in await letters(database, NEW)} == {
        KUNSHAN_OFFICER: first,
        OTHER_OFFICER: second,
    }


async def test_what_a_sender_has_in_hand_is_not_changed(database: Database, gathering: Relay) -> None:
    first, second = await publish(database), await publish(database)
    await recommend(database, first)
    await relayed(gathering)
    async with database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(not_before=utcnow()))
        await deliveries.claim(session, utcnow(), limit=10, hold=timedelta(minutes=1))
    await recommend(database, second)
    await relayed(gathering)
    assert [said(row)[0] for row in await letters(database, NEW)] == [first, second]


async def test_a_request_that_is_taken_back_leaves_the_letter(database: Database, gathering: Relay) -> None:
    numbers = [await publish(database) for _ in range(3)]
    for request_id in numbers:
        await recommend(database, request_id)
    await relayed(gathering)
    # The one whose letter carries the others, then one that is carried.
    await withdraw(database, numbers[0])
    await relayed(gathering)
    (row,) = await letters(database, NEW)
    assert said(row)[:3] == (f"{numbers[1]}+1", "有2笔新需求，金额为合计", "1600000元")
    await withdraw(database, numbers[2])
    await relayed(gathering)
    (row,) = await letters(database, NEW)
    assert said(row)[:3] == (numbers[1], "新需求：购买设备融资需求", "800000元")
    await withdraw(database, numbers[1])
    await relayed(gathering)
    assert await letters(database, NEW) == []
    assert TAKEN_BACK in await skipped(database)


async def test_a_replaced_request_leaves_it_too(database: Database, gathering: Relay) -> None:
    old = await publish(database)
    await recommend(database, old)
    await relayed(gathering)
    new = await publish(database, replaces=old)
    await recommend(database, new)
    await relayed(gathering)
    assert [said(row)[0] for row in await letters(database, NEW)] == [new]


async def test_of_what_was_taken_back_before_nobody_is_told(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    await withdraw(database, request_id)
    await recommend(database, request_id)
    await relayed(relay)
    assert await letters(database, NEW) == []


async def test_who_follows_is_not_told_that_it_is_new(database: Database, gathering: Relay) -> None:
    request_id = await publish(database)
    await recommend(database, request_id)
    await relayed(gathering)
    await follow(database, request_id)
    await relayed(gathering)
    assert await letters(database, NEW) == []
    await recommend(database, request_id)
    await relayed(gathering)
    assert await letters(database, NEW) == []


async def test_who_decided_hears_no_more_of_it(database: Database) -> None:
    """A reminder that waits for the morning is pointless when the decision comes at night."""
    relay = relay_of(database, "00:00-23:59")
    request_id = await publish(database)
    row = await follow(database, request_id)
    assert row.until is not None
    await Lapses(database, RULES).run_once(row.until - timedelta(hours=24))
    await relayed(relay)
    async with database.unit_of_work() as session:
        await deciding.reject(
            session, request_id, BANK, RejectReason.DEBT, by="client:B", now=NOW, rules=RULES
        )
    await relayed(relay)
    assert await letters(database, DUE) == []


async def test_when_the_owner_has_chosen_nobody_is_told_any_more(
    database: Database, gathering: Relay
) -> None:
    request_id = await publish(database)
    await recommend(database, request_id, OTHER)
    await relayed(gathering)
    await follow(database, request_id)
    await approve(database, request_id)
    async with database.unit_of_work() as session:
        await deciding.accept(session, OWNER, request_id, BANK, now=NOW, rules=RULES)
    await relayed(gathering)
    assert await letters(database, NEW) == []


async def test_a_place_is_kept_and_the_time_said(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    for bank in (OTHER, THIRD, FOURTH):
        await follow(database, request_id, bank)
    await follow(database, request_id, BANK)
    async with database.unit_of_work() as session:
        await following.leave(session, request_id, OTHER, by="client:A", now=NOW, rules=RULES)
    await relayed(relay)
    (row,) = await letters(database, FREE)
    assert row.openid == KUNSHAN_OFFICER
    assert said(row) == (request_id, "名额为您保留：购买设备融资需求", "2026-11-24 12:00")


async def test_one_day_before_the_deadline_is_reminded_of(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    row = await follow(database, request_id)
    assert row.until is not None
    lapses = Lapses(database, RULES)
    await lapses.run_once(row.until - timedelta(hours=24, seconds=1))
    await relayed(relay)
    assert await letters(database, DUE) == []
    for _ in range(2):
        await lapses.run_once(row.until - timedelta(hours=24))
    await relayed(relay)
    (letter,) = await letters(database, DUE)
    assert (letter.openid, said(letter)[:2]) == (
        KUNSHAN_OFFICER,
        (request_id, "请按时答复：购买设备融资需求"),
    )


async def test_a_deadline_of_another_follow_is_no_news(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    await follow(database, request_id)
    async with database.unit_of_work() as session:
        payload = {"request_id": request_id, "institution": BANK, "until": NOW.isoformat()}
        events.record(session, events.FOLLOW_DUE, payload, NOW)
        events.record(session, events.PLACE_OFFERED, payload, NOW)
    await relayed(relay)
    assert await letters(database, DUE, FREE) == []


@pytest.mark.parametrize(
    ("by", "not_before"),
    [(None, MORNING), (MORNING + timedelta(hours=1), MORNING), (MORNING, NIGHT), (NIGHT, NIGHT)],
)
async def test_the_night_is_quiet_unless_it_would_be_too_late(
    database: Database, by: datetime | None, not_before: datetime
) -> None:
    desk = Letters(templates(), "https://rongqiao.example", "21:00-08:00")
    values: dict[str, Value] = {"request_id": "RQ1", "title": "名额为您保留", "deadline": by or MORNING}
    letter = Letter(KUNSHAN_OFFICER, "1", values, about="RQ1", institution=BANK, by=by)
    async with database.unit_of_work() as session:
        await desk.queue(session, registry.by_name(FREE), letter, NIGHT)
    (row,) = await letters(database, FREE)
    assert row.not_before == not_before


async def test_what_comes_in_at_night_is_one_letter_in_the_morning(database: Database) -> None:
    desk = Letters(templates(), "https://rongqiao.example", "21:00-08:00", HALF_AN_HOUR)
    async with database.unit_of_work() as session:
        for number in range(4):
            at = NIGHT + number * timedelta(hours=2)
            values: dict[str, Value] = {
                "request_id": f"RQ{number}",
                "title": "新需求",
                "amount": 100_000,
                "time": at,
            }
            letter = Letter(KUNSHAN_OFFICER, f"RQ{number}", values, about=f"RQ{number}", institution=BANK)
            await desk.queue(session, registry.by_name(NEW), letter, at)
            await session.flush()
    (row,) = await letters(database, NEW)
    assert (row.not_before, said(row)[:3]) == (MORNING, ("RQ0+3", "有4笔新需求，金额为合计", "400000元"))
