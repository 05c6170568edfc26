"""One id from the encrypted callback to the receipt of the template message, in a whole service's log."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import logs
from bot.sandbox.people import Kind
from bot.sections import Log
from domain.database import Database
from domain.events import OutboxRow
from notify.deliveries import DeliveryRow
from tests.bot.pipes import given_back
from tests.journeys.house import House, house, until


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    with given_back():
        yield


@pytest.fixture
async def closed(tmp_path: Path, rasa_url: str) -> AsyncIterator[House]:
    """With an empty catalogue: what is followed here needs none."""
    async with house(tmp_path, nlu_url=rasa_url, catalogue={"seed": False}) as built:
        yield built


async def test_from_the_callback_to_the_receipt(closed: House, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json", level="INFO"))
    async with closed.open():
        await closed.fake.follow(closed.openid)
        for said in ("我在昆山做五金加工，想贷120万买设备", "两年", "厂房抵押", "确认"):
            await closed.say(said)
        await until(lambda: [entry for entry in closed.fake.history(closed.openid) if _is_card(entry)])
        await closed.fake.settle()
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    (sent,) = [line for line in lines if line["event"] == "delivery_sent"]
    found = [line for line in lines if line.get("trace") == sent["trace"]]
    assert [line["event"] for line in found] == _in_order(found)
    assert {"callback", "event_handled", "wechat_call", "delivery_sent", "receipt"} <= _events(found)
    (receipt,) = [line for line in found if line["event"] == "receipt"]
    assert (receipt["msg_id"], receipt["status"]) == (sent["msg_id"], "success")
    assert receipt["msg_id"].isdigit(), "the id of WeChat's is not masked"
    assert await _traces(closed) == {sent["trace"]}
    assert all(word not in written for word in ("昆山", "120万", closed.openid)), "no words, no openid"


async def test_each_message_has_an_id_of_its_own(closed: House, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json", level="INFO"))
    async with closed.open():
        await closed.fake.follow(closed.openid)
        for _ in range(3):
            await closed.say("你好")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    traces = [line["trace"] for line in lines if line["event"] == "callback"]
    assert len(traces) == len(set(traces)) == 4
    assert all(len(trace) == 32 for trace in traces)


def _is_card(entry: Any) -> bool:
    return entry.content.kind is Kind.TEMPLATE


def _events(lines: list[dict[str, Any]]) -> set[str]:
    return {line["event"] for line in lines}


def _in_order(lines: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in sorted(lines, key=lambda line: line["timestamp"])]


async def _traces(home: House) -> set[str | None]:
    """Of every event and delivery in the database."""
    database = Database(home.settings.database_url)
    try:
        async with database.reading() as session:
            events = await session.scalars(select(OutboxRow.trace))
            letters = await session.scalars(select(DeliveryRow.trace))
            return {*events, *letters}
    finally:
        await database.aclose()
