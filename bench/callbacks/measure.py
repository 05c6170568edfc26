"""One candidate after the other under load, each figure printed as soon as it is there."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.callbacks.load import load
from bench.callbacks.messages import TYPED, Callbacks, Crowd, Kind, ParseCalls
from bench.callbacks.postgresql import postgresql
from bench.callbacks.report import Row
from bench.callbacks.serving import Running, Server, serving
from bot.embedded import ports
from bot.embedded.rasa import embedded_rasa
from bot.sandbox.account import SandboxAccount
from bot.sections import PROJECT
from nlu import training

BARE, ECHO, WEROBOT, RASA, SERVICE = "bare", "echo", "werobot", "rasa", "service"
CANDIDATES = (BARE, ECHO, WEROBOT, RASA, SERVICE)
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_MODULES = {BARE: "bare", ECHO: "echo", WEROBOT: "werobot_echo"}
# Of a service that ran here before: its catalogue's sentence vectors need not be computed anew.
_VECTORS = PROJECT / "var" / "vectors"
_WARM_UP = 30
_WARM_UP_CONCURRENCY = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for; files lie in `folder`, `rasa` is the address of one that runs already, or empty."""

    folder: Path
    only: list[str]
    kinds: list[Kind]
    crowds: list[Crowd]
    messages: int
    concurrency: list[int]
    database: str
    rasa: str
    werobot_server: str
    profile: bool

    @property
    def account_file(self) -> Path:
        """The account that the sandbox of the service takes from its data folder."""
        return self.folder / SERVICE / "sandbox-account.json"

    @property
    def report_file(self) -> Path:
        return self.folder / "profile.txt"

    def typed(self) -> list[Kind]:
        return [kind for kind in self.kinds if kind in TYPED]

    def loads(self, kinds: list[Kind], crowds: list[Crowd]) -> Iterator[tuple[Kind, Crowd, int]]:
        for kind in kinds:
            for crowd in crowds:
                for concurrency in self.concurrency:
                    yield kind, crowd, concurrency


class Bench:
    """Collects the rows."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        for name in plan.only:
            (plan.folder / name).mkdir()
        if SERVICE in plan.only and _VECTORS.is_dir():
            shutil.copytree(_VECTORS, plan.folder / SERVICE / _VECTORS.name)
        self._account = SandboxAccount.load_or_create(plan.account_file)
        self.rows: list[Row] = []

    async def run(self) -> None:
        """Measure what the plan names; one Rasa serves the service and is measured alone."""
        for name in self._plan.only:
            if name in _MODULES:
                await self._small_server(name)
        if {RASA, SERVICE} & set(self._plan.only):
            async with _rasa(self._plan) as address:
                await self._with_rasa(address)

    async def _small_server(self, name: str) -> None:
        module = f"bench.callbacks.candidates.{_MODULES[name]}"
        words = (self._plan.werobot_server,) if name == WEROBOT else ()
        server = Server(("-m", module, str(self._plan.account_file), "{port}", *words))
        async with serving(server, self._plan.folder / name) as running:
            source = Callbacks(self._account, running.address)
            await self._measure(name, source, self._plan.kinds, [Crowd.NEW])

    async def _with_rasa(self, address: str) -> None:
        plan = self._plan
        if RASA in plan.only and plan.typed():
            await self._measure(RASA, ParseCalls(address), plan.typed(), [Crowd.NEW])
        if SERVICE in plan.only:
            async with _service(plan, address) as running:
                source = Callbacks(self._account, running.address)
                await self._measure(SERVICE, source, plan.kinds, plan.crowds, running)

    async def _measure(
        self,
        name: str,
        source: Callbacks | ParseCalls,
        kinds: list[Kind],
        crowds: list[Crowd],
        service: Running | None = None,
    ) -> None:
        for kind in kinds:
            await load(source.address, source.sealed(kind, Crowd.NEW, _WARM_UP), _WARM_UP_CONCURRENCY)
        with _profiling(service if self._plan.profile else None):
            for kind, crowd, concurrency in self._plan.loads(kinds, crowds):
                requests = source.sealed(kind, crowd, self._plan.messages)
                before = len(service.complaints()) if service else 0
                measured = await load(source.address, requests, concurrency)
                answered = sum(source.answered(answer) for answer in measured.answers)
                row = Row(
                    name,
                    kind,
                    crowd,
                    concurrency,
                    measured.rate,
                    measured.percentiles(),
                    answered,
                    len(requests),
                    len(service.complaints()) - before if service else 0,
                )
                self.rows.append(row)
                print(row, flush=True)


@asynccontextmanager
async def _rasa(plan: Plan) -> AsyncIterator[str]:
    """The address of a Rasa; of nothing when nobody types."""
    if plan.rasa:
        yield plan.rasa.rstrip("/")
    elif plan.typed():
        async with embedded_rasa(PROJECT, plan.folder / RASA, lambda: training.usable_model(PROJECT)) as url:
            yield url
    else:
        yield f"http://{ports.LOOPBACK}:{ports.any_free()}"


@asynccontextmanager
async def _service(plan: Plan, rasa: str) -> AsyncIterator[Running]:
    settings = {"RONGQIAO_NLU__URL": rasa}
    sampled = ("-m", "bench.callbacks.candidates.service", str(plan.report_file))
    async with AsyncExitStack() as stack:
        if plan.database == POSTGRESQL:
            settings["RONGQIAO_DATABASE__URL"] = stack.enter_context(postgresql(plan.folder / POSTGRESQL))
        server = Server(
            sampled if plan.profile else ("run.py", "all"),
            # Without Rasa it is alive, and never ready.
            ready="/readyz" if plan.typed() else "/healthz",
            settings=settings,
        )
        running = await stack.enter_async_context(serving(server, plan.folder / SERVICE))
        yield running
        for complaint, times in Counter(running.complaints()).items():
            print(f"\nThe service complained {times} times: {complaint}")


@contextmanager
def _profiling(running: Running | None) -> Iterator[None]:
    if running:
        running.profile(on=True)
    yield
    if running:
        running.profile(on=False)
