"""An owner drafts, publishes, takes back and ends; one round of a company at a time."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain import events
from domain.admission import standing
from domain.equity import raising, reading, terms
from domain.equity.following import EventKind
from domain.equity.labels import EquityField, EquityFollow, EquityStatus
from domain.equity.raising import lacks
from domain.equity.tables import EquityRequestRow, EquityStepRow
from domain.equity.terms import AMOUNT_HIGHEST, AMOUNT_LOWEST, EquityTerms
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from tests.domain.equity.scene import FUND, NAMES, NOW, OFFERED, OTHER, OWNER, STRANGER, USCC, Scene


async def test_a_draft_is_gone_on_with(scene: Scene) -> None:
    first = await scene.draft(EquityTerms(round=OFFERED.round))
    assert await scene.draft(OFFERED) == first
    row = await scene.row(first)
    assert terms.of(row) == OFFERED
    assert (row.state, row.uscc, row.published_at) == (EquityStatus.DRAFT, None, None)


async def test_two_drafts_at_once_are_one(scene: Scene) -> None:
    one, other = await asyncio.gather(scene.draft(), scene.draft())
    assert one == other


@pytest.mark.parametrize(
    ("offered", "missing"),
    [
        (EquityTerms(), (EquityField.ROUND, EquityField.AMOUNT)),
        (EquityTerms(amount=5_000_000), (EquityField.ROUND,)),
        (EquityTerms(round=OFFERED.round), (EquityField.AMOUNT,)),
    ],
)
async def test_round_and_amount_must_stand(
    scene: Scene, offered: EquityTerms, missing: tuple[EquityField, ...]
) -> None:
    assert offered.lacking == missing
    request_id = await scene.draft(offered)
    with pytest.raises(NotAllowedNow, match="和".join(field.label for field in missing)):
        await scene.publish(request_id)


async def test_published_it_bears_the_company_s_name_and_is_told_of(scene: Scene) -> None:
    request_id = await scene.published()
    row = await scene.row(request_id)
    assert (row.state, row.uscc, row.company) == (EquityStatus.PUBLISHED, USCC, NAMES[USCC])
    assert await scene.events(events.EQUITY_PUBLISHED) == [{"request_id": request_id}]
    async with scene.database.reading() as session:
        steps = await reading.steps_of(session, request_id)
    assert [(step.actor, step.before, step.after) for step in steps] == [
        (OWNER, None, "draft"),
        (OWNER, "draft", "published"),
    ]


async def test_a_company_raises_one_round_at_a_time(scene: Scene) -> None:
    first = await scene.published()
    second = await scene.draft()
    assert second != first
    with pytest.raises(NotAllowedNow, match=first):
        await scene.publish(second)
    await scene.withdraw(first)
    assert (await scene.publish(second)).state is EquityStatus.PUBLISHED


async def test_of_two_publications_at_once_one_goes_out(scene: Scene) -> None:
    """Each by another of the company's people."""
    one, other = await scene.draft(), await scene.draft(openid=STRANGER)
    answers = await asyncio.gather(scene.publish(one), scene.publish(other), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["EquityRequestRow", "NotAllowedNow"]


async def test_taken_back_everybody_s_follow_ends(scene: Scene) -> None:
    request_id = await scene.published()
    await scene.follow(request_id)
    assert (await scene.withdraw(request_id)).state is EquityStatus.WITHDRAWN
    async with scene.database.reading() as session:
        (follow,) = (await reading.follows_of(session, [request_id]))[request_id]
    assert follow.state is EquityFollow.ENDED
    assert await scene.events(events.EQUITY_WITHDRAWN) == [{"request_id": request_id}]
    with pytest.raises(NotAllowedNow, match="已撤回"):
        await scene.withdraw(request_id)


async def test_nobody_takes_back_what_is_another_s(scene: Scene) -> None:
    request_id = await scene.published()
    for missing in (request_id, "EQ000000-00000000", "\x00"):
        with pytest.raises(NotFound):
            await scene.withdraw(missing, STRANGER)
    assert (await scene.row(request_id)).state is EquityStatus.PUBLISHED


async def test_a_round_ends_once_money_is_in_it(scene: Scene) -> None:
    request_id = await scene.published()
    with pytest.raises(NotAllowedNow, match="有机构投资以后"):
        await scene.close(request_id)
    await scene.follow(request_id)
    await scene.tell(request_id, EventKind.INVESTED, amount=3_000_000)
    with pytest.raises(NotAllowedNow, match="不能撤回"):
        await scene.withdraw(request_id)
    assert (await scene.close(request_id)).state is EquityStatus.CLOSED
    async with scene.database.reading() as session:
        (follow,) = (await reading.follows_of(session, [request_id]))[request_id]
    assert (follow.institution, follow.state) == (FUND, EquityFollow.INVESTED), "what was done stays"


async def test_registered_and_verified_is_enough(scene: Scene) -> None:
    """The consent to use credit data is not asked for: none are used."""
    async with scene.database.reading() as session:
        assert lacks(await standing(session, OWNER, NOW)) == ()
        assert [lack.value for lack in lacks(await standing(session, "oNobody", NOW))] == [
            "registration",
            "identity",
        ]


async def test_a_draft_goes_with_its_history(scene: Scene) -> None:
    await scene.draft()
    published = await scene.publish(await scene.draft(openid=STRANGER), OTHER)
    async with scene.database.unit_of_work() as session:
        for openid in (OWNER, STRANGER):
            await raising.discard(session, openid)
    async with scene.database.reading() as session:
        assert list(await session.scalars(select(EquityRequestRow.id))) == [published.id]
        assert await session.scalar(select(func.count()).select_from(EquityStepRow)) == 2


@given(st.integers())
def test_amounts_are_taken_within_the_bounds_alone(amount: int) -> None:
    if AMOUNT_LOWEST <= amount <= AMOUNT_HIGHEST:
        terms.check_amount(amount)
    else:
        with pytest.raises(ValueOutOfRange) as refused:
            terms.check_amount(amount)
        assert len(refused.value.sentence) < 80


@given(st.decimals(min_value=-10, max_value=200, places=3))
def test_shares_are_between_nothing_and_all_with_two_decimals(share: Decimal) -> None:
    if 0 < share < 100 and share == round(share, 2):
        terms.check_share(share)
    else:
        with pytest.raises(ValueOutOfRange):
            terms.check_share(share)


def test_the_valuation_is_what_all_of_it_would_be_worth() -> None:
    assert OFFERED.valuation == 50_000_000
    assert EquityTerms(amount=5_000_000).valuation is None
    assert EquityTerms(share=Decimal(10)).valuation is None
