"""Rasa as a child: its HTTP API on the loopback interface, in the environment of the Rasa project."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientSession

from bot.embedded import ports
from bot.embedded.process import Child, Patience, Recipe

# TensorFlow alone takes seconds to import, and loading a model blocks the server while it lasts.
_PATIENCE: Final = Patience(start_within=180, probe_every=10, probe_within=10, misses=6)

_ENVIRONMENT: Final = {
    "RASA_TELEMETRY_ENABLED": "false",
    # Messages hold personal data: below WARNING Rasa would log them.
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONUTF8": "1",
    "SANIC_WORKERS": "1",
    # Rasa parses one message at a time; more threads only fight for the same cores.
    "OMP_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


@asynccontextmanager
async def embedded_rasa(
    project: Path,
    data_dir: Path,
    model: Callable[[], Path],
    *,
    port: int = 0,
    patience: Patience = _PATIENCE,
) -> AsyncIterator[str]:
    """Yield the URL of a Rasa server that has loaded its model; it runs as long as this context.

    `project` is the root that holds `nlu/rasa`. `model` is asked before every start: after a swap a restarted
    server comes back with the new model. Port 0 means any free one. Raises `ChildStartError`.
    """
    home, logs = _folders(project, data_dir)
    port = port or ports.any_free()
    url = f"http://{ports.LOOPBACK}:{port}"
    command = (str(home / ".venv" / "bin" / "python"), "-m", "rasa", "run", "--enable-api")
    async with ClientSession() as session:
        recipe = Recipe(
            name="rasa",
            argv=lambda: (*command, "-i", ports.LOOPBACK, "-p", str(port), "-m", str(model().absolute())),
            healthy=lambda: _has_model(session, url),
            cwd=home,
            log=logs / "rasa.log",
            environment=_ENVIRONMENT,
            patience=patience,
        )
        async with Child(recipe):
            yield url


def _folders(project: Path, data_dir: Path) -> tuple[Path, Path]:
    """Rasa runs in its own folder, so that relative paths of ours would miss."""
    return project.absolute() / "nlu" / "rasa", data_dir.absolute() / "log"


async def _has_model(session: ClientSession, url: str) -> bool:
    """Rasa answers 409 to this while no model is loaded."""
    try:
        async with session.get(f"{url}/status") as reply:
            return reply.ok
    except ClientError:
        return False
