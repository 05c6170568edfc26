"""Voice messages through the whole service: from WeChat's recording to the answer, on time and late."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.embedded import ports
from bot.sandbox.people import Origin
from tests.bot.transcription.cloud import SECRET_ID, SECRET_KEY, Cloud
from tests.journeys.house import House, house, joined, until


async def built(
    folder: Path, transcription: dict[str, Any], **sections: dict[str, Any]
) -> AsyncIterator[House]:
    """Without Rasa: the keyword reader is enough for what is said here."""
    nowhere = f"http://127.0.0.1:{ports.any_free()}"
    few = {"catalogue": {"seed": False}, "transcription": transcription}
    async with house(folder, nlu_url=nowhere, **few, **sections) as home, home.open():
        await home.fake.follow(home.openid)
        yield home


@pytest.fixture
async def cloud() -> AsyncIterator[tuple[Cloud, str]]:
    cloud = Cloud()
    async with TestServer(cloud.app()) as server:
        yield cloud, str(server.make_url(""))
        cloud.open.set()


@pytest.fixture
async def served(tmp_path: Path, cloud: tuple[Cloud, str]) -> AsyncIterator[House]:
    keys = {"provider": "tencent", "secret_id": SECRET_ID, "secret_key": SECRET_KEY, "url": cloud[1]}
    async for home in built(tmp_path, keys, wechat={"reply_deadline_seconds": 1.0}):
        yield home


async def heard(home: House, said: str = "") -> str:
    return joined(await home.fake.voice(home.openid, said=said))


async def test_a_voice_is_written_down_and_answered(served: House, cloud: tuple[Cloud, str]) -> None:
    cloud[0].words = "我想贷八十万。"
    answer = await heard(served)
    assert answer.startswith("听到的是：「我想贷八十万。」\n")
    assert "用来做什么" in answer
    assert cloud[0].asked[0]["HotwordList"]
    assert served.fake.violations == []


async def test_what_comes_late_leaves_as_a_customer_message(served: House, cloud: tuple[Cloud, str]) -> None:
    cloud[0].words = "我想贷八十万。"
    cloud[0].answers.append("slow")
    assert await heard(served) == ""
    cloud[0].open.set()

    def late() -> list[str]:
        entries = served.fake.history(served.openid)
        return [entry.text for entry in entries if entry.origin is Origin.CUSTOMER]

    (answer,) = await until(late)
    assert answer.startswith("听到的是：「我想贷八十万。」\n")
    assert served.fake.violations == []


async def test_a_cloud_that_fails_is_a_kind_request_to_type(served: House, cloud: tuple[Cloud, str]) -> None:
    await served.say("我想贷80万")
    cloud[0].answers.append({"code": "FailedOperation.UserHasNoAmount"})
    answer = await heard(served)
    assert "打字" in answer
    assert "用来做什么" in answer


async def test_in_the_sandbox_a_stand_in_listens(tmp_path: Path) -> None:
    async for home in built(tmp_path, {}, sandbox={"enabled": True}):
        assert (await heard(home, "我想贷八十万")).startswith("听到的是：「我想贷八十万」\n")
        assert "没听清" in await heard(home)
        assert home.fake.violations == []
