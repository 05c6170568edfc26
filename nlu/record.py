"""What is known of a trained model, as JSON beside it: what it was made from, and how well it does."""

import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_MODEL_ENDS: Final = ".tar.gz"
_RECORD_ENDS: Final = ".figures.json"


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class EntityFigures(_Figures):
    """Shares from 0 to 1; `support` is how many there were to find."""

    precision: float
    recall: float
    f1: float
    support: int


class StyleFigures(_Figures):
    sentences: int
    accuracy: float


class Confusion(_Figures):
    true: str
    predicted: str
    count: int


class SetFigures(_Figures):
    """How well a model reads one set of sentences.

    `out_of_scope_recall` is the share of foreign sentences that were refused, `refused` that of good ones;
    None where the set has no such sentences. `entities` is None where its facts are not written down.
    """

    sentences: int
    intent_accuracy: float
    intent_macro_f1: float
    out_of_scope_recall: float | None
    refused: float | None
    entities: EntityFigures | None
    by_entity: dict[str, EntityFigures] = Field(default_factory=dict)
    by_style: dict[str, StyleFigures] = Field(default_factory=dict)
    confusions: tuple[Confusion, ...] = ()

    def headline(self) -> dict[str, float]:
        """The few figures by which a model is judged; those that there are."""
        shown = {
            "intent_accuracy": self.intent_accuracy,
            "intent_macro_f1": self.intent_macro_f1,
            "entity_f1": self.entities.f1 if self.entities else None,
            "out_of_scope_recall": self.out_of_scope_recall,
            "refused": self.refused,
        }
        return {name: value for name, value in shown.items() if value is not None}


class Record(_Figures):
    """`model` names the model by the hash of all its sources, `data` that of its sentences alone."""

    model: str
    data: str
    sets: dict[str, SetFigures] = Field(default_factory=dict)

    def with_set(self, name: str, figures: SetFigures) -> "Record":
        return self.model_copy(update={"sets": self.sets | {name: figures}})


def name_of(model: Path) -> str:
    """The hash by which a model file is named."""
    return model.name.removesuffix(_MODEL_ENDS)


def path_of(model: Path) -> Path:
    return model.with_name(name_of(model) + _RECORD_ENDS)


def read(model: Path) -> Record | None:
    """None for a model without a record, or with one that another release wrote."""
    try:
        return Record.model_validate_json(path_of(model).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write(model: Path, record: Record) -> None:
    """The file appears whole: a service may be reading it."""
    path = path_of(model)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
