"""The whole service in one process on SQLite, killed at steps of the walk of one message, started again."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from yarl import URL

from bot.sandbox.wechat import FakeWeChat
from tests.faults.line import Line, line
from tests.faults.phone import Letter, Phone
from tests.faults.replica import Replica, environment
from tests.faults.town import FIRST, PUBLISH, settings, world
from tests.journeys.house import until


@dataclass
class House:
    """`way` is the line to the service."""

    fake: FakeWeChat
    service: Replica
    way: Line
    database: Path

    def open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.database, isolation_level=None)

    def count(self, statement: str, *values: str) -> int:
        with closing(self.open()) as connection:
            return int(connection.execute(statement, values).fetchone()[0])

    def let_claims_run_out(self) -> None:
        """The minute for which a sender holds what it claimed is over."""
        with closing(self.open()) as connection:
            connection.execute("UPDATE deliveries SET claimed_until = '2000-01-01 00:00:00.000000'")

    def answers(self, letter: Letter) -> int:
        return self.count("SELECT count(*) FROM inbox WHERE key = ?", letter.key)


@pytest.fixture(scope="module")
async def built(
    tmp_path_factory: pytest.TempPathFactory, bytecode: Path, rasa_url: str
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("alone")
    async with world() as (fake, wire):
        service = Replica(
            "all", environment(settings(fake, wire, folder, NLU__URL=rasa_url), bytecode), folder
        )
        async with line(URL(service.address)) as way:
            fake.callback_url = f"http://127.0.0.1:{way.port}/wechat"
            yield House(fake, service, way, folder / "rongqiao.db")
        await service.stop()


@pytest.fixture
async def house(built: House) -> House:
    await built.service.start()
    return built


async def about_to_publish(house: House) -> tuple[Phone, Letter]:
    phone = Phone(house.fake)
    await house.fake.follow(phone.openid)
    await phone.enrol(house.service)
    assert PUBLISH in await phone.say(FIRST, house.service)
    return phone, phone.write(PUBLISH)


async def test_before_the_commit(house: House) -> None:
    phone, letter = await about_to_publish(house)
    with closing(house.open()) as writer:
        # SQLite has one writer: while the test is it, nothing is committed.
        writer.execute("BEGIN IMMEDIATE")
        house.way.asked = 0
        first = asyncio.create_task(phone.try_once(letter, house.way.port))
        await until(lambda: house.way.asked)
        await house.service.kill()
        assert not (await first).answered
    assert house.answers(letter) == 0
    await published_once(house, phone, letter)


async def test_with_the_answer_on_its_way(house: House) -> None:
    phone, letter = await about_to_publish(house)
    house.way.held = True
    first = asyncio.create_task(phone.try_once(letter, house.way.port))
    await until(lambda: house.answers(letter))
    await house.service.kill()
    house.way.held = False
    assert not (await first).answered
    await published_once(house, phone, letter)


async def test_after_the_reply(house: House) -> None:
    phone, letter = await about_to_publish(house)
    first = await phone.send(letter, house.service)
    await house.service.kill()
    assert await published_once(house, phone, letter) == first


async def published_once(house: House, phone: Phone, letter: Letter) -> str:
    house.let_claims_run_out()
    await house.service.start()
    answer = await phone.send(letter, house.service)
    assert "已为您发布" in answer
    assert house.answers(letter) == 1
    assert house.count("SELECT version FROM conversations WHERE openid = ?", phone.openid) == 2
    published = "SELECT count(*) FROM financing_requests WHERE status = 'published' AND openid = ?"
    assert house.count(published, phone.openid) == 1
    events = """
        SELECT count(*) FROM outbox JOIN financing_requests AS request
        ON request.id = outbox.payload->>'request_id' WHERE request.openid = ?
    """
    assert house.count(events, phone.openid) == 1
    # A receipt that came while nobody was there is lost: WeChat does not send it for ever.
    deliveries = "SELECT count(*) FROM deliveries WHERE state IN ('sent', 'delivered') AND openid = ?"
    await until(lambda: house.count(deliveries, phone.openid))
    assert len(phone.cards()) == 1
    return answer
