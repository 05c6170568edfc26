"""What was understood of one message: the only thing of this room that handlers see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

FALLBACK: Final = "nlu_fallback"

Source = Literal["rasa", "keywords", "button", "place"]
"""Who read it: the model or the keyword reader; a tap and a point on the map need no reading."""
Role = Literal["min", "max"]
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish of the person, with how sure the source is of it (0 to 1)."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A fact in the text: `value` is normalised, `text[start:end]` is what the person wrote."""

    name: str
    value: Value
    start: int
    end: int
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, read: its intent, the runners-up (best first, the intent itself included), its facts."""

    text: str
    intent: Intent
    ranking: tuple[Intent, ...]
    entities: tuple[Entity, ...]
    source: Source

    @classmethod
    def unread(cls, text: str) -> Understanding:
        """A text in which no meaning was looked for."""
        none = Intent(FALLBACK, 1.0)
        return cls(text=text, intent=none, ranking=(none,), entities=(), source="keywords")

    @classmethod
    def of_button(cls, intent: str) -> Understanding:
        """A button or menu key carries the name of an intent: nothing is left to guess."""
        certain = Intent(intent, 1.0)
        return cls(text="", intent=certain, ranking=(certain,), entities=(), source="button")

    @classmethod
    def of_place(cls, name: str, region: str) -> Understanding:
        """A point on the map says where and nothing else; `name` is the part of its label that says it."""
        certain = Intent("inform", 1.0)
        where = Entity("region", region, 0, len(name))
        return cls(text=name, intent=certain, ranking=(certain,), entities=(where,), source="place")

    def first(self, name: str, role: Role | None = None) -> Entity | None:
        """The first entity of that name and exactly that role (None: without a role)."""
        return next((entity for entity in self.entities if entity.name == name and entity.role == role), None)

    def all(self, name: str) -> tuple[Entity, ...]:
        """Every entity of that name, whatever its role, in the order of the text."""
        return tuple(entity for entity in self.entities if entity.name == name)
