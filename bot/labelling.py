"""Sentences out to people who label them, and back into the training data."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TextIO

from pydantic import Field, ValidationError

from domain import unlabelled
from domain.base import Value, today_in_china, utcnow
from domain.database import Database
from domain.intake.entries import Entry, Rejected
from domain.intake.json_files import json_lines
from domain.intake.lines import text_file
from domain.intake.problems import rejections, shown
from domain.unlabelled import LONGEST, UnlabelledRow
from nlu import examples
from nlu.likeness import Originals, bare

FILE = examples.DATA / "labelled.yml"
# What would be a line end, or an entity in Rasa's own notation.
_NOT_PLAIN = re.compile(r"[\r\n]|\][({]")
_MASKED = "〔"


class Labelled(Value):
    """A line of the file: as it was exported, with `intent` filled in; the rest may be missing."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    intent: str | None = None
    id: int | None = None
    guess: str | None = None
    confidence: float | None = None
    reason: str | None = None
    count: int | None = None
    model: str | None = None
    last_seen: str | None = None


@dataclass(slots=True)
class Taken:
    """What became of the rows; `open` have no intent yet, `known` stood in the training data already."""

    added: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)
    known: int = 0
    open: int = 0

    @property
    def count(self) -> int:
        return sum(map(len, self.added.values()))


async def export(database: Database, out: TextIO, limit: int | None) -> int:
    """One JSON object a line, most frequent first; how many."""
    async with database.reading() as session:
        rows = await unlabelled.waiting(session, limit)
    out.writelines(json.dumps(_exported(row), ensure_ascii=False) + "\n" for row in rows)
    return len(rows)


def _exported(row: UnlabelledRow) -> dict[str, object]:
    return {
        "id": row.id,
        "text": row.text,
        "intent": None,
        "guess": row.intent,
        "confidence": round(row.confidence, 3),
        "reason": row.reason,
        "count": row.count,
        "model": row.model,
        "last_seen": today_in_china(row.last_seen_at).isoformat(),
    }


def read(file: Path, project: Path) -> Taken:
    """Check every row against what is known; nothing is written yet.

    Raises:
        UnreadableFile: it cannot be read as lines of text.
        OSError: it is not there.
    """
    checks = _Checks(project)
    for entry in json_lines(text_file(file)):
        checks.take(entry)
    return checks.taken


async def keep(taken: Taken, database: Database, project: Path) -> None:
    """First into the training data, then into the table: the other way round could lose a sentence."""
    if taken.added:
        _append(taken.added, project / FILE)
    async with database.unit_of_work() as session:
        await unlabelled.labelled(session, taken.labels, utcnow())


class _Checks:
    def __init__(self, project: Path) -> None:
        self.taken = Taken()
        self._intents = examples.known_intents(project)
        tests = (*examples.development_set(project), *examples.sealed_set(project))
        self._tests = Originals(sentence.text for sentence in tests)
        self._intent_of = {bare(item.text): item.intent for item in examples.training_examples(project)}

    def take(self, entry: Entry) -> None:
        if entry.problems:
            self.taken.refused += entry.problems
            return
        try:
            row = Labelled.model_validate(entry.data)
        except ValidationError as error:
            self.taken.refused += rejections(entry.place, error)
            return
        if row.intent is None:
            self.taken.open += 1
        elif problems := list(self._problems(entry.place, row.text, row.intent)):
            self.taken.refused += problems
        else:
            self._accept(row, row.intent)

    def _accept(self, row: Labelled, intent: str) -> None:
        if bare(row.text) in self._intent_of:
            self.taken.known += 1
        else:
            self._intent_of[bare(row.text)] = intent
            self.taken.added.setdefault(intent, []).append(row.text)
        if row.id is not None:
            self.taken.labels[row.id] = intent

    def _problems(self, place: int, text: str, intent: str) -> Iterator[Rejected]:
        quoted = shown(text, personal=False)
        if intent not in self._intents:
            yield Rejected(place, "intent", "没有这个意图", intent)
        if _MASKED in text:
            yield Rejected(place, "text", "请把〔…〕换成编造的内容，不要用真实的", quoted)
        if _NOT_PLAIN.search(text):
            yield Rejected(place, "text", "只能是一行文字，不能有 Rasa 的实体标记", quoted)
        if self._tests.has_copy_in(text):
            yield Rejected(place, "text", "和测试集里的句子太像，不能拿来训练")
        known = self._intent_of.get(bare(text), intent)
        if known != intent:
            yield Rejected(place, "text", f"训练数据里已经标为 {known}", quoted)


def _append(added: dict[str, list[str]], file: Path) -> None:
    sentences: dict[str, list[str]] = {}
    for block in examples.blocks_of(file) if file.is_file() else []:
        sentences.setdefault(block.intent, []).extend(example.text for example in block.examples)
    for intent, texts in added.items():
        sentences.setdefault(intent, []).extend(texts)
    # Whole or not at all: a training may begin at any moment.
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(examples.in_rasas_format(sentences), encoding="utf-8")
    draft.replace(file)
