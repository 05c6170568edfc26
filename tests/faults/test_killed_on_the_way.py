"""Kill -9 between an owner's first word in chat and his published request: nothing lost, nothing doubled.

The whole service in one process on SQLite dies between every two steps. A web process of several, on
PostgreSQL, dies in the middle of steps. Afterwards the owner does again what he did last.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientError
from aiohttp.test_utils import TestServer
from sqlalchemy import update
from yarl import URL

from bot.sandbox.rules import Rule
from domain.database import Database
from notify.deliveries import DeliveryRow
from tests.bot.identity.cloud import FaceCloud
from tests.domain.databases import address_of, opened
from tests.faults.line import line
from tests.faults.outcome import Outcome, outcome, settled
from tests.faults.owner import STEPS, Owner, Step, Surroundings, newcomer
from tests.faults.replica import Replica, environment
from tests.faults.town import Town, faces_by, settings, world
from tests.faults.waiting import eventually
from tests.journeys.house import until


@pytest.mark.timeout(300)
async def test_between_every_two_steps(tmp_path: Path, bytecode: Path, rasa_url: str) -> None:
    """The queue, the worker and Valkey die with the pages; each step is done again after its death."""
    cloud = FaceCloud()
    async with world() as (fake, wire), TestServer(cloud.app()) as faces:
        given = settings(fake, wire, tmp_path, NLU__URL=rasa_url, **faces_by(faces))
        service = Replica("all", environment(given, bytecode), tmp_path)
        await service.start()
        async with (
            newcomer(Surroundings(fake, cloud, service), service) as owner,
            opened(address_of(tmp_path / "rongqiao.db")) as database,
        ):
            for step in STEPS:
                await step(owner)
                await killed(service, database)
                await step(owner)
            await eventually(partial(settled, database, owner))
            assert await outcome(database, owner) == UNHARMED
        await service.stop()
    # Where nobody lives nobody takes receipts.
    assert [broken for broken in fake.violations if broken.rule is not Rule.UNREACHABLE] == []


async def killed(service: Replica, database: Database) -> None:
    """And brought back; the minute for which it held what it was sending is over."""
    await service.kill()
    async with database.unit_of_work() as session:
        await session.execute(update(DeliveryRow).values(claimed_until=None))
    await service.start()


Moment = Callable[[Town, Owner], AbstractAsyncContextManager[Awaitable[object]]]
"""A hold on the world; what it yields comes back when the service stands in front of it."""


def before_writing(table: str) -> Moment:
    @asynccontextmanager
    async def held(town: Town, _: Owner) -> AsyncIterator[Awaitable[object]]:
        async with town.books.table_held(table):
            yield eventually(town.books.waiting)

    return held


def in_the_commit_of(table: str) -> Moment:
    """Everything is written: PostgreSQL brings it to its end, though nobody hears of it."""

    @asynccontextmanager
    async def held(town: Town, _: Owner) -> AsyncIterator[Awaitable[object]]:
        async with town.books.commits_held(table):
            yield eventually(town.books.waiting)

    return held


@asynccontextmanager
async def while_wechat_is_asked(town: Town, _: Owner) -> AsyncIterator[Awaitable[object]]:
    with town.wire.silent_after(b"/sns/oauth2/access_token"):
        yield until_true(lambda: town.wire.held)


@asynccontextmanager
async def while_the_provider_is_asked(town: Town, _: Owner) -> AsyncIterator[Awaitable[object]]:
    town.cloud.arrived, town.cloud.open = asyncio.Event(), asyncio.Event()
    town.cloud.troubles.append("slow")
    yield town.cloud.arrived.wait()
    town.cloud.open.set()


@asynccontextmanager
async def with_the_answer_on_its_way(town: Town, owner: Owner) -> AsyncIterator[Awaitable[object]]:
    """Everything is done; the browser has not heard of it."""
    async with line(URL(town.left.address)) as way:
        way.held, owner.browser.port = True, way.port
        yield until_true(lambda: way.answered)
    owner.browser.port = town.left.port


async def until_true(found: Callable[[], object]) -> None:
    await until(found)


UNHARMED = Outcome()
# A try that the provider may have opened for nobody is given up for the next.
BEGUN_TWICE = Outcome(tries=("abandoned", "passed"))


@dataclass(frozen=True)
class Case:
    step: Step
    moment: Moment
    leaves: Outcome = UNHARMED


CASES = {
    "login, WeChat asked": Case(Owner.comes_back_from_wechat, while_wechat_is_asked),
    "registration, not written": Case(Owner.registers, before_writing("registrations")),
    "registration, answered": Case(Owner.registers, with_the_answer_on_its_way),
    "identity, face agreed to": Case(Owner.begins_the_face_check, in_the_commit_of("authorizations")),
    "identity, provider asked": Case(Owner.begins_the_face_check, while_the_provider_is_asked, BEGUN_TWICE),
    "identity, answered": Case(Owner.begins_the_face_check, with_the_answer_on_its_way),
    "result, in the commit": Case(Owner.comes_back_from_the_face_check, in_the_commit_of("verified_people")),
    "authorization, not written": Case(Owner.authorizes, before_writing("authorizations")),
    "authorization, in the commit": Case(Owner.authorizes, in_the_commit_of("authorizations")),
    "authorization, answered": Case(Owner.authorizes, with_the_answer_on_its_way),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_in_the_middle_of_a_step(replicas: Town, case: Case) -> None:
    town, broken_before = replicas, len(replicas.fake.violations)
    place = STEPS.index(case.step)
    async with (
        newcomer(Surroundings(town.fake, town.cloud, town.left), town.right) as owner,
        opened(town.database_url) as database,
    ):
        for step in STEPS[:place]:
            await step(owner)
        await killed_within(case, town, owner)
        await town.left.start()
        for step in STEPS[place:]:
            await step(owner)
        await eventually(partial(settled, database, owner))
        assert await outcome(database, owner) == case.leaves
    assert town.fake.violations[broken_before:] == []


async def killed_within(case: Case, town: Town, owner: Owner) -> None:
    async with case.moment(town, owner) as reached:
        under_way = asyncio.ensure_future(case.step(owner))
        await reached
        await town.left.kill()
        with pytest.raises(ClientError):
            await under_way
