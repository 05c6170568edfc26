"""Bad records leave five years after the bad behaviour ended; everything else stays."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bot.housekeeping import rules
from bot.sections import Retention
from domain.credit.expiry import BadRecords
from domain.credit.tables import CreditBatchRow, CreditValueRow
from domain.retention import Rule
from tests.domain.credit.stage import NOW, OTHER, USCC, Stage, item, uscc

FIVE_YEARS_ON = datetime(2031, 11, 23, 4, tzinfo=NOW.tzinfo)
DAY = timedelta(days=1)
CHORE = BadRecords()


async def clean(stage: Stage, at: datetime, chore: Any = CHORE, limit: int = 200) -> int:
    deleted = 0
    while True:
        async with stage.database.unit_of_work() as session:
            number = await chore.portion(session, at, limit)
        deleted += number
        if number < limit:
            return deleted


async def test_a_bad_record_goes_when_five_years_are_over(stage: Stage) -> None:
    await stage.take(item("penalties_2y", 1, "2026-11-23"), item("patents_invention", 3, "2026-11-23"))
    assert await clean(stage, FIVE_YEARS_ON) == 0, "on the day itself it may still be kept"
    assert await stage.values() == {"penalties_2y": 1, "patents_invention": 3}
    assert await clean(stage, FIVE_YEARS_ON + DAY) == 1
    assert await stage.values() == {"patents_invention": 3}
    found = await stage.figures(["penalties_2y", "patents_invention"])
    assert found.values["patents_invention"][0] == 3
    assert np.isnan(found.values["penalties_2y"][0])


async def test_the_years_count_from_the_end_of_the_behaviour(stage: Stage) -> None:
    await stage.take(
        item("penalties_2y", 1, "2026-11-20", ended_on="2023-05-01"),
        item("safety_accidents_3y", 1, "2026-11-20"),
    )
    assert await clean(stage, datetime(2028, 5, 2, 4, tzinfo=NOW.tzinfo)) == 1
    assert await stage.values() == {"safety_accidents_3y": 1}


async def test_none_is_no_bad_record_and_an_earlier_good_value_comes_back(stage: Stage) -> None:
    await stage.take(
        item("dishonest_debtor", "否", "2020-01-01"), item("dishonest_debtor", "是", "2022-01-01")
    )
    assert await stage.values() == {"dishonest_debtor": True}
    assert await clean(stage, datetime(2027, 1, 2, 4, tzinfo=NOW.tzinfo)) == 1
    assert await stage.values() == {"dishonest_debtor": False}
    assert (await stage.figures(["dishonest_debtor"])).values["dishonest_debtor"][0] == 0


async def test_corrected_bad_records_go_too(stage: Stage) -> None:
    await stage.take(item("penalties_2y", 3, "2026-01-01"))
    await stage.take(item("penalties_2y", 0, "2026-01-01"), now=NOW + DAY)
    assert await clean(stage, FIVE_YEARS_ON) == 1
    assert await stage.values() == {"penalties_2y": 0}


def test_the_worker_does_it_by_the_years_of_the_configuration() -> None:
    assert BadRecords(3) in rules(Retention(credit_bad_years=3))
    with pytest.raises(ValueError, match="credit_bad_years"):
        Retention(credit_bad_years=6)


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_in_portions_all_go(stage: Stage, limit: int) -> None:
    usccs = [uscc(number) for number in range(7)]
    await stage.companies(usccs)
    await stage.take(
        *(item(code, 1, "2022-01-01", of) for of in usccs for code in ("penalties_2y", "enforcements_open")),
        *(item("penalties_2y", 1, "2023-01-01", of) for of in usccs),
        item("revenue", 1, of=USCC),
        item("penalties_2y", 1, "2026-01-01", OTHER),
    )
    assert await clean(stage, datetime(2030, 1, 1, tzinfo=NOW.tzinfo), limit=limit) == 21
    await stage.authorize([*usccs, USCC, OTHER])
    found = await stage.as_bank([*usccs, USCC, OTHER], ["penalties_2y", "enforcements_open", "revenue"])
    known = {code: int(np.isfinite(values).sum()) for code, values in found.values.items()}
    assert known == {"penalties_2y": 1, "enforcements_open": 0, "revenue": 1}


async def test_what_was_corrected_and_old_numbers_of_batches_go(stage: Stage) -> None:
    await stage.take(item("revenue", 1), batch_id="1")
    await stage.take(item("revenue", 2), batch_id="2", now=NOW + DAY)
    corrected = Rule(CreditValueRow, CreditValueRow.superseded_at, timedelta(days=730))
    numbers = Rule(CreditBatchRow, CreditBatchRow.received_at, timedelta(days=90))
    assert await clean(stage, NOW + timedelta(days=731), corrected) == 0
    assert await clean(stage, NOW + timedelta(days=732), corrected) == 1
    assert await clean(stage, NOW + timedelta(days=90, hours=1), numbers) == 1
    assert await stage.values() == {"revenue": 2}
    assert not (await stage.take(item("revenue", 2), batch_id="1", now=NOW + timedelta(days=91))).again
