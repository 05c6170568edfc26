"""Labelled sentences: Rasa's training files with the lines on which each stands, and the test sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, StrictStr, ValidationError

DATA: Final = Path("nlu/rasa/data")
_DOMAIN: Final = Path("nlu/rasa/domain.yml")
_TESTS: Final = Path("tests/nlu")
_BULLET: Final = "- "


class UnusableSentences(Exception):
    """A file of sentences is not written as it must be; names the file and the line, never a sentence."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of the training data; `line` counts from 1."""

    text: str
    intent: str
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """All sentences of one intent at one place of a file: `lines` from its `- intent:` to before the next."""

    intent: str
    lines: range
    examples: tuple[Example, ...]


class Expected(BaseModel):
    """A fact that the reader is to find; the value of some counts by its name alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entity: str
    value: StrictInt | StrictFloat | StrictStr
    role: Literal["min", "max"] | None = None


class Sentence(BaseModel):
    """A sentence of a test set; `entities` is None where nobody has written down its facts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    intent: str
    style: str | None = None
    entities: tuple[Expected, ...] | None = None


def training_files(project: Path) -> list[Path]:
    return sorted((project / DATA).rglob("*.yml"))


def training_examples(project: Path) -> Iterator[Example]:
    for file in training_files(project):
        for block in blocks_of(file):
            yield from block.examples


def sealed_set(project: Path) -> list[Sentence]:
    """The sentences that are looked at for final figures alone."""
    return [item for file in sorted((project / _TESTS / "sealed").glob("*.jsonl")) for item in _lines(file)]


def development_set(project: Path) -> list[Sentence]:
    """The sentences by which one chooses."""
    return _lines(project / _TESTS / "dev.jsonl")


def known_intents(project: Path) -> frozenset[str]:
    domain = yaml.safe_load((project / _DOMAIN).read_text(encoding="utf-8"))
    return frozenset(domain["intents"])


def known_entities(project: Path) -> frozenset[str]:
    domain = yaml.safe_load((project / _DOMAIN).read_text(encoding="utf-8"))
    return frozenset(
        name for item in domain["entities"] for name in ([item] if isinstance(item, str) else item)
    )


def blocks_of(file: Path) -> list[Block]:
    """The sentences of a file in Rasa's YAML; what is no intent (look-up tables, synonyms) is passed over.

    Raises `UnusableSentences` where the sentences of an intent are no literal block of bullets.
    """
    root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    items = _mapping(root).get("nlu")
    if not isinstance(items, yaml.SequenceNode):
        raise UnusableSentences(f"{file.name}: there is no list «nlu»")
    found = [_block(file, item) for item in items.value]
    return [block for block in found if block is not None]


def _block(file: Path, item: yaml.Node) -> Block | None:
    fields = _mapping(item)
    intent, bullets = fields.get("intent"), fields.get("examples")
    if intent is None:
        return None
    first = item.start_mark.line + 1
    if not isinstance(bullets, yaml.ScalarNode) or bullets.style != "|":
        raise UnusableSentences(f"{file.name}:{first}: «examples: |» with one sentence a line is missing")
    # A literal block begins on the line after its sign, and none of its lines is left out.
    start = bullets.start_mark.line + 2
    lines = list(enumerate(bullets.value.rstrip("\n").split("\n"), start))
    for number, line in lines:
        if line.strip() and not line.startswith(_BULLET):
            raise UnusableSentences(f"{file.name}:{number}: is no bullet «- …»")
    name = str(intent.value)
    examples = (
        Example(line[len(_BULLET) :].strip(), name, file, number) for number, line in lines if line.strip()
    )
    return Block(name, range(first, start + len(lines)), tuple(examples))


def _mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {str(key.value): value for key, value in pairs}


def _lines(file: Path) -> list[Sentence]:
    return [_sentence(file, number, line) for number, line in enumerate(_text_lines(file), 1) if line.strip()]


def _text_lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").split("\n")


def _sentence(file: Path, number: int, line: str) -> Sentence:
    try:
        return Sentence.model_validate_json(line)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)
        fields = ", ".join(".".join(map(str, item["loc"])) or "line" for item in wrong)
        raise UnusableSentences(f"{file.name}:{number}: {fields}") from None


def without_lines(file: Path, dropped: Iterable[int]) -> str:
    """The file without these lines; an intent that keeps no sentence goes as a whole."""
    gone = set(dropped)
    for block in blocks_of(file):
        if all(example.line in gone for example in block.examples):
            gone.update(block.lines)
    return "\n".join(line for number, line in enumerate(_text_lines(file), 1) if number not in gone)


def in_rasas_format(sentences: Mapping[str, Sequence[str]]) -> str:
    """A whole training file; intents and sentences in the given order."""
    blocks = (
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    {_BULLET}{text}\n" for text in texts)
        for intent, texts in sentences.items()
    )
    return 'version: "3.1"\n\nnlu:\n' + "\n".join(blocks)
