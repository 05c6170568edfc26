"""The extractors as one component of the graph."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.extraction import find_all
from components.relevance import relevant
from components.spans import Span


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class NormalisingEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds every entity of the contract by rules, as values, and leaves out what means nothing here."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],  # noqa: ARG003 - the four arguments are given by the graph
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> NormalisingEntityExtractor:
        # Word lists are read at the first sentence: let it be none of an owner's.
        find_all("在昆山做模具，想贷80万买机床")
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            intent = message.get(INTENT) or {}
            spans = find_all(message.get(TEXT) or "")
            spans = relevant(spans, intent.get("name"), intent.get("confidence", 0.0))
            found = [_as_entity(span) for span in spans]
            entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages


def _as_entity(span: Span) -> dict[str, Any]:
    entity = {"entity": span.entity, "start": span.start, "end": span.end, "value": span.value}
    return entity | ({"role": span.role} if span.role else {})
