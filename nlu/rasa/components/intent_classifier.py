"""Which intent a sentence has: what a linear model makes of it, and what its neighbours in meaning say.

The two are wrong in different places. Their probabilities are multiplied, and the result is sharpened or
flattened by one figure so that a confidence of 0.8 is right in about 80 of 100 cases.
"""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from components.neighbours import Neighbours
from components.sentence_vectors import SentenceVectors
from components.spelling_features import SpellingFeatures

Floats = npt.NDArray[np.float32]

_FILE = "classifier.joblib"
# Neither of the two may rule an intent out alone.
_LEAST = 1e-3


class NotTrained(RuntimeError):
    """The graph ran the parts in an order in which they cannot work."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class OwnerIntentClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over vector and spelling, multiplied by a vote of the nearest sentences."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = storage
        self._resource = resource
        self._spelling = SpellingFeatures()
        self._linear = LogisticRegression(C=self._config["C"], max_iter=self._config["max_iter"])
        self._neighbours: Neighbours | None = None

    @classmethod
    def required_components(cls) -> list[type]:
        return [SentenceVectors]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Weights of the vector and the spelling in the linear model; `temperature` over 1 flattens."""
        return {
            "C": 2.0,
            # Not to the end: what is left after forty changes no answer.
            "max_iter": 40,
            "vector_weight": 4.0,
            "spelling_weight": 3.0,
            "neighbours": 20,
            "steepness": 10.0,
            "temperature": 1.0,
            "ranking_length": 10,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - given by the graph
    ) -> OwnerIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> OwnerIntentClassifier:
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            kept = joblib.load(folder / _FILE)
        component._spelling, component._linear, component._neighbours = kept  # noqa: SLF001 - its own class
        return component

    def train(self, training_data: TrainingData) -> Resource:
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        intents = np.array([message.get(INTENT) for message in messages])
        vectors = _vectors(messages)
        spelling = self._spelling.fit([message.get(TEXT) for message in messages])
        self._linear.fit(self._features(vectors, spelling), intents)
        self._linear.coef_ = self._linear.coef_.astype(np.float32)
        self._neighbours = Neighbours(
            vectors, np.searchsorted(self._linear.classes_, intents), len(self._linear.classes_)
        )
        with self._storage.write_to(self._resource) as folder:
            # Uncompressed in the folder: Rasa packs the whole model anyway.
            joblib.dump((self._spelling, self._linear, self._neighbours), folder / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message its intent and the runners-up, as Rasa's own classifiers do."""
        with_text = [message for message in messages if message.get(TEXT)]
        if with_text:
            for message, shares in zip(with_text, self._shares(with_text), strict=True):
                self._note(message, shares)
        return messages

    def _shares(self, messages: list[Message]) -> Floats:
        """The probability of each intent, one row a message."""
        if self._neighbours is None:
            raise NotTrained("a classifier that was neither trained nor loaded was asked")
        vectors = _vectors(messages)
        spelling = self._spelling.of([message.get(TEXT) for message in messages])
        linear = self._linear.predict_proba(self._features(vectors, spelling))
        voted = self._neighbours.shares(
            vectors, count=self._config["neighbours"], steepness=self._config["steepness"]
        )
        scores = (np.log(linear + _LEAST) + np.log(voted + _LEAST)) / self._config["temperature"]
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
        return shares

    def _features(self, vectors: Floats, spelling: csr_matrix) -> csr_matrix:
        weighted = spelling * self._config["spelling_weight"]
        together = hstack([csr_matrix(vectors * self._config["vector_weight"]), weighted])
        return together.tocsr().astype(np.float32)

    def _note(self, message: Message, shares: Floats) -> None:
        best = np.argsort(-shares)[: self._config["ranking_length"]]
        ranking = [{"name": str(self._linear.classes_[i]), "confidence": float(shares[i])} for i in best]
        message.set("intent", ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def _vectors(messages: list[Message]) -> Floats:
    """The sentence features that `SentenceVectors` left in each message."""
    return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages])
