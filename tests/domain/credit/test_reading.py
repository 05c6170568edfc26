"""Reading: through the gate alone, and nothing beyond the company and the scope."""

from datetime import date

import numpy as np
import pytest
from sqlalchemy import select

from domain.authorizations.gate import NotAuthorized, Reader, authorized
from domain.authorizations.labels import Category, DataPurpose
from domain.credit import reading
from domain.credit.tables import CreditDocumentRow, CreditServiceReportRow, CreditValueRow
from domain.gated import Unguarded
from tests.domain.credit.stage import BANK, OTHER, REGISTRY, USCC, Stage, item

UTILITIES = frozenset({Category.UTILITIES})


async def fill(stage: Stage) -> None:
    """Something of every category, of both companies."""
    for of in (USCC, OTHER):
        await stage.take(
            *(
                item(indicators[-1].code, 1, "2026-10-31", of)
                for category, indicators in REGISTRY.by_category.items()
                if category is not Category.BASE
            ),
            item("employees", 12, of=of),
        )


async def test_a_reader_of_utilities_sees_nothing_else(stage: Stage) -> None:
    await fill(stage)
    await stage.authorize([USCC], scope=UTILITIES)
    bank = Reader.institution(BANK, "CL9")
    async with authorized(stage.database, bank, USCC, UTILITIES, DataPurpose.PRE_LOAN) as access:
        known = await reading.latest(access, REGISTRY)
        figures = await reading.figures(access, REGISTRY)
        revenue = await reading.history(access, REGISTRY, "employees")
    assert [item.indicator.code for item in known] == ["utility_account_months"]
    assert set(figures.values) == {item.code for item in REGISTRY.by_category[Category.UTILITIES]}
    assert figures.usccs == (USCC,)
    assert revenue == []


async def test_the_owner_sees_all_of_his_company_and_nothing_of_another(stage: Stage) -> None:
    await fill(stage)
    known = (await stage.latest()).values()
    assert {item.uscc for item in known} == {USCC}
    assert {item.indicator.category for item in known} == set(Category)
    with pytest.raises(NotAuthorized):
        async with authorized(stage.database, Reader.owner("oStranger"), USCC, UTILITIES, DataPurpose.OWN):
            pytest.fail("the gate is shut")


@pytest.mark.parametrize("table", [CreditValueRow, CreditDocumentRow, CreditServiceReportRow])
async def test_past_the_gate_nothing_is_read(stage: Stage, table: type) -> None:
    with pytest.raises(Unguarded):
        async with stage.database.reading() as session:
            await session.scalars(select(table))


async def test_writers_need_no_leave_to_read(stage: Stage) -> None:
    """A batch, its repetition and its correction, all on connections that the gate has not opened."""
    await stage.take(item("revenue", 1), batch_id="1")
    await stage.take(item("revenue", 1), batch_id="1")
    await stage.take(item("revenue", 2), batch_id="2")
    assert await stage.values() == {"revenue": 2}


async def test_every_type_as_a_figure(stage: Stage) -> None:
    await stage.take(
        item("net_profit", -5),
        item("debt_ratio", "35%"),
        item("overdue_now", "是", "2026-10-31"),
        item("tax_grade", "M"),
        item("founded_on", "1970-01-11"),
        item("legal_representative", "王小明"),
    )
    found = await stage.figures()
    known = {code: value[0] for code, value in found.values.items() if not np.isnan(value[0])}
    assert known == {"net_profit": -5, "debt_ratio": 0.35, "overdue_now": 1, "tax_grade": 2, "founded_on": 10}
    assert "legal_representative" not in found.values
    assert {code: values.dtype for code, values in found.values.items()} == dict.fromkeys(
        found.values, np.dtype(np.float64)
    )
    for code, figure in known.items():
        value = reading.as_stored(REGISTRY[code], float(figure))
        assert value == (await stage.values())[code]
        assert type(value) is type((await stage.values())[code])


async def test_companies_stand_in_the_order_of_the_access(stage: Stage) -> None:
    await stage.authorize()
    await stage.take(item("revenue", 7, of=OTHER), item("employees", 3, of=USCC))
    found = await stage.as_bank([OTHER, USCC], ["revenue", "employees"])
    assert found.usccs == tuple(sorted((USCC, OTHER)))
    by_company = {
        of: {code: values[place] for code, values in found.values.items() if not np.isnan(values[place])}
        for place, of in enumerate(found.usccs)
    }
    assert by_company == {USCC: {"employees": 3}, OTHER: {"revenue": 7}}


async def test_what_has_left_the_register_is_not_shown(stage: Stage) -> None:
    await stage.take(item("revenue", 7), item("tax_grade", "D"))
    without = type(REGISTRY)(indicator for code, indicator in REGISTRY.items() if code != "revenue")
    async with stage.own() as access:
        known = await reading.latest(access, without)
        figures = await reading.figures(access, without)
    assert [item.indicator.code for item in known] == ["tax_grade"]
    assert "revenue" not in figures.values


async def test_the_latest_day_counts_whatever_came_last(stage: Stage) -> None:
    await stage.take(item("insured_employees", 30, "2026-10-10"))
    await stage.take(item("insured_employees", 20, "2026-08-10"))
    known = (await stage.latest())["insured_employees"]
    assert (known.value, known.as_of) == (30, date(2026, 10, 31))
