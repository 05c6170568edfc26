"""Sentence vectors of multilingual-e5-small as dense features, its upper layers tuned to the intents.

The vectors as they come all point nearly the same way (cosines of 0.80 to 0.92), so the mean of the training
sentences is taken away and what is left is scaled to length 1.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.e5.engine import Engine
from components.e5.model_file import Floats, ModelFile
from components.e5.tuning import Packed, Schedule, tune

_MEAN = "mean.npy"
_TENSORS = "tensors.npz"
_LESSON = "lesson.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceVectors(DenseFeaturizer, GraphComponent):
    """Adds one centred vector of 384 numbers and length 1 to each message."""

    def __init__(self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._schedule = Schedule(**{field.name: self._config[field.name] for field in fields(Schedule)})
        self._engine = Engine()
        self._mean: Floats = np.zeros(self._engine.width, dtype=np.float32)

    @classmethod
    def required_components(cls) -> list[type]:
        """None: the encoder cuts the text by itself."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), **asdict(Schedule())}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """The keys of the schedule are all there is."""

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
        with model_storage.read_from(resource) as folder, np.load(folder / _TENSORS) as tensors:
            component._use(dict(tensors), np.load(folder / _MEAN))  # noqa: SLF001 - its own class
        return component

    def _use(self, tensors: Packed, mean: Floats) -> None:
        self._engine = Engine(tensors)
        self._mean = mean

    def train(self, training_data: TrainingData) -> Resource:
        intents = {m.get(TEXT): m.get(INTENT) for m in training_data.intent_examples if m.get(TEXT)}
        tuned = tune(ModelFile.installed(), list(intents), list(intents.values()), self._schedule)
        self._use(tuned.tensors, tuned.vectors.mean(axis=0))
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / _TENSORS, **tuned.tensors)
            np.save(folder / _MEAN, self._mean)
            # For the classifier's training: each would take the engine 15 ms to compute again.
            np.savez(
                folder / _LESSON, texts=np.array(list(intents)), vectors=tuned.vectors.astype(np.float16)
            )
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features in place, from the vectors that the tuning left."""
        with self._storage.read_from(self._resource) as folder, np.load(folder / _LESSON) as lesson:
            vectors = lesson["vectors"].astype(np.float32)
            known = dict(zip(lesson["texts"].tolist(), self._centred(vectors), strict=True))
        for message in training_data.intent_examples:
            if message.get(TEXT):
                self._add(message, known[message.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features in place; messages without text (Rasa has such) stay as they are."""
        with_text = [message for message in messages if message.get(TEXT)]
        if with_text:
            vectors = self.vectors([message.get(TEXT) for message in with_text])
            for message, vector in zip(with_text, vectors, strict=True):
                self._add(message, vector)
        return messages

    def vectors(self, texts: list[str]) -> Floats:
        """Centred vectors of length 1, one row a text."""
        return self._centred(self._engine.vectors(texts))

    def _centred(self, vectors: Floats) -> Floats:
        centred = vectors - self._mean
        lengths = np.linalg.norm(centred, axis=-1, keepdims=True)
        unit: Floats = centred / np.maximum(lengths, 1e-6)
        return unit

    def _add(self, message: Message, vector: Floats) -> None:
        features = Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
        message.add_features(features)
