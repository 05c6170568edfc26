"""What goes wrong in the middle of a form, and what the owner sees of it: nothing, or a late answer."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot import app
from bot.embedded.valkey import embedded_valkey
from bot.sandbox.people import Origin
from tests.domain.databases import on_both
from tests.faults.rasas import pid_of
from tests.journeys.house import House, house, until

_SLOWER_THAN_WECHAT_WAITS = 5.5


@on_both
async def test_a_restart_in_mid_form(closed: House) -> None:
    async with closed.open():
        await closed.fake.follow(closed.openid)
        await closed.say("我在昆山做五金加工，想贷120万买设备")
    async with closed.open():
        summary = await closed.say("两年")
        assert "担保" in summary
        summary = await closed.say("厂房抵押")
        assert "120万元" in summary
        assert "已为您发布" in await closed.say("确认")


async def test_redis_emptied_in_mid_form(opened: House) -> None:
    await opened.say("我在昆山做五金加工，想贷120万买设备")
    async with embedded_valkey(opened.settings.data_dir) as url, Redis.from_url(url) as redis:
        assert await redis.dbsize() > 0
        await redis.flushall()
    assert "担保" in await opened.say("两年")
    assert "120万元" in await opened.say("厂房抵押")


async def test_rasa_killed_in_mid_form(tmp_path: Path, vectors: Path) -> None:
    shutil.copytree(vectors, tmp_path / "vectors", dirs_exist_ok=True)
    async with house(tmp_path, nlu_url="") as home, home.open():
        await home.fake.follow(home.openid)
        await home.say("我在昆山做五金加工，想贷120万买设备")
        first = _rasa_pid(home)
        os.kill(first, signal.SIGKILL)
        assert "担保" in await home.say("两年")
        summary = await home.say("厂房抵押")
        assert "120万元" in summary
        assert "2年" in summary
        await _until_rasa_is_back(home)
        assert _rasa_pid(home) != first
        assert "金额改为150万元" in await home.say("不对，是150万")


@on_both
async def test_the_same_message_three_times_at_once(opened: House) -> None:
    answers = await opened.fake.say_copies(opened.openid, "我在昆山做五金加工，想贷120万买设备，两年", 3)
    assert len(answers) == 3
    assert len(set(answers)) == 1
    assert "担保" in answers[0]
    assert len(await opened.requests()) == 1


async def test_a_message_sent_again_later_gets_the_first_answer(opened: House) -> None:
    first = await opened.say("我想贷款80万")
    again = opened.fake.read_text(await opened.fake.resend(opened.openid))
    assert again == first
    assert len(await opened.requests()) == 1


@on_both
async def test_two_messages_at_once_are_answered_one_after_the_other(opened: House) -> None:
    await opened.say("我想贷款买设备")
    await asyncio.gather(opened.say("80万"), opened.say("两年"))
    (request,) = await opened.requests()
    assert (request["amount_max"], request["term_months"]) == (800_000, 24)


async def test_an_answer_slower_than_five_seconds(tmp_path: Path, vectors: Path, rasa_url: str) -> None:
    shutil.copytree(vectors, tmp_path / "vectors", dirs_exist_ok=True)
    async with (
        _slow(rasa_url) as slow,
        house(tmp_path, nlu_url=slow, nlu={"timeout_seconds": 20}) as home,
        home.open(),
    ):
        await home.fake.follow(home.openid)
        assert await home.say("想贷80万进原材料") == "", "the callback is answered with success in time"

        def late() -> list[str]:
            return [
                entry.content.text
                for entry in home.fake.history(home.openid)
                if entry.origin is Origin.CUSTOMER
            ]

        (answer,) = await until(late)
        assert "用多久" in answer
        assert home.fake.violations == []
        again = home.fake.read_text(await home.fake.resend(home.openid))
        assert again == "", "what was sent as a customer message is not said twice"
        assert len(late()) == 1


@asynccontextmanager
async def _slow(rasa_url: str) -> AsyncIterator[str]:
    """The real Rasa behind a slow line."""

    async def forward(request: web.Request) -> web.Response:
        body = await request.read()
        if request.path == "/model/parse":
            await asyncio.sleep(_SLOWER_THAN_WECHAT_WAITS)
        async with (
            ClientSession() as session,
            session.request(request.method, rasa_url + request.path, data=body) as response,
        ):
            return web.Response(
                body=await response.read(), status=response.status, content_type="application/json"
            )

    line = web.Application()
    line.router.add_route("*", "/{path:.*}", forward)
    async with TestServer(line) as server:
        yield str(server.make_url("/")).rstrip("/")


def _rasa_pid(home: House) -> int:
    address = app.rasa_address(home.settings.data_dir)
    assert address is not None
    return pid_of(address)


async def _until_rasa_is_back(home: House) -> None:
    async with ClientSession() as session, asyncio.timeout(60):
        while True:
            async with session.get(f"{home.settings.server.local_address}/readyz") as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.2)
