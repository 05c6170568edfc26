"""What every answer tells the browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sections import Sandbox
from bot.web.pages.rendering import STATIC, static
from tests.bot.web.pages import town
from tests.bot.web.pages.routes import ROUTES
from tests.bot.web.pages.world import Answer, World, world_of
from tests.domain.databases import SqliteFiles, opened

LARGEST_STYLE = 20 * 1024


def is_closed(answer: Answer) -> None:
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.fixture
async def deployed(sqlite_files: SqliteFiles, tmp_path: Path, shared_valkey: str) -> AsyncIterator[World]:
    """Without the sandbox, whose phone shows pages in a frame."""
    url = await sqlite_files.migrated(tmp_path / "rongqiao.db")
    off = Sandbox(enabled=False)
    async with opened(url) as database, world_of(database, shared_valkey, sandbox=off) as world:
        yield world


async def test_every_answer_is_closed_and_kept_nowhere(deployed: World) -> None:
    ann, bob = deployed.phone(), deployed.phone("卜先生")
    mine = await town.everything(deployed, ann.openid)
    for route in ROUTES:
        await deployed.redis.flushdb()
        for phone in (ann, bob):
            path = route.path(mine)
            answers = [await phone.get(path)]
            await phone.open("/m/")
            answers += [await phone.get(path), await phone.post(path, {})]
            for answer in answers:
                is_closed(answer)
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.status < 500, str(route)


async def test_the_sandbox_s_phone_may_show_pages_in_its_frame(world: World) -> None:
    answer = await world.phone().get("/m/")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers


async def test_files_may_be_kept_and_change_their_address_with_their_content(deployed: World) -> None:
    phone = deployed.phone()
    for file in STATIC.iterdir():
        answer = await phone.get(static(file.name))
        is_closed(answer)
        assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True)
    missing = await phone.get("/m/static/nothing.css")
    assert (missing.status, missing.headers["Cache-Control"]) == (404, "no-store")


def test_pages_are_light_and_name_no_other_host() -> None:
    assert (STATIC / "style.css").stat().st_size <= LARGEST_STYLE
    templates = STATIC.parent / "templates"
    for file in [*STATIC.glob("*.css"), *STATIC.glob("*.js"), *templates.glob("*.html")]:
        text = file.read_text(encoding="utf-8")
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name
        assert "style=" not in text, file.name
        assert "onclick" not in text, file.name
