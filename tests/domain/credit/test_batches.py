"""Batches: each counts once; what is bad is named; corrections supersede and stay as history."""

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.credit import batches
from domain.credit.batches import MOST_ITEMS, Batch, OtherContent
from domain.credit.reading import as_float
from domain.credit.values import last_day
from tests.domain.credit.stage import DAY, NOW, OTHER, REGISTRY, TAX, Stage, item
from tests.domain.databases import opened


async def test_a_batch_is_kept_and_read_back(stage: Stage) -> None:
    taken = await stage.take(
        item("revenue", 30000000), item("tax_grade", "B"), item("overdue_now", "否", "2026-10-31")
    )
    assert (taken.accepted, taken.rejected, taken.again) == (3, (), False)
    known = (await stage.latest())["revenue"]
    assert (known.value, known.as_of, known.source) == (30000000, date(2025, 12, 31), TAX)
    assert (known.received_at, known.ended_on, known.disputed) == (NOW, None, False)
    assert await stage.values() == {"revenue": 30000000, "tax_grade": "B", "overdue_now": False}
    assert await stage.values(OTHER) == {}


async def test_sent_again_it_counts_once_and_gets_the_answer_of_then(stage: Stage) -> None:
    bad = item("revenue", "三千万", of=OTHER)
    first = await stage.take(item("revenue", 1), bad, batch_id="2026-11")
    await stage.take(item("revenue", 2), batch_id="2026-12")
    again = await stage.take(item("revenue", 1), bad, batch_id="2026-11", now=NOW + DAY)
    assert again.again
    assert again.accepted == first.accepted == 1
    assert [(bad.index, bad.field, bad.reason) for bad in again.rejected] == [(1, "value", "应为金额（元）")]
    assert await stage.values() == {"revenue": 2}, "an old batch must not undo a later one"


async def test_one_number_is_one_batch(stage: Stage) -> None:
    await stage.take(item("revenue", 1), batch_id="2026-11")
    for other in ({"batch_id": "2026-11", "source": "另一个来源"}, {"batch_id": "2026-11"}):
        with pytest.raises(OtherContent):
            await stage.take(item("revenue", 2 if "source" not in other else 1), **other)
    assert await stage.values() == {"revenue": 1}
    await stage.take(item("revenue", 3), batch_id="2026-11", sender="CL2")
    assert await stage.values() == {"revenue": 3}, "another sender has numbers of his own"


async def test_bad_items_are_named_and_the_good_ones_kept(stage: Stage) -> None:
    taken = await stage.take(
        item("revenue", 1),
        item("turnover", 1),
        item("employees", -1),
        "not an object",
        item("revenue", 2, "2025-03-31"),
        {"uscc": "1", "value": 1, "colour": "red"},
        item("revenue", 5, "2027-01-01"),
    )
    assert taken.accepted == 1
    assert [(bad.index, bad.field, bad.reason) for bad in taken.rejected] == [
        (1, "indicator", "没有这个指标"),
        (2, "value", "不能小于 0"),
        (3, "", "应为对象"),
        (4, "", "与第 0 项重复，以先出现的为准"),
        (5, "uscc", "格式不对，应为 18 位统一社会信用代码（数字与大写字母，不含 I O S V Z）"),
        (5, "indicator", "缺少必填项"),
        (5, "as_of", "缺少必填项"),
        (5, "colour", "没有这个字段"),
        (6, "as_of", "不能晚于今天"),
    ]


@pytest.mark.parametrize("number", [0, MOST_ITEMS + 1])
def test_a_batch_has_bounds(number: int) -> None:
    with pytest.raises(ValidationError):
        Batch(batch_id="1", source=TAX, items=[{}] * number)


async def test_a_correction_supersedes_and_an_older_day_does_not(stage: Stage) -> None:
    await stage.take(item("revenue", 1, "2024-12-31"), item("revenue", 2, "2025-12-31"))
    await stage.take(item("revenue", 3, "2025-06-30"), now=NOW + DAY)
    await stage.take(item("revenue", 4, "2024-01-01"), now=NOW + 2 * DAY)
    assert await stage.values() == {"revenue": 3}
    assert await stage.history("revenue") == [("2025-12-31", 3), ("2024-12-31", 4)]
    assert (await stage.figures(["revenue"])).values["revenue"].tolist() == [3]


async def test_what_is_stored_so_already_is_left_alone(stage: Stage) -> None:
    await stage.take(item("revenue", 1))
    first = (await stage.latest())["revenue"]
    await stage.take(item("revenue", "1"), now=NOW + DAY)
    assert (await stage.latest())["revenue"] == first
    await stage.take(item("revenue", 1), source="统计局", now=NOW + 2 * DAY)
    second = (await stage.latest())["revenue"]
    assert (second.id, second.source) != (first.id, first.source), "who says so is part of what is said"


async def test_two_batches_at_once(stage: Stage, database_url: str) -> None:
    """Twelve sources state the same figures at one moment: one of each stands, the others are history."""
    codes = ["revenue", "employees", "net_profit"]
    async with opened(database_url) as other:
        await asyncio.gather(
            *(
                batches.take(
                    database,
                    REGISTRY,
                    Batch(
                        batch_id=f"B{n}",
                        source=TAX,
                        items=[item(code, n) for code in codes[:: 1 - 2 * (n % 2)]],
                    ),
                    sender="CL1",
                    now=NOW,
                )
                for n in range(6)
                for database in (stage.database, other)
            )
        )
    values = await stage.values()
    assert values.keys() == set(codes)
    assert set(values.values()) <= set(range(6))
    assert {code: value.tolist() for code, value in (await stage.figures(codes)).values.items()} == {
        code: [value] for code, value in values.items()
    }
    assert len(await stage.history("revenue")) == 1


STATEMENTS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["revenue", "electricity_used_12m", "tax_grade", "overdue_now", "founded_on"]),
            st.dates(date(2024, 1, 1), date(2026, 11, 1)),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=4,
    ),
    max_size=5,
)


def _raw(code: str, number: int) -> str:
    if code == "tax_grade":
        return "ABMCD"[number]
    if code == "founded_on":
        return f"2020-01-0{number + 1}"
    return str(number if code != "overdue_now" else number % 2)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STATEMENTS)
async def test_documents_say_what_the_history_says(
    stage: Stage, steps: list[list[tuple[str, date, int]]]
) -> None:
    """Against a naive model: by period, the last statement counts; of the periods, the last one."""
    of = f"9132{abs(hash(str(steps))) % 10**14:014}"
    await stage.authorize([of])
    model: dict[tuple[str, date], str] = {}
    for number, step in enumerate(steps):
        stated: dict[tuple[str, date], str] = {}
        items = []
        for code, day, value in step:
            raw = _raw(code, value)
            stated.setdefault((code, last_day(REGISTRY[code].periodic, day)), raw)
            items.append(item(code, raw, day.isoformat(), of))
        model |= stated
        await stage.take(*items, now=NOW + timedelta(minutes=number))
    expected = {code: raw for (code, _), raw in sorted(model.items())}
    found = await stage.as_bank([of])
    for code, values in found.values.items():
        shown = None if values[0] != values[0] else values[0]
        assert shown == (_figure(code, expected[code]) if code in expected else None), code


def _figure(code: str, raw: str) -> float:
    value = raw if code in {"tax_grade", "founded_on"} else float(raw)
    return as_float(REGISTRY[code], value)
