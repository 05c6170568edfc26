"""What depends on how the pages are reached: https, and proxies of our own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from bot.web.pages.parts import SITE, Site, address_of
from tests.bot.web.pages.world import World, world_of
from tests.domain.databases import SqliteFiles, opened

PUBLIC = "https://owners.example"


@pytest.fixture
async def public(sqlite_files: SqliteFiles, tmp_path: Path, shared_valkey: str) -> AsyncIterator[World]:
    url = await sqlite_files.migrated(tmp_path / "rongqiao.db")
    async with opened(url) as database, world_of(database, shared_valkey, public_url=PUBLIC) as world:
        yield world


async def test_behind_https_cookies_are_secure_and_the_login_comes_back_there(public: World) -> None:
    phone = public.phone()
    begun = await phone.get("/m/")
    assert "Secure" in begun.headers["Set-Cookie"]
    back = URL(phone.through(begun.location))
    assert str(back.origin()) == PUBLIC
    # A browser would send the cookie over https alone; the proxy hands it on.
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    answer = await phone.get(str(back.relative()), headers={"Cookie": cookie})
    assert (answer.status, answer.location) == (303, "/m/")
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_the_origin_of_a_form_is_the_public_one(public: World) -> None:
    phone = public.phone()
    begun = await phone.get("/m/")
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    back = URL(phone.through(begun.location)).relative()
    session = (await phone.get(str(back), headers={"Cookie": cookie})).headers["Set-Cookie"].partition(";")[0]
    page = await phone.get("/m/data", headers={"Cookie": session})
    statuses = []
    for origin in (PUBLIC, str(public.url).rstrip("/"), "https://owners.example.evil"):
        headers = {"Cookie": session, "Origin": origin}
        fresh = page.hidden | {"ticket": f"{'t' * 30}{len(statuses)}"}
        statuses.append((await phone.post("/m/data", fresh, headers=headers)).status)
    assert statuses == [200, 403, 403]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "10.0.0.9"),
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        # What a visitor writes himself stands before what our proxy adds.
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, None, "10.0.0.9"),
        (1, " , ", "10.0.0.9"),
        (1, "unknown", "10.0.0.9"),
        (1, "<script>" * 20, "10.0.0.9"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_where_a_request_comes_from(proxies: int, forwarded: str | None, address: str) -> None:
    app = web.Application()
    app[SITE] = Site(PUBLIC, proxies, framed=False)
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    request = make_mocked_request("GET", "/m/", headers=headers, app=app).clone(remote="10.0.0.9")
    assert address_of(request) == address
