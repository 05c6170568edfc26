"""The composition root: what starts for a role, and when. `bot.assembly` puts the parts together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path

from aiohttp import web

from bot import worker
from bot.assembly import back, front, ground, shelf
from bot.background import starting
from bot.config import Settings
from bot.embedded.rasa import embedded_rasa
from bot.sections import PROJECT
from bot.worker import Loop
from nlu import training

RASA_URL_FILE = "rasa.url"
_SHUTDOWN_SECONDS = 10.0


class Role(Flag):
    """What a process does."""

    WEB = auto()
    WORKER = auto()
    ALL = WEB | WORKER


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, for who started it to say where it is."""

    settings: Settings
    api_token: str
    sandbox_on: bool


@asynccontextmanager
async def running(settings: Settings, role: Role = Role.ALL) -> AsyncIterator[Service]:
    """Start what the role needs, in order; end it in reverse order.

    Raises:
        ConfigError: a template asks for a value that its notice does not carry.
        ScorecardError, RegistryError: one of the files of `credit` cannot be used.
        ChildStartError: Valkey or Rasa did not start.
        FileNotFoundError: there is no NLU model.
        OSError: the port is taken.
    """
    settings.make_data_dir()
    async with AsyncExitStack() as stack:
        # Rasa takes the longest: it starts while the rest does.
        rasa = await stack.enter_async_context(starting(_rasa(settings))) if Role.WEB in role else None
        loops: list[Loop] = []
        base = await ground.laid(settings, lambda: worker.nudge(loops), stack)
        stock = await shelf.stocked(base, stack)
        loops.append(Loop("catalogue", stock.feed.follow))
        loops.append(Loop("answer-records", stock.records.follow))
        if Role.WORKER in role:
            loops += await back.loops(base, stock, stack)
        web_role = await front.built(base, stock, rasa, stack) if rasa else None
        if web_role:
            loops += web_role.loops
        # Ended in reverse: first no new messages, then the turns under way, then the loops.
        await stack.enter_async_context(worker.running(*loops))
        if web_role:
            stack.push_async_callback(web_role.pipeline.drain)
            await _listen(settings, web_role.app, settings.server.port, stack)
        elif settings.server.worker_port:
            watched = front.watched(web.Application(), base, {})
            await _listen(settings, watched, settings.server.worker_port, stack)
        yield Service(settings, base.api_token, sandbox_on=settings.sandbox_on)


async def _listen(settings: Settings, app: web.Application, port: int, stack: AsyncExitStack) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.server.host, port).start()


@asynccontextmanager
async def _rasa(settings: Settings) -> AsyncIterator[list[str]]:
    """Addresses of Rasa: those configured, or that of a child."""
    if settings.nlu.urls:
        yield settings.nlu.urls
        return
    async with nlu_server(settings) as url:
        yield [url]


@asynccontextmanager
async def nlu_server(settings: Settings) -> AsyncIterator[str]:
    """Rasa as a child, its address kept where `run.py train` finds it."""
    server = embedded_rasa(
        PROJECT, settings.data_dir, lambda: training.usable_model(PROJECT), port=settings.nlu.port
    )
    async with server as url:
        address = settings.data_dir / RASA_URL_FILE
        address.write_text(url, encoding="utf-8")
        try:
            yield url
        finally:
            address.unlink(missing_ok=True)


def rasa_address(data_dir: Path) -> str | None:
    """Where a running service's own Rasa listens; None if there is none."""
    file = data_dir / RASA_URL_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else None
