"""The sandbox's stand-in: says what it is, and is asked over HTTP like a real provider."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.identity.base import Expired, Unreachable
from bot.identity.sandbox import SandboxProvider
from bot.sandbox.identity import identity_app
from domain.database import Database
from domain.identity.tables import State
from domain.secrets import Cipher
from tests.bot.identity.cloud import FaceCloud
from tests.bot.identity.conftest import NAME, NUMBER, PERSON, START, Town, town_of
from tests.domain.databases import on_sqlite

SECRET = "of-the-sandbox"
BACK = "https://city.cn/m/identity/return/ID-1"


@dataclass
class Place:
    url: str
    http: ClientSession
    provider: SandboxProvider

    async def press(self, url: str, result: str, **headers: str) -> tuple[int, str]:
        """Status, and where the person is sent."""
        async with self.http.post(
            url, data={"result": result}, headers=headers, allow_redirects=False
        ) as response:
            return response.status, response.headers.get("Location", "")

    async def page(self, url: str) -> str:
        async with self.http.get(url) as response:
            assert response.status == 200
            assert "form-action 'self' https://city.cn;" in response.headers["Content-Security-Policy"] + ";"
            return await response.text()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    server = TestServer(web.Application())
    await server.start_server()
    url = str(server.make_url("/sandbox/identity"))
    await server.close()
    app = web.Application()
    app.add_subapp("/sandbox/identity", identity_app(SECRET, url))
    async with TestServer(app, port=URL(url).port) as _, ClientSession() as http:
        yield Place(url, http, SandboxProvider(http, url, SECRET))


@pytest.fixture
def town(database: Database, cipher: Cipher, place: Place) -> Town:
    return town_of(database, cipher, FaceCloud(), place.provider)


async def test_the_page_says_openly_what_it_is(place: Place) -> None:
    begun = await place.provider.begin(PERSON, BACK, reference="ID-1", now=START)
    page = await place.page(begun.url)
    for words in ("沙箱替身", "不是真的人脸核验", "张**", "通过", "不通过", "中途离开"):
        assert words in page
    assert NAME not in page
    assert NUMBER not in page
    async with place.http.get(f"{place.url}/static/phone.css") as style:
        assert style.status == 200


@pytest.mark.parametrize(
    ("button", "state"), [("pass", State.PASSED), ("fail", State.FAILED), ("away", State.ABANDONED)]
)
@on_sqlite
async def test_each_button_ends_the_walk(town: Town, place: Place, button: str, state: State) -> None:
    url = await town.checking.begin("o-1", NAME, NUMBER, "AU-1")
    shown = await town.checking.latest("o-1")
    assert shown is not None
    status, back = await place.press(url, button)
    assert (status, URL(back).path) == (303, f"/m/identity/return/{shown.id}")
    result = await town.checking.finish("o-1", shown.id, URL(back).query["BizToken"])
    assert result.state is state
    assert "已经选过结果" in await place.page(url)
    assert (await place.press(url, "pass"))[0] == 303
    assert await town.checking.finish("o-1", shown.id) == result


@on_sqlite
async def test_who_presses_nothing_is_pending(town: Town) -> None:
    await town.checking.begin("o-1", NAME, NUMBER, "AU-1")
    town.clock.on(minutes=2)
    await town.checking.run_once()
    shown = await town.checking.latest("o-1")
    assert shown is not None
    assert shown.state is State.BEGUN


async def test_strangers_open_nothing_and_see_nothing(place: Place) -> None:
    begun = await place.provider.begin(PERSON, BACK, reference="ID-1", now=START)
    question = {"name": "x", "redirect_url": "https://evil.example/", "reference": "x"}
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer another"}):
        async with place.http.post(f"{place.url}/checks", json=question, headers=headers) as response:
            assert response.status == 401
        async with place.http.get(f"{place.url}/checks/{begun.token}", headers=headers) as response:
            assert response.status == 401
    for body in ("{", "[]", "{}", '{"name": "x"}', '{"name": "x", "redirect_url": "/m"}'):
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with place.http.post(f"{place.url}/checks", data=body, headers=headers) as response:
            assert response.status == 400
    assert (await place.press(begun.url, "pass", Origin="https://evil.example"))[0] == 403
    assert (await place.press(begun.url, "gold"))[0] == 400
    assert (await place.press(f"{place.url}/another", "pass"))[0] == 404


async def test_after_a_new_start_no_try_is_known(place: Place) -> None:
    with pytest.raises(Expired):
        await place.provider.finish("of-another-day", PERSON)


async def test_without_the_sandbox_there_is_no_answer(place: Place, unused_tcp_port: int) -> None:
    for url, secret in ((f"http://127.0.0.1:{unused_tcp_port}", SECRET), (place.url, "another")):
        with pytest.raises(Unreachable):
            await SandboxProvider(place.http, url, secret).begin(PERSON, BACK, reference="ID-1", now=START)
