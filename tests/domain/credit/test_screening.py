"""Screening: among authorizing companies alone, exact against a naive reading, page by page."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.authorizations.labels import Category
from domain.authorizations.readers import Reader
from domain.credit import screening
from domain.credit.objections import raise_objection
from domain.credit.screening import Page, Screening
from domain.errors import ValueOutOfRange
from tests.domain.credit.stage import BANK, NOW, OTHER, OWNER, REGISTRY, USCC, Stage, item, uscc

COMPARE = {
    ">=": lambda value, other: value >= other,
    "<=": lambda value, other: value <= other,
    ">": lambda value, other: value > other,
    "<": lambda value, other: value < other,
    "=": lambda value, other: value == other,
    "!=": lambda value, other: value != other,
}


async def screen(stage: Stage, *conditions: tuple[str, str, Any], **more: Any) -> Page:
    stated = [{"indicator": code, "op": op, "value": value} for code, op, value in conditions]
    wanted = Screening.model_validate({"conditions": stated} | more)
    return await screening.screen(stage.database, REGISTRY, Reader.institution(BANK, "CL9"), wanted)


async def test_only_companies_that_authorized_this_bank_for_these_categories(stage: Stage) -> None:
    third = uscc(3)
    await stage.companies([third])
    await stage.take(*(item("revenue", 5, of=of) for of in (USCC, OTHER, third)))
    await stage.authorize([USCC])
    await stage.authorize([OTHER], recipient="江苏银行")
    await stage.authorize([third], scope=frozenset({Category.TRADE}))
    page = await screen(stage, ("revenue", ">=", 1))
    assert [(match.uscc, match.name, match.values) for match in page.items] == [
        (USCC, "企业CD5X", {"revenue": 5})
    ]
    assert page.cursor is None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.none() | st.integers(0, 3), min_size=6, max_size=6),
    op=st.sampled_from(sorted(COMPARE)),
    other=st.integers(0, 3),
)
async def test_as_a_naive_reading(stage: Stage, values: list[int | None], op: str, other: int) -> None:
    usccs = [uscc(abs(hash((tuple(values), op, other, place))) % 10**13) for place in range(len(values))]
    industry = "ABCDEFGHIJKLMNOPQRST"[hash(usccs[0]) % 20]
    region = f"{110000 + hash(usccs[0]) % 500000}"
    await stage.companies(usccs, region, industry)
    await stage.authorize(usccs)
    stated = [
        item("employees", value, of=of) for of, value in zip(usccs, values, strict=True) if value is not None
    ]
    if stated:
        await stage.take(*stated)
    page = await screen(stage, ("employees", op, other), regions=[region], industries=[industry])
    expected = {
        of: value
        for of, value in zip(usccs, values, strict=True)
        if value is not None and COMPARE[op](value, other)
    }
    assert {match.uscc: match.values["employees"] for match in page.items} == expected


async def test_all_conditions_hold_and_every_type_is_shown_as_stated(stage: Stage) -> None:
    await stage.authorize()
    for of, grade in ((USCC, "A"), (OTHER, "C")):
        await stage.take(
            item("tax_grade", grade, of=of),
            item("founded_on", "2016-03-01", of=of),
            item("high_tech", "是", of=of),
            item("debt_ratio", "35%", of=of),
        )
    page = await screen(
        stage,
        ("tax_grade", "in", ["A", "B"]),
        ("founded_on", "<=", "2020-01-01"),
        ("high_tech", "=", True),
        ("debt_ratio", "<", "60%"),
    )
    assert [match.values for match in page.items] == [
        {"tax_grade": "A", "founded_on": "2016-03-01", "high_tech": True, "debt_ratio": 0.35}
    ]


async def test_region_and_industry(stage: Stage) -> None:
    away, other = uscc(1), uscc(2)
    await stage.companies([away], region="340100")
    await stage.companies([other], industry="F")
    await stage.authorize([USCC, away, other])
    await stage.take(*(item("employees", 5, of=of) for of in (USCC, away, other)))

    async def found(**more: Any) -> set[str]:
        return {match.uscc for match in (await screen(stage, ("employees", ">", 1), **more)).items}

    assert await found() == {USCC, away, other}
    assert await found(regions=["320000"]) == {USCC, other}
    assert await found(regions=["340000", "320583"], industries=["C"]) == {USCC, away}
    assert await found(industries=["A"]) == set()


async def test_page_by_page_each_company_once(stage: Stage) -> None:
    usccs = [uscc(number) for number in range(23)]
    await stage.companies(usccs)
    await stage.authorize(usccs)
    await stage.take(*(item("employees", number, of=of) for number, of in enumerate(usccs)))
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        page = await screen(stage, ("employees", ">=", 3), page_size=7, cursor=cursor)
        seen += [match.uscc for match in page.items]
        if (cursor := page.cursor) is None:
            break
    assert seen == usccs[3:]


async def test_what_is_under_objection_is_not_held_against_the_company(stage: Stage) -> None:
    await stage.authorize()
    await stage.take(item("penalties_2y", 3), item("penalties_2y", 3, of=OTHER))
    value_id = (await stage.latest())["penalties_2y"].id
    async with stage.database.unit_of_work() as session:
        await raise_objection(session, OWNER, USCC, value_id, "没有", now=NOW)
    page = await screen(stage, ("penalties_2y", "=", 0))
    assert [(match.uscc, match.values) for match in page.items] == [(USCC, {"penalties_2y": None})]


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        (("turnover", ">", 1), "indicator"),
        (("officers", "=", "王小明"), "indicator"),
        (("tax_grade", ">", "B"), "op"),
        (("high_tech", "<", 1), "op"),
        (("tax_grade", "=", "E"), "value"),
        (("revenue", ">", "许多"), "value"),
        (("revenue", "in", 5), "value"),
        (("revenue", "in", []), "value"),
        (("revenue", "=", [5]), "value"),
    ],
)
async def test_a_condition_that_does_not_fit_is_named(
    stage: Stage, condition: tuple[str, str, Any], field: str
) -> None:
    with pytest.raises(ValueOutOfRange) as caught:
        await screen(stage, ("employees", ">", 1), condition)
    assert caught.value.field == f"conditions.1.{field}"
