"""The real parts that tests stand on: a Rasa with the trained model, and services started for a test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import PROJECT
from bot.embedded.rasa import embedded_rasa
from nlu import training


@pytest.fixture(scope="session")
async def rasa_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The model trained from the present files, served by Rasa itself."""
    model = training.model_path(PROJECT)
    assert model.is_file(), "the NLU model is not trained; `make setup` does it"
    async with embedded_rasa(PROJECT, tmp_path_factory.mktemp("rasa"), lambda: model) as url:
        yield url


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentence vectors of the seed catalogue, computed once for all services of a run."""
    return tmp_path_factory.mktemp("vectors")
