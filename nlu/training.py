"""Trains the Rasa model, once for each state of what it is made of: `python -m nlu.training`."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from nlu import record
from nlu.record import Record

_DATA: Final = "nlu/rasa/data"
# Everything that changes what a model answers, from the project's root; folders with all that is in them.
_SOURCES: Final = (
    "nlu/rasa/config.yml",
    "nlu/rasa/domain.yml",
    _DATA,
    "nlu/rasa/components",
    "nlu/rasa/dictionaries",
    "nlu/rasa/uv.lock",
    "reference/regions.csv",
)
MODELS: Final = Path("nlu/rasa/models")
_KEPT: Final = 3
_TAIL_LINES: Final = 30

# Rasa is run without telemetry; the rest keeps its output to what a failure needs.
_ENVIRONMENT: Final = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONUTF8": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


class TrainingError(Exception):
    """Rasa did not make a model; carries the end of what it wrote."""


def model_path(project: Path) -> Path:
    """Where the model for the present state of the sources lies, trained or not."""
    return _models(project) / f"{_hash(project, *_SOURCES)}.tar.gz"


def data_hash(project: Path) -> str:
    """Names the present state of the sentences alone, whatever reads them."""
    return _hash(project, _DATA)


def usable_model(project: Path) -> Path:
    """The model for the present files, else the newest there is: after an edit the old one serves on.

    Raises `FileNotFoundError` if none was ever trained.
    """
    present = model_path(project)
    if present.exists():
        return present
    trained = _newest_first(project)
    if not trained:
        raise FileNotFoundError("no NLU model has been trained yet; run: make setup")
    return trained[0]


def train(project: Path) -> Path:
    """Train with `rasa train nlu` unless the model is there; it appears whole or not at all.

    Raises `TrainingError`.
    """
    model = model_path(project)
    _models(project).mkdir(parents=True, exist_ok=True)
    with _alone(_models(project) / ".lock"):
        if not model.exists():
            _train_into(project, model)
            _forget_old(project, keep=model)
    return model


def _train_into(project: Path, model: Path) -> None:
    data = data_hash(project)
    # Under the lock nobody else trains: what stands here was left by a training that was killed.
    draft = model.parent / ".draft"
    shutil.rmtree(draft, ignore_errors=True)
    home = project / "nlu" / "rasa"
    python = home.absolute() / ".venv" / "bin" / "python"
    sources = ("--config", "config.yml", "--domain", "domain.yml", "--nlu", "data")
    output = ("--out", str(draft.absolute()), "--fixed-model-name", "model.tar.gz")
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and fixed arguments
            (str(python), "-m", "rasa", "train", "nlu", *sources, *output),
            cwd=home,
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise TrainingError(f"Rasa cannot be run ({error}); run: make setup") from error
    trained = draft / "model.tar.gz"
    if done.returncode != 0 or not trained.exists():
        tail = "\n".join(done.stdout.splitlines()[-_TAIL_LINES:])
        raise TrainingError(f"rasa train nlu ended with code {done.returncode}:\n{tail}")
    # Before the model: one that is there can be told what it was made from.
    record.write(model, Record(model=record.name_of(model), data=data))
    trained.replace(model)
    shutil.rmtree(draft)


def _forget_old(project: Path, *, keep: Path) -> None:
    for model in [other for other in _newest_first(project) if other != keep][_KEPT - 1 :]:
        model.unlink()
        record.path_of(model).unlink(missing_ok=True)


def _newest_first(project: Path) -> list[Path]:
    return sorted(_models(project).glob("*.tar.gz"), key=lambda model: model.stat().st_mtime, reverse=True)


def _models(project: Path) -> Path:
    return project / MODELS


def _hash(project: Path, *sources: str) -> str:
    digest = hashlib.sha256()
    for file in _files_of(project, sources):
        content = file.read_bytes()
        # Lengths keep a name and a content apart: no two states feed the same bytes.
        digest.update(f"{file.relative_to(project).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _files_of(project: Path, sources: Iterable[str]) -> Iterator[Path]:
    for source in (project / name for name in sources):
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        yield from (file for file in files if file.is_file() and not _is_waste(file.relative_to(project)))


def _is_waste(file: Path) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in file.parts)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> None:
    console = Console(stderr=True)
    project = Path(__file__).resolve().parent.parent
    if model_path(project).exists():
        return
    began = time.monotonic()
    console.print("Training the NLU model (takes some minutes, once for each change of its data) …")
    try:
        with console.status("rasa train nlu"):
            model = train(project)
    except TrainingError as error:
        sys.exit(str(error))
    console.print(f"Trained nlu/rasa/models/{model.name} in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
