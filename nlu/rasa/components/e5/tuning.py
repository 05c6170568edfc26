"""Teaches the encoder's upper layers which sentences mean the same: those of one intent.

The lower layers know the language and stay as they are, so that their work is done once for each sentence.
The upper ones are trained with a plain softmax over the intents; that head is thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import structlog
import tensorflow as tf

from components.e5.layers import Embeddings, Layers, padded, pooled
from components.e5.model_file import Bytes, Floats, ModelFile

_log = structlog.get_logger(__name__)

Packed = dict[str, Bytes]

# Of long messages the beginning says enough; the cost grows with the square of the length.
LONGEST = 62
_ENCODED_AT_ONCE = 128
# Vectors of length 1 need a steep softmax.
_STEEPNESS = 20.0
_LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class Schedule:
    """`layers` from the top are trained; the rates fall to nothing in a straight line."""

    layers: int = 3
    epochs: int = 2
    batch: int = 64
    rate: float = 1e-4
    head_rate: float = 3e-3
    dropout: float = 0.1
    seed: int = 7


@dataclass(frozen=True)
class Tuned:
    """The upper layers' tensors in the file's form, and the vectors that they give the sentences."""

    tensors: Packed
    vectors: Floats


def tune(file: ModelFile, texts: Sequence[str], intents: Sequence[str], schedule: Schedule) -> Tuned:
    """Train the upper layers on sentences and their intents."""
    tf.random.set_seed(schedule.seed)
    first = file.shape.layers - schedule.layers
    states = _lower_states(file, texts, first)
    layers = Layers(file, first, file.shape.layers, dropout=schedule.dropout)
    names, targets = np.unique(intents, return_inverse=True)
    lesson = _Lesson(layers, len(names), schedule, steps=schedule.epochs * -(-len(texts) // schedule.batch))
    order = np.random.default_rng(schedule.seed)
    for epoch in range(schedule.epochs):
        losses = [
            lesson.step(*padded([states[i] for i in batch]), targets[batch])
            for batch in _batches(states, schedule.batch, order)
        ]
        _log.info("encoder_tuned", epoch=epoch + 1, loss=round(float(np.mean(losses)), 3))
    tensors = layers.packed(file)
    # With the weights as the engine will have them: cut to 4 bits.
    stored = Layers(ModelFile(file.with_tensors(tensors)), first, file.shape.layers)
    return Tuned(tensors, _vectors(stored, states))


def _lower_states(file: ModelFile, texts: Sequence[str], layers: int) -> list[Floats]:
    """The states of each sentence below the layers that are trained; half precision, to save memory."""
    pieces = [file.vocabulary.numbers(text, at_most=LONGEST) for text in texts]
    embedded = Embeddings(file)(pieces)
    lower = tf.function(Layers(file, 0, layers), autograph=False, reduce_retracing=True)
    states: list[Floats] = [np.empty(0, np.float32)] * len(texts)
    for batch in _batches(embedded, _ENCODED_AT_ONCE, None):
        done = lower(*map(tf.constant, padded([embedded[i] for i in batch]))).numpy()
        for row, i in enumerate(batch):
            states[i] = done[row, : len(pieces[i])].astype(np.float16)
    return states


def _vectors(layers: Layers, states: Sequence[Floats]) -> Floats:
    upper = tf.function(
        lambda block, mask: pooled(layers(block, mask), mask), autograph=False, reduce_retracing=True
    )
    vectors = np.empty((len(states), states[0].shape[1]), np.float32)
    for batch in _batches(states, _ENCODED_AT_ONCE, None):
        vectors[batch] = upper(*map(tf.constant, padded([states[i] for i in batch]))).numpy()
    return vectors


def _batches(
    texts: Sequence[Floats], size: int, order: np.random.Generator | None
) -> Iterator[npt.NDArray[np.intp]]:
    """Texts of like length together, so that little is padding; in a fresh order if one is given."""
    lengths = np.array([len(text) for text in texts], dtype=float)
    if order is not None:
        lengths += order.random(len(texts))
    sorted_ = np.argsort(lengths, kind="stable")
    batches = [sorted_[start : start + size] for start in range(0, len(texts), size)]
    if order is not None:
        order.shuffle(batches)
    yield from batches


class _Lesson:
    """One step of training: the layers with their own rate, the head with a higher one."""

    def __init__(self, layers: Layers, intents: int, schedule: Schedule, *, steps: int) -> None:
        self._layers = layers
        width = next(iter(layers.weights.values())).shape[0]
        self._head = [tf.Variable(tf.zeros((width, intents))), tf.Variable(tf.zeros(intents))]
        self._layer_weights = list(layers.weights.values())
        self._slow, self._fast = (
            tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.PolynomialDecay(rate, steps, 0.0))
            for rate in (schedule.rate, schedule.head_rate)
        )
        self._graph = tf.function(self._learn, autograph=False, reduce_retracing=True)

    def step(self, states: Floats, mask: Floats, targets: npt.NDArray[np.intp]) -> float:
        return float(self._graph(tf.constant(states), tf.constant(mask), tf.constant(targets)))

    def _learn(self, states: tf.Tensor, mask: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            vectors = pooled(self._layers(states, mask, training=True), mask)
            scores = tf.matmul(vectors, self._head[0]) * _STEEPNESS + self._head[1]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, scores))
        gradients = tape.gradient(loss, self._layer_weights + self._head)
        gradients, _ = tf.clip_by_global_norm(gradients, _LARGEST_GRADIENT)
        layers = len(self._layer_weights)
        self._slow.apply_gradients(zip(gradients[:layers], self._layer_weights, strict=True))
        self._fast.apply_gradients(zip(gradients[layers:], self._head, strict=True))
        return loss
