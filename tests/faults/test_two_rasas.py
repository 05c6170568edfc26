"""Two Rasa servers under a steady load, one killed or given another model: all are understood."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.embedded.rasa import embedded_rasa
from bot.sections import PROJECT
from nlu import training
from nlu.client import RasaClient
from tests.faults.rasas import Writers, is_left_alone, kill, pid_of, writing
from tests.faults.waiting import eventually

# Starting TensorFlow twice beside other tests takes its time.
pytestmark = pytest.mark.timeout(400)
_STARTED_WITHIN_SECONDS = 120
_PATIENCE_SECONDS = 3.0
_REST_SECONDS = 1.0


@pytest.fixture(scope="module")
async def rasas(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, str]]:
    """The addresses of two servers with the trained model, each brought back when it is lost."""
    model = training.usable_model(PROJECT)
    async with AsyncExitStack() as stack:
        one, two = await asyncio.gather(
            *(
                stack.enter_async_context(
                    embedded_rasa(PROJECT, tmp_path_factory.mktemp("rasa"), lambda: model)
                )
                for _ in range(2)
            )
        )
        yield one, two


@asynccontextmanager
async def asking(rasas: tuple[str, str]) -> AsyncIterator[RasaClient]:
    client = RasaClient(rasas, timeout=_PATIENCE_SECONDS, rest=_REST_SECONDS)
    try:
        yield client
    finally:
        await client.aclose()


async def test_either_may_be_killed(rasas: tuple[str, str]) -> None:
    async with asking(rasas) as client, writing(client) as writers:
        await writers.hear(50)
        for victim in rasas:
            dead = kill(victim)
            await writers.hear(50)
            assert is_left_alone(victim)
            await is_back(victim, dead)
            await eventually(lambda url=victim: is_in_use(url), within=_STARTED_WITHIN_SECONDS)
            # Once more, so that the next to be killed leaves this one alone with everybody.
            await writers.hear(50)
    everybody_was_understood(writers)


async def test_a_model_is_swapped_by_another_process(rasas: tuple[str, str], tmp_path: Path) -> None:
    model = tmp_path / "new.tar.gz"
    shutil.copyfile(training.usable_model(PROJECT), model)
    async with asking(rasas) as client, asking(rasas) as operator, writing(client) as writers:
        await writers.hear(50)
        before = len(writers.heard)
        await operator.swap_model(model)
        assert len(writers.heard) > before, "somebody is answered while a model is loaded"
        await writers.hear(50)
        assert set((await operator.models()).values()) == {model.name}
    everybody_was_understood(writers)


async def is_back(url: str, dead: int) -> None:
    async def found() -> bool:
        try:
            return pid_of(url) != dead
        except LookupError:
            return False

    await eventually(found, within=_STARTED_WITHIN_SECONDS)


async def is_in_use(url: str) -> bool:
    return not is_left_alone(url)


def everybody_was_understood(writers: Writers) -> None:
    assert len(writers.heard) == writers.written
    assert writers.sources() == {"rasa": writers.written}
    for text, understood in writers.heard:
        assert understood.text == text, "nobody gets what was meant for another"
        assert understood.intent.name == "apply_financing"
        assert understood.first("amount") is not None
