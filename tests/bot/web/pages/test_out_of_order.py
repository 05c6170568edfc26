"""When a part is away, people read so; what went wrong they do not read."""

from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy import text

from bot.embedded.valkey import embedded_valkey
from bot.web.pages.errors import NoSuchPage, Unavailable
from tests.bot.web.pages.test_login import is_page
from tests.bot.web.pages.world import World, world_of
from tests.domain.databases import SqliteFiles, opened


async def test_without_redis_pages_say_that_they_are_away(sqlite_files: SqliteFiles, tmp_path: Path) -> None:
    url = await sqlite_files.migrated(tmp_path / "rongqiao.db")
    async with AsyncExitStack() as stack, opened(url) as database:
        valkey = await stack.enter_async_context(embedded_valkey(tmp_path))
        async with world_of(database, valkey) as world:
            phone = world.phone()
            assert (await phone.open("/m/")).status == 200
            await stack.aclose()
            is_page(await phone.get("/m/"), Unavailable)
            is_page(await phone.get(world.links.to(phone.openid, "home")), Unavailable)
            # Style and icon do not need it.
            assert (await phone.get("/m/static/style.css")).status == 200


async def test_a_fault_of_ours_tells_nothing_of_itself(world: World) -> None:
    phone = world.phone()
    await phone.open("/m/")
    async with world.database.unit_of_work() as session:
        await session.execute(text("ALTER TABLE company_members RENAME TO elsewhere"))
    answer = await phone.get("/m/")
    assert answer.status == 500
    assert Unavailable.title in answer.text
    assert "company_members" not in answer.text
    assert "Traceback" not in answer.text


async def test_what_is_not_there_is_said_kindly(world: World) -> None:
    phone = world.phone()
    for path in ("/m/nothing", "/m/static/../app.py", "/m/static/%2e%2e/app.py", "/m/registrations/", "/m//"):
        is_page(await phone.get(path), NoSuchPage)
    await phone.open("/m/")
    is_page(await phone.post("/m/credit", {}), NoSuchPage)
