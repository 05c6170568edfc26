"""Objections: who may, their states, and what they do to the value meanwhile."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from domain.authorizations.gate import NotAuthorized, authorized
from domain.authorizations.labels import ALL_CATEGORIES, DataPurpose
from domain.authorizations.readers import Reader
from domain.base import today_in_china
from domain.credit import objections
from domain.credit.objections import DAYS, ObjectionState
from domain.credit.tables import CreditObjectionRow
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from tests.domain.credit.stage import BANK, NOW, OWNER, REGISTRY, STRANGER, TAX, USCC, Stage, item

CODE = "tax_penalties_3y"
LATER = NOW + timedelta(days=3)


async def bad_value(stage: Stage, value: int = 2) -> int:
    await stage.take(item(CODE, value, "2026-10-31"))
    return (await stage.latest())[CODE].id


async def object_to(
    stage: Stage, value_id: int, openid: str = OWNER, text: str = "没有受过处罚"
) -> CreditObjectionRow:
    async with stage.database.unit_of_work() as session:
        return await objections.raise_objection(session, openid, USCC, value_id, text, now=NOW)


async def disputed(stage: Stage) -> tuple[bool, bool]:
    """Whether it is so among the values and among the figures, which must agree."""
    values, figures = await stage.latest(), await stage.figures([CODE])
    return values[CODE].disputed, bool(figures.disputed[CODE][0])


async def state_of(stage: Stage) -> list[str]:
    async with stage.own() as access:
        return [row.state for row in await objections.of_company(access)]


async def test_an_objection_is_shown_and_does_not_count_until_it_is_closed(stage: Stage) -> None:
    objection = await object_to(stage, await bad_value(stage))
    assert (objection.state, objection.source, objection.indicator) == ("submitted", TAX, CODE)
    assert objection.due_on == today_in_china(NOW) + timedelta(days=DAYS)
    assert await disputed(stage) == (True, True)
    async with stage.database.unit_of_work() as session:
        await objections.ask(session, objection.id, now=LATER)
    assert (await disputed(stage), await state_of(stage)) == ((True, True), ["asked"])
    async with stage.database.unit_of_work() as session:
        closed = await objections.uphold(session, objection.id, "处罚决定书在案", by="client:1", now=LATER)
    assert (closed.answer, closed.answered_by, closed.closed_at) == ("处罚决定书在案", "client:1", LATER)
    assert (await disputed(stage), await state_of(stage)) == ((False, False), ["upheld"])


async def test_a_correction_takes_the_place_of_the_value(stage: Stage) -> None:
    value_id = await bad_value(stage)
    objection = await object_to(stage, value_id)
    async with stage.database.unit_of_work() as session:
        await objections.correct(session, REGISTRY, objection.id, 0, "已更正", by="client:1", now=LATER)
    known = (await stage.latest())[CODE]
    assert (known.value, known.as_of, known.source, known.disputed) == (0, date(2026, 10, 31), TAX, False)
    assert known.id != value_id
    assert (await disputed(stage), await state_of(stage)) == ((False, False), ["corrected"])


async def test_a_correction_that_changes_nothing_is_none(stage: Stage) -> None:
    objection = await object_to(stage, await bad_value(stage, 2))
    with pytest.raises(NotAllowedNow, match="相同"):
        async with stage.database.unit_of_work() as session:
            await objections.correct(session, REGISTRY, objection.id, 2, "已更正", by="client:1", now=LATER)
    # The source has sent the right value by batch in the meantime: that was the correction.
    await stage.take(item(CODE, 0, "2026-10-31"), now=LATER)
    async with stage.database.unit_of_work() as session:
        await objections.correct(session, REGISTRY, objection.id, 0, "已更正", by="client:1", now=LATER)
    assert await state_of(stage) == ["corrected"]


async def test_the_owner_may_take_it_back_and_object_again(stage: Stage) -> None:
    value_id = await bad_value(stage)
    objection = await object_to(stage, value_id)
    with pytest.raises(NotFound):
        async with stage.database.unit_of_work() as session:
            await objections.withdraw(session, STRANGER, objection.id, now=LATER)
    async with stage.database.unit_of_work() as session:
        await objections.withdraw(session, OWNER, objection.id, now=LATER)
    assert await disputed(stage) == (False, False)
    await object_to(stage, value_id)
    assert sorted(await state_of(stage)) == ["submitted", "withdrawn"]


async def test_who_is_no_member_may_not(stage: Stage) -> None:
    value_id = await bad_value(stage)
    with pytest.raises(NotAuthorized):
        await object_to(stage, value_id, STRANGER)
    assert await disputed(stage) == (False, False)


async def test_only_a_value_of_the_own_company(stage: Stage) -> None:
    await stage.take(item(CODE, 2, of="91320583MA1MABCE3P"))
    foreign = (await stage.latest("91320583MA1MABCE3P"))[CODE].id
    with pytest.raises(NotFound):
        await object_to(stage, foreign)
    with pytest.raises(NotFound):
        await object_to(stage, foreign + 1000)


@pytest.mark.parametrize("text", ["", "  ", "错" * 501, "\x00"])
async def test_the_text_is_looked_at(stage: Stage, text: str) -> None:
    with pytest.raises(ValueOutOfRange):
        await object_to(stage, await bad_value(stage), text=text)


async def test_one_is_open_at_a_time_even_if_two_are_raised_at_once(stage: Stage) -> None:
    value_id = await bad_value(stage)
    results = await asyncio.gather(*(object_to(stage, value_id) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, CreditObjectionRow) for result in results) == 1
    assert all(isinstance(result, CreditObjectionRow | NotAllowedNow) for result in results)
    assert not any(isinstance(result, SQLAlchemyError) for result in results)


async def test_what_is_closed_stays_so(stage: Stage) -> None:
    objection = await object_to(stage, await bad_value(stage))
    async with stage.database.unit_of_work() as session:
        await objections.uphold(session, objection.id, "在案", by="client:1", now=LATER)
    for step in (
        lambda session: objections.ask(session, objection.id, now=LATER),
        lambda session: objections.withdraw(session, OWNER, objection.id, now=LATER),
        lambda session: objections.uphold(session, objection.id, "在案", by="x", now=LATER),
        lambda session: objections.correct(session, REGISTRY, objection.id, 1, "改", by="x", now=LATER),
    ):
        with pytest.raises(NotAllowedNow):
            async with stage.database.unit_of_work() as session:
                await step(session)


async def test_a_source_answers_for_its_own_data_alone(stage: Stage) -> None:
    objection = await object_to(stage, await bad_value(stage))
    with pytest.raises(NotFound):
        async with stage.database.unit_of_work() as session:
            await objections.uphold(session, objection.id, "在案", by="x", source="环保局", now=LATER)
    async with stage.database.reading() as session:
        assert [row.id for row in await objections.page(session, source=TAX, size=5)] == [objection.id]
        assert await objections.page(session, source="环保局", size=5) == []
        assert await objections.page(session, state=ObjectionState.UPHELD, size=5) == []


@pytest.mark.parametrize(
    ("value", "field"), [("许多", "value"), (None, "value"), (-1, "value"), ([1], "value")]
)
async def test_a_correction_fits_the_indicator(stage: Stage, value: object, field: str) -> None:
    objection = await object_to(stage, await bad_value(stage))
    with pytest.raises(ValueOutOfRange) as caught:
        async with stage.database.unit_of_work() as session:
            await objections.correct(session, REGISTRY, objection.id, value, "改", by="x", now=LATER)
    assert caught.value.field == field
    assert await state_of(stage) == ["submitted"]


async def test_a_newer_value_is_not_under_the_objection_to_an_older_one(stage: Stage) -> None:
    await object_to(stage, await bad_value(stage))
    await stage.take(item(CODE, 1, "2026-11-20"))
    assert await disputed(stage) == (False, False)


async def test_institutions_do_not_see_the_owners_words(stage: Stage) -> None:
    await object_to(stage, await bad_value(stage))
    await stage.authorize([USCC])
    bank = Reader.institution(BANK, "CL9")
    async with authorized(stage.database, bank, USCC, ALL_CATEGORIES, DataPurpose.PRE_LOAN) as access:
        assert await objections.of_company(access) == []
