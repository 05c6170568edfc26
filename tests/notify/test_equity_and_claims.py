"""Owners hear of every step of their equity requests and claims, and of deadlines that come near."""

from datetime import timedelta
from typing import Any

from domain import events
from domain.base import SHANGHAI
from domain.claims.claiming import Decision, decide_for_owner, own
from domain.claims.labels import ClaimState
from domain.database import Database
from domain.equity.following import EventKind
from domain.equity.labels import PassReason
from notify import registry
from notify.notice import Letter
from tests.domain.claims.scene import DEADLINE
from tests.domain.claims.scene import NOW as CLAIMED_AT
from tests.domain.claims.scene import Scene as Claims
from tests.domain.equity.scene import FUND, OWNER, USCC
from tests.domain.equity.scene import Scene as Equity


async def letters(database: Database, event: str, payload: dict[str, Any]) -> list[Letter]:
    """What all notices write of it."""
    async with database.unit_of_work() as session:
        return [
            letter
            for notice in registry.for_event(event)
            for letter in await notice.write(session, event, payload)
        ]


async def test_each_step_of_an_institution_is_a_letter_of_its_own(database: Database) -> None:
    scene = Equity(database)
    await scene.set_up()
    request_id = await scene.published()
    (published,) = await letters(database, events.EQUITY_PUBLISHED, {"request_id": request_id})
    assert (published.openid, published.values["status"]) == (OWNER, "已发布")
    assert (published.values["title"], published.values["amount"]) == ("A轮股权融资", 5_000_000)
    await scene.follow(request_id)
    await scene.tell(request_id, EventKind.PASSED, reason=PassReason.STAGE)
    moved = [
        letter
        for payload in await scene.events(events.EQUITY_MOVED)
        for letter in await letters(database, events.EQUITY_MOVED, payload)
    ]
    assert [letter.values["status"] for letter in moved] == ["跟进中", "机构未投"]
    assert {letter.values["title"] for letter in moved} == {f"{FUND}·A轮股权融资"}
    assert len({letter.subject for letter in (published, *moved)}) == 3
    assert published.path == f"/m/equity?company={USCC}"


async def test_a_deadline_that_comes_near(database: Database) -> None:
    scene = Claims(database)
    await scene.set_up()
    claim = await scene.begin()
    payload = {"claim_id": claim.id, "deadline": DEADLINE.isoformat(), "days": 7}
    (letter,) = await letters(database, events.CLAIM_DUE, payload)
    assert letter.openid == OWNER
    assert letter.values["title"] == "还有7天截止：设备更新贴息"
    assert letter.values["issuer"] == "苏州市工信局"
    deadline = letter.values["deadline"]
    assert deadline.astimezone(SHANGHAI).date() == DEADLINE  # type: ignore[union-attr]  # a moment
    assert letter.path.startswith("/m/policies/P-EQ?company=")
    (last,) = await letters(database, events.CLAIM_DUE, payload | {"days": 0})
    assert str(last.values["title"]).startswith("今天截止")
    assert last.subject != letter.subject
    await scene.submit(claim)
    assert await letters(database, events.CLAIM_DUE, payload) == [], "it is handed in"


async def test_what_the_office_said(database: Database) -> None:
    scene = Claims(database)
    await scene.set_up()
    claim = await scene.begin()
    await scene.submit(claim)
    async with database.unit_of_work() as session:
        row = await own(session, OWNER, claim.id)
        granted = Decision(ClaimState.GRANTED, amount=80_000)
        await decide_for_owner(session, row, granted, by="client:CL1", now=CLAIMED_AT + timedelta(hours=1))
    (payload,) = await scene.events(events.CLAIM_DECIDED)
    (letter,) = await letters(database, events.CLAIM_DECIDED, payload)
    assert (letter.openid, letter.values["status"], letter.values["amount"]) == (OWNER, "已兑现", 80_000)
    assert letter.values["title"] == "政策申报：设备更新贴息"


async def test_of_what_is_gone_nobody_is_told(database: Database) -> None:
    for event, payload in (
        (events.EQUITY_PUBLISHED, {"request_id": "EQ"}),
        (events.EQUITY_MOVED, {"request_id": "EQ", "step": 1}),
        (events.CLAIM_DUE, {"claim_id": "ZS", "deadline": "2026-12-31", "days": 1}),
        (events.CLAIM_DECIDED, {"claim_id": "ZS", "step": 1, "amount": None}),
    ):
        assert await letters(database, event, payload) == []
