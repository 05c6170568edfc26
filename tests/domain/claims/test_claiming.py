"""A claim is prepared, handed in, and ends; one a company and policy, and nobody else's."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import func, select

from domain import events
from domain.claims import checklist, claiming, reading
from domain.claims.claiming import Decision
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from domain.conditions import Conditions
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.labels import PolicyKind, PolicyLevel, Qualification
from domain.policies import Policy
from tests.domain.claims.scene import AWARD, CLERK, NOW, OTHER, OVER, OWNER, RENEWAL, STRANGER, USCC, Scene

TODAY = date(2026, 11, 23)
GRANTED = Decision(ClaimState.GRANTED, amount=80_000)


async def test_one_claim_a_company_and_policy(scene: Scene) -> None:
    first = await scene.begin()
    assert (await scene.begin(openid=CLERK)).id == first.id, "his colleague goes on with it"
    assert (await scene.begin(openid=STRANGER, uscc=OTHER)).id != first.id
    assert (await scene.begin(AWARD)).id != first.id
    assert (first.standing, first.openid, first.ticked) == (ClaimState.PREPARING, OWNER, [])


async def test_begun_twice_at_once_it_is_one(scene: Scene) -> None:
    one, other = await asyncio.gather(scene.begin(), scene.begin(openid=CLERK))
    assert one.id == other.id
    async with scene.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(ClaimRow)) == 1


async def test_what_cannot_be_claimed(scene: Scene) -> None:
    with pytest.raises(NotAllowedNow, match="不在申报期内"):
        await scene.begin(OVER)
    for code in ("P-NONE", "\x00"):
        with pytest.raises(NotFound):
            await scene.begin(code)
    with pytest.raises(NotFound, match="不是这家企业"):
        await scene.begin(openid=STRANGER)


async def test_papers_are_ticked_that_the_policy_asks_for(scene: Scene) -> None:
    claim = await scene.begin()
    async with scene.database.unit_of_work() as session:
        await claiming.tick(session, CLERK, claim.id, ["licence", "interest", "made_up"], NOW)
    assert (await scene.row(claim)).ticked == ["licence", "interest"]


async def test_from_the_list_to_the_money(scene: Scene) -> None:
    claim = await scene.begin()
    assert (await scene.submit(claim, date(2026, 11, 20))).submitted_on == date(2026, 11, 20)
    await scene.decide(claim, Decision(ClaimState.ACCEPTED), by="client:CL1")
    done = await scene.decide(claim, GRANTED)
    assert (done.standing, done.amount, done.decided_on) == (ClaimState.GRANTED, 80_000, TODAY)
    assert await scene.steps(claim) == [
        (OWNER, None, "preparing"),
        (OWNER, "preparing", "submitted"),
        ("client:CL1", "submitted", "accepted"),
        (OWNER, "accepted", "granted"),
    ]
    (told,) = await scene.events(events.CLAIM_DECIDED)
    assert told["claim_id"] == claim.id, "what he told himself is no news to him"


async def test_refused_it_may_be_handed_in_again(scene: Scene) -> None:
    claim = await scene.begin()
    await scene.submit(claim)
    refused = await scene.decide(claim, Decision(ClaimState.REFUSED, reason="发票抬头不符"))
    assert (refused.standing, refused.reason, refused.amount) == (ClaimState.REFUSED, "发票抬头不符", None)
    again = await scene.submit(claim)
    assert (again.standing, again.reason, again.decided_on) == (ClaimState.SUBMITTED, "", None)


@pytest.mark.parametrize(
    ("decision", "field"),
    [
        (Decision(ClaimState.GRANTED), "amount"),
        (Decision(ClaimState.GRANTED, amount=0), "amount"),
        (Decision(ClaimState.GRANTED, amount=10**12), "amount"),
        (Decision(ClaimState.REFUSED), "reason"),
        (Decision(ClaimState.REFUSED, reason="长" * 201), "reason"),
        (Decision(ClaimState.ACCEPTED, on=date(2026, 11, 24)), "decided_on"),
        (Decision(ClaimState.ACCEPTED, on=date(2020, 1, 1)), "decided_on"),
    ],
)
async def test_an_outcome_says_what_it_must(scene: Scene, decision: Decision, field: str) -> None:
    claim = await scene.begin()
    await scene.submit(claim)
    with pytest.raises(ValueOutOfRange) as refused:
        await scene.decide(claim, decision)
    assert refused.value.field == field
    assert (await scene.row(claim)).standing is ClaimState.SUBMITTED


async def test_no_step_is_left_out(scene: Scene) -> None:
    claim = await scene.begin()
    with pytest.raises(NotAllowedNow, match="准备中"):
        await scene.decide(claim, GRANTED)
    with pytest.raises(ValueOutOfRange, match="不能晚于今天"):
        await scene.submit(claim, date(2026, 11, 24))
    await scene.submit(claim)
    with pytest.raises(NotAllowedNow):
        await scene.submit(claim)
    await scene.decide(claim, GRANTED)
    with pytest.raises(NotAllowedNow, match="已兑现"):
        await scene.decide(claim, Decision(ClaimState.ACCEPTED))


async def test_dropped_while_it_is_prepared_and_never_after(scene: Scene) -> None:
    claim, other = await scene.begin(), await scene.begin(AWARD)
    await scene.submit(other)
    async with scene.database.unit_of_work() as session:
        assert await claiming.drop(session, CLERK, claim.id) == RENEWAL
        with pytest.raises(NotAllowedNow, match="留下记录"):
            await claiming.drop(session, OWNER, other.id)
    assert await scene.steps(claim) == []
    async with scene.database.reading() as session:
        assert [row.id for row in await reading.of_person(session, OWNER)] == [other.id]


async def test_another_company_s_claim_does_not_exist(scene: Scene) -> None:
    claim = await scene.begin()
    with pytest.raises(NotFound):
        await scene.submit(claim, openid=STRANGER)
    async with scene.database.unit_of_work() as session:
        for step in (
            claiming.tick(session, STRANGER, claim.id, [], NOW),
            claiming.drop(session, STRANGER, claim.id),
            claiming.own(session, OWNER, "\x00"),
        ):
            with pytest.raises(NotFound):
                await step
    async with scene.database.reading() as session:
        assert await reading.of_person(session, STRANGER) == []
        assert [row.id for row in await reading.of_companies(session, [USCC])] == [claim.id]


@pytest.mark.parametrize("kind", PolicyKind)
def test_every_policy_has_its_papers_each_once(kind: PolicyKind) -> None:
    conditions = Conditions(
        revenue_min=1, employees_max=300, first_loan=True, qualifications_any=tuple(Qualification)
    )
    policy = Policy(
        code="P", title="某项政策", issuer="某局", level=PolicyLevel.CITY, kind=kind, conditions=conditions
    )
    found = checklist.materials(policy)
    keys = [material.key for material in found]
    assert len(set(keys)) == len(keys)
    assert keys[:3] == ["licence", "form", "account"]
    names = "".join(material.name for material in found)
    assert "信用报告" in names, "for the first loan"
    assert all(title.label in names for title in Qualification)
