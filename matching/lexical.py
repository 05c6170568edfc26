"""Shared words: TF-IDF of one and two characters, in a fixed number of dimensions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

Vectors = NDArray[np.float32]

DIMENSION = 256


class LexicalSpace:
    """The TF-IDF space of one catalogue, reduced to its main directions.

    Inner products of the reduced vectors stand for cosines of the full ones; exact as long as the
    catalogue has no more different texts than dimensions.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32
        )
        weights = self._vectorizer.fit_transform(texts)
        _, _, directions = randomized_svd(weights, min(DIMENSION, *weights.shape), random_state=0)
        self._directions = directions.T
        self.passages = _padded(weights @ self._directions)

    def query(self, text: str) -> Vectors:
        """Shape (DIMENSION,)."""
        vector: Vectors = _padded(self._vectorizer.transform([text]) @ self._directions)[0]
        return vector


def _padded(vectors: NDArray[np.floating]) -> Vectors:
    """Fill up small catalogues with noughts, so that the index has one dimension."""
    missing = DIMENSION - vectors.shape[1]
    return np.pad(vectors, ((0, 0), (0, missing))).astype(np.float32)
