"""What came of an identity check reaches the person, once and in few words."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from domain.database import Database
from domain.identity import verifications
from domain.identity.tables import State
from domain.identity.verifications import Ending, Person
from domain.secrets import Cipher, decode_key, new_key
from notify.deliveries import DeliveryRow
from notify.relay import Relay

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CIPHER = Cipher(decode_key(new_key()))


async def ended(database: Database, state: State, openid: str = "oZhang") -> None:
    async with database.unit_of_work() as session:
        row = await verifications.begin(
            session,
            openid,
            Person("张三丰", "11010519491231002X"),
            provider="tencent",
            consent=None,
            expires_at=NOW,
            tries_per_day=5,
            now=NOW,
            cipher=CIPHER,
        )
        await verifications.finish(session, row.id, Ending(state, "没有通过"), NOW, cipher=CIPHER)


async def sent(database: Database) -> list[DeliveryRow]:
    async with database.reading() as session:
        return list(await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


@pytest.mark.parametrize(
    ("state", "title", "result"),
    [
        (State.PASSED, "实名认证已完成，可以继续申请了", "认证通过"),
        (State.FAILED, "实名认证没有通过，点开看原因", "未通过"),
        (State.EXPIRED, "实名认证超时了，点开可重新开始", "已过期"),
    ],
)
async def test_a_result_becomes_a_template_message(
    database: Database, relay: Relay, state: State, title: str, result: str
) -> None:
    await ended(database, state)
    assert await relay.run_once() == 1
    (row,) = await sent(database)
    assert (row.notice, row.openid) == ("identity_result", "oZhang")
    assert row.content == {
        "template_id": "SANDBOX-IDENTITY-RESULT",
        "data": {"thing1": title, "phrase2": result, "time3": "2026-11-23 12:00"},
        "url": "https://rongqiao.example/m/identity",
    }
    assert len(title) <= 20, "a thing holds no more"
    assert len(result) <= 5, "a phrase holds no more"


async def test_what_a_person_gave_up_himself_is_no_news(database: Database, relay: Relay) -> None:
    await ended(database, State.ABANDONED)
    assert await relay.run_once() == 1
    assert await sent(database) == []


async def test_each_result_is_told_once(database: Database, relay: Relay) -> None:
    await ended(database, State.FAILED)
    await ended(database, State.PASSED)
    await relay.run_once()
    assert await relay.run_once() == 0
    phrases = [row.content["data"]["phrase2"] for row in await sent(database)]
    assert phrases == ["未通过", "认证通过"]
