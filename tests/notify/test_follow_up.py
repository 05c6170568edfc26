"""What an adviser does about a case reaches its owner, once; what the owner did himself does not."""

from sqlalchemy import select

from domain.cases import handling, opening
from domain.cases.rules import CaseKind, CaseOutcome
from domain.database import Database
from notify.deliveries import DeliveryRow
from notify.relay import Relay
from tests.domain.cases.cases import KUNSHAN, NOW, opened, owner

ANSWER = "已和银行说好，请带上近半年的流水去网点找王经理"


async def told(database: Database, relay: Relay) -> list[DeliveryRow]:
    while await relay.run_once():
        pass
    async with database.reading() as session:
        return list(await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


async def test_each_step_of_the_adviser_is_told(database: Database, relay: Relay) -> None:
    await owner(database)
    row = await opened(database, kind=CaseKind.DIFFICULTY)
    async with database.unit_of_work() as session:
        await handling.take(session, row.id, KUNSHAN, seen=1, now=NOW)
        await handling.note(session, row.id, KUNSHAN, ANSWER, seen=2, now=NOW)
        await handling.close(session, row.id, KUNSHAN, CaseOutcome.SOLVED, "办好了", seen=3, now=NOW)
    rows = await told(database, relay)
    assert [(one.openid, one.content["data"]["thing1"]) for one in rows] == [
        ("oZhang", "顾问已接手您的还款困难，请留意答复"),
        ("oZhang", "已和银行说好，请带上近半年的流水去网点…"),
        ("oZhang", "顾问办结了您的还款困难，点开看结果"),
    ]
    assert {one.content["data"]["name2"] for one in rows} == {"王顾问"}
    assert {one.content["url"] for one in rows} == {f"https://rongqiao.example/m/cases/{row.id}"}
    assert {one.notice for one in rows} == {"follow_up"}


async def test_the_owner_s_own_steps_are_no_news_to_him(database: Database, relay: Relay) -> None:
    await owner(database)
    row = await opened(database)
    async with database.unit_of_work() as session:
        await opening.add(session, "oZhang", row.id, "还有一件事", now=NOW)
        await opening.withdraw(session, "oZhang", row.id, now=NOW)
    assert await told(database, relay) == []
