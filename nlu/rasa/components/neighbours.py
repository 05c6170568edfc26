"""A vote of the training sentences that are nearest in meaning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Neighbours:
    """`vectors` of length 1, one row a sentence, with the number of its class out of `classes`."""

    vectors: Floats
    labels: npt.NDArray[np.intp]
    classes: int

    def shares(self, asked: Floats, *, count: int, steepness: float) -> Floats:
        """The share of each class among the nearest, the nearer the weightier; a row a vector, sum 1."""
        likeness = asked @ self.vectors.T
        count = min(count, likeness.shape[1])
        nearest = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(likeness, nearest, axis=1)
        weights = np.exp((near - near.max(axis=1, keepdims=True)) * steepness)
        shares = np.zeros((len(asked), self.classes), np.float32)
        np.add.at(shares, (np.arange(len(asked))[:, None], self.labels[nearest]), weights)
        normalised: Floats = shares / shares.sum(axis=1, keepdims=True)
        return normalised
