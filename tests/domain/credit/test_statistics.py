"""Macro figures: right, and silent about groups of fewer than five."""

import pytest

from domain.authorizations.labels import PLATFORM
from domain.credit import statistics
from domain.credit.objections import raise_objection
from domain.credit.statistics import FEWEST, By, GroupFigures
from domain.errors import ValueOutOfRange
from tests.domain.credit.stage import NOW, OWNER, REGISTRY, USCC, Stage, item, uscc

CODES = ("employees", "debt_ratio", "high_tech")


async def group(stage: Stage, first: int, size: int, region: str, industry: str) -> list[str]:
    usccs = [uscc(first + number) for number in range(size)]
    await stage.companies(usccs, region, industry)
    await stage.authorize(usccs, PLATFORM)
    await stage.take(*(item("employees", 10 * number, of=of) for number, of in enumerate(usccs)))
    return usccs


async def summarise(stage: Stage, by: By, **more: tuple[str, ...]) -> dict[str, GroupFigures]:
    found = await statistics.summarise(stage.database, REGISTRY, by, more.pop("codes", CODES), **more)
    return {item.key: item for item in found}


async def test_groups_of_fewer_than_five_are_left_out(stage: Stage) -> None:
    await group(stage, 0, 5, "320505", "C")
    await group(stage, 100, FEWEST - 1, "320506", "F")
    await group(stage, 200, 6, "320583", "F")
    regions = await summarise(stage, By.REGION)
    assert {key: item.companies for key, item in regions.items()} == {"320505": 5, "320583": 6}
    employees = regions["320505"].figures["employees"]
    assert (employees.known, employees.mean, employees.median) == (5, 20, 20)
    assert {key: item.companies for key, item in (await summarise(stage, By.INDUSTRY)).items()} == {
        "C": 5,
        "F": 10,
    }


async def test_an_indicator_known_of_fewer_than_five_is_left_out(stage: Stage) -> None:
    usccs = await group(stage, 0, 6, "320505", "C")
    await stage.take(*(item("debt_ratio", 0.5, of=of) for of in usccs[:4]))
    await stage.take(*(item("high_tech", place < 2, of=of) for place, of in enumerate(usccs[:5])))
    (found,) = (await summarise(stage, By.REGION)).values()
    assert set(found.figures) == {"employees", "high_tech"}
    assert (found.figures["high_tech"].known, found.figures["high_tech"].mean) == (5, 0.4)


async def test_companies_that_did_not_authorize_the_platform_are_not_counted(stage: Stage) -> None:
    usccs = [uscc(number) for number in range(9)]
    await stage.companies(usccs)
    await stage.take(*(item("employees", 7, of=of) for of in usccs))
    await stage.authorize(usccs[:5], PLATFORM)
    await stage.authorize(usccs)
    assert (await summarise(stage, By.REGION))["320583"].companies == 5


async def test_an_office_sees_its_regions(stage: Stage) -> None:
    await group(stage, 0, 5, "320505", "C")
    await group(stage, 100, 5, "340104", "C")
    assert set(await summarise(stage, By.REGION, within=("320500",))) == {"320505"}
    assert (await summarise(stage, By.INDUSTRY, within=("340000",)))["C"].companies == 5


async def test_what_is_under_objection_does_not_count(stage: Stage) -> None:
    usccs = [*[uscc(number) for number in range(5)], USCC]
    await stage.companies(usccs[:5])
    await stage.authorize(usccs, PLATFORM)
    await stage.take(*(item("employees", 10, of=of) for of in usccs[:5]), item("employees", 9000))
    value_id = (await stage.latest())["employees"].id
    async with stage.database.unit_of_work() as session:
        await raise_objection(session, OWNER, USCC, value_id, "只有9人", now=NOW)
    assert (await summarise(stage, By.REGION))["320583"].figures["employees"].mean == 10


@pytest.mark.parametrize("code", ["turnover", "officers", "tax_grade", "founded_on"])
async def test_what_has_no_average_is_refused(stage: Stage, code: str) -> None:
    with pytest.raises(ValueOutOfRange):
        await summarise(stage, By.REGION, codes=(code,))
