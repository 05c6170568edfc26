"""Kill -9 between any two steps: the try stays, the provider is asked again, the result counts once."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from bot.identity.tencent_faceid import TencentFaceId
from bot.sections import PROJECT
from domain.base import utcnow
from domain.database import Database
from domain.identity import verifications
from domain.identity.tables import State, VerificationRow
from domain.identity.verifications import Person
from domain.secrets import Cipher, decode_key, new_key
from tests.bot.identity.cloud import FaceCloud
from tests.bot.identity.conftest import NAME, NUMBER, Town, town_of
from tests.bot.identity.test_checking import latest, told, verified

KEY = new_key()


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(decode_key(KEY))


@pytest.fixture
async def child() -> AsyncIterator[list[Process]]:
    """Whatever was started and still runs is killed at the end."""
    started: list[Process] = []
    yield started
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def town(database: Database, cipher: Cipher, cloud: FaceCloud, provider: TencentFaceId) -> Town:
    town = town_of(database, cipher, cloud, provider)
    town.clock.now = utcnow()
    return town


async def start(child: list[Process], **order: str) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.identity.walker", cwd=PROJECT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    child.append(process)
    assert process.stdin is not None
    process.stdin.write(json.dumps({"key": KEY} | order).encode())
    process.stdin.write_eof()
    return process


@pytest.mark.parametrize("step", ["finish", "poll"])
async def test_killed_between_the_result_and_its_commit(
    town: Town, database_url: str, cloud_url: str, child: list[Process], step: str
) -> None:
    """The row is held while the result is on its way, so that who has it cannot write it down."""
    url = await town.checking.begin("o-1", NAME, NUMBER, "AU-1")
    verification, token = (await latest(town)).id, town.cloud.token
    assert url.endswith(token)
    town.cloud.passes()
    if step == "poll":
        await due(town, verification)
    async with AsyncExitStack() as held:
        asked = asyncio.Event()

        async def hold() -> None:
            session = await held.enter_async_context(town.database.unit_of_work())
            await session.get_one(VerificationRow, verification, with_for_update=True)
            asked.set()

        town.cloud.before_result = hold
        order = {"step": step, "verification": verification, "token": token}
        process = await start(child, database=database_url, cloud=cloud_url, **order)
        async with asyncio.timeout(30):
            await asked.wait()
        # The answer has left; half a second is ample for the child to come as far as the lock.
        await asyncio.sleep(0.5)
        assert process.returncode is None, (await process.communicate())[1].decode()
        process.kill()
        await process.wait()

    async def nothing() -> None:
        return

    town.cloud.before_result = nothing
    assert (await latest(town)).state == "begun"
    assert await told(town) == []
    town.clock.on(minutes=2)
    result = await town.checking.finish("o-1", verification, token)
    assert result.state is State.PASSED
    assert await verified(town)
    assert await told(town) == ["passed"]
    assert town.cloud.count("GetDetectInfoEnhanced") == 2


async def test_killed_while_the_provider_begins(
    town: Town, database_url: str, cloud_url: str, child: list[Process]
) -> None:
    """A try without a token: the person simply begins anew."""
    town.cloud.troubles.append("slow")
    process = await start(child, database=database_url, cloud=cloud_url, step="begin")
    async with asyncio.timeout(30):
        await town.cloud.arrived.wait()
    process.kill()
    await process.wait()
    town.cloud.open.set()
    row = await latest(town)
    assert (row.state, row.token) == ("begun", None)
    town.clock.on(minutes=1)
    await town.checking.begin("o-1", NAME, NUMBER, "AU-1")
    town.cloud.passes()
    again = await latest(town)
    result = await town.checking.finish("o-1", again.id, town.cloud.token)
    assert (result.state, await told(town)) == (State.PASSED, ["abandoned", "passed"])


async def test_the_walker_walks(
    town: Town, database_url: str, cloud_url: str, child: list[Process], cipher: Cipher
) -> None:
    """Unkilled it does all that: what the others find is the kill's doing."""
    process = await start(child, database=database_url, cloud=cloud_url, step="begin")
    await ended_well(process)
    town.cloud.passes()
    row = await latest(town)
    order = {"step": "finish", "verification": row.id, "token": town.cloud.token}
    await ended_well(await start(child, database=database_url, cloud=cloud_url, **order))
    assert await verified(town)
    async with town.database.reading() as session:
        assert await verifications.verified(session, "o-1", cipher=cipher) == Person(NAME, NUMBER)


async def ended_well(process: Process) -> None:
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def due(town: Town, verification: str) -> None:
    async with town.database.unit_of_work() as session:
        row = await session.get_one(VerificationRow, verification)
        row.look_at = utcnow() - timedelta(seconds=1)
