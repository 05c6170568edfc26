"""The components inside Rasa's graph, on real messages and the real vector model."""

from __future__ import annotations

from pathlib import Path

import yaml
from components.entity_extractor import NormalisingEntityExtractor
from components.extraction import find_all
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

ROOT = Path(__file__).parent.parent
CONTEXT = ExecutionContext(GraphSchema({}), node_name="vectors")


def test_entities_are_written_into_the_message(tmp_path: Path) -> None:
    extractor = NormalisingEntityExtractor.create(
        {}, LocalModelStorage(tmp_path), Resource("entities"), CONTEXT
    )
    (message,) = extractor.process([Message({TEXT: "想贷50到80万"})])
    assert [(e["value"], e["role"]) for e in message.get(ENTITIES)] == [(500000, "min"), (800000, "max")]


def test_every_entity_and_intent_is_declared() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    entities = {e if isinstance(e, str) else next(iter(e)) for e in domain["entities"]}
    told = [line for file in sorted((ROOT / "data").rglob("*.yml")) for line in _examples(file)]
    assert {intent for intent, _ in told} <= set(domain["intents"])
    assert {span.entity for _, text in told for span in find_all(text)} <= entities


def _examples(file: Path) -> list[tuple[str, str]]:
    blocks = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
    return [
        (block["intent"], line.removeprefix("- "))
        for block in blocks
        for line in block["examples"].splitlines()
    ]


def test_a_fact_counts_beside_the_wishes_that_it_belongs_to(tmp_path: Path) -> None:
    extractor = NormalisingEntityExtractor.create(
        {}, LocalModelStorage(tmp_path), Resource("entities"), CONTEXT
    )
    wanted = Message({TEXT: "想贷三个月", "intent": {"name": "apply_financing", "confidence": 0.95}})
    waited = Message({TEXT: "等了三个月", "intent": {"name": "complain", "confidence": 0.95}})
    named = Message({TEXT: "建行三个月没回话", "intent": {"name": "complain", "confidence": 0.95}})
    unsure = Message({TEXT: "想贷三个月，有没有贴息", "intent": {"name": "ask_policy", "confidence": 0.6}})
    extractor.process([wanted, waited, named, unsure])
    found = [[e["entity"] for e in message.get(ENTITIES)] for message in (wanted, waited, named, unsure)]
    assert found == [["term_months"], [], ["institution"], ["term_months"]]
