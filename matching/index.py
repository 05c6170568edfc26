"""Nearness in meaning between a need and the items of a catalogue, by exact search under a filter."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from matching.embedding import Embedder, Vectors
from matching.lexical import DIMENSION, LexicalSpace

# One request, one thread: requests share the processors, a search of milliseconds does not.
faiss.omp_set_num_threads(1)

# The hints that SWIG generates do not know the constructors that faiss adds in Python.
_swig: Any = faiss

# How the two kinds of nearness share the inner product; near one half the order hardly depends on it.
_SEMANTIC_SHARE = 0.5
_QUERIES_KEPT = 1024
# Below any inner product of the vectors here: a range search then returns all that the filter lets through.
_ANY = -4.0


class MeaningIndex:
    """An immutable FAISS index: centred sentence vector and TF-IDF side by side, one row a text."""

    def __init__(self, texts: Sequence[str], sentences: Vectors, embedder: Embedder) -> None:
        """`sentences` are the embedder's passages for `texts`, row by row."""
        self.embedder: Embedder | None = embedder
        # The sum over at least one, since the mean of nothing is not a number.
        self._mean: Vectors = sentences.sum(axis=0, keepdims=True) / max(1, len(texts))
        self._lexical = LexicalSpace(texts) if texts else None
        self._index = faiss.IndexFlatIP(embedder.dimension + DIMENSION)
        if self._lexical is not None:
            self._index.add(self._joined(sentences, self._lexical.passages))
        self._query = lru_cache(_QUERIES_KEPT)(self.vector)

    def __getstate__(self) -> tuple[Vectors, LexicalSpace | None, Vectors]:
        """For another process, where `embedder` has to be set."""
        return self._mean, self._lexical, self.vectors()

    def __setstate__(self, state: tuple[Vectors, LexicalSpace | None, Vectors]) -> None:
        self.embedder = None
        self._mean, self._lexical, vectors = state
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        if len(vectors):
            self._index.add(vectors)
        self._query = lru_cache(_QUERIES_KEPT)(self.vector)

    def vectors(self) -> Vectors:
        """Those that the index holds, in its own memory."""
        shape = self._index.ntotal, self._index.d
        found: Vectors = _swig.rev_swig_ptr(self._index.get_xb(), shape[0] * shape[1]).reshape(shape)
        return found

    def nearness(self, text: str, rows: NDArray[np.bool_]) -> Vectors:
        """Inner products with `text` for the rows marked, in the order of the rows; -1 to 1."""
        if not rows.any():
            return np.empty(0, dtype=np.float32)
        bitmap = np.packbits(rows, bitorder="little")
        among = _swig.SearchParameters(sel=_swig.IDSelectorBitmap(bitmap))
        _, products, ids = self._index.range_search(self._query(text), _ANY, params=among)
        found: Vectors = products[np.argsort(ids)]
        return found

    def vector(self, text: str) -> Vectors:
        """Shape (1, dimension); asked only of an index that has rows."""
        if self._lexical is None or self.embedder is None:
            raise LookupError("an empty index has no vocabulary, and one from elsewhere no embedder yet")
        return self._joined(self.embedder.query(text)[np.newaxis], self._lexical.query(text)[np.newaxis])

    def _joined(self, sentences: Vectors, lexical: Vectors) -> Vectors:
        """The weights are roots, since both sides of the inner product carry them."""
        centred = sentences - self._mean
        centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        joined = np.hstack((centred * _SEMANTIC_SHARE**0.5, lexical * (1 - _SEMANTIC_SHARE) ** 0.5))
        return np.ascontiguousarray(joined, dtype=np.float32)
