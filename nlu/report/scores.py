"""From readings to figures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from nlu.examples import Expected
from nlu.record import Confusion, EntityFigures, SetFigures, StyleFigures
from nlu.report.asking import Reading
from nlu.understanding import FALLBACK, Entity

# A time that counts from the day on which one asks has no value that could be written down beforehand.
_RELATIVE: Final = ("relative:", "-")
_NOTHING: Final = ""

_Fact = tuple[str, str | float, str | None]
# What was to be found and what was found, by name; one of them `_NOTHING` where the other has no counterpart.
_Pair = tuple[str, str]


def figures_of(readings: Sequence[Reading]) -> SetFigures:
    """Intents over all sentences, facts over those that are within the house's business."""
    true = [reading.sentence.intent for reading in readings]
    read = [reading.read.intent.name for reading in readings]
    foreign = [reading for reading in readings if reading.sentence.intent == FALLBACK]
    good = [reading for reading in readings if reading.sentence.intent != FALLBACK]
    pairs = [pair for reading in good for pair in _pairs(reading)]
    annotated = any(reading.sentence.entities is not None for reading in good)
    return SetFigures(
        sentences=len(readings),
        intent_accuracy=accuracy_score(true, read),
        intent_macro_f1=f1_score(true, read, labels=sorted(set(true)), average="macro", zero_division=0),
        out_of_scope_recall=_refused(foreign),
        refused=_refused(good),
        entities=_all_entities(pairs) if annotated else None,
        by_entity=_by_entity(pairs) if annotated else {},
        by_style=_by_style(readings),
        confusions=_confusions(zip(true, read, strict=True)),
    )


def _refused(readings: Sequence[Reading]) -> float | None:
    if not readings:
        return None
    return sum(reading.read.intent.name == FALLBACK for reading in readings) / len(readings)


def _by_style(readings: Sequence[Reading]) -> dict[str, StyleFigures]:
    right: dict[str, list[bool]] = defaultdict(list)
    for reading in readings:
        if reading.sentence.style:
            right[reading.sentence.style].append(reading.sentence.intent == reading.read.intent.name)
    return {
        style: StyleFigures(sentences=len(marks), accuracy=sum(marks) / len(marks))
        for style, marks in sorted(right.items())
    }


def _confusions(pairs: Iterable[_Pair]) -> tuple[Confusion, ...]:
    counts = Counter(pair for pair in pairs if pair[0] != pair[1])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(true=true, predicted=read, count=count) for (true, read), count in ordered)


def _all_entities(pairs: Sequence[_Pair]) -> EntityFigures:
    names = _names(pairs)
    if not names:
        return EntityFigures(precision=0.0, recall=0.0, f1=0.0, support=0)
    true, read = zip(*pairs, strict=True)
    precision, recall, f1, _ = precision_recall_fscore_support(
        true, read, labels=names, average="micro", zero_division=0
    )
    return EntityFigures(
        precision=precision, recall=recall, f1=f1, support=sum(name != _NOTHING for name in true)
    )


def _by_entity(pairs: Sequence[_Pair]) -> dict[str, EntityFigures]:
    names = _names(pairs)
    if not names:
        return {}
    true, read = zip(*pairs, strict=True)
    columns = precision_recall_fscore_support(true, read, labels=names, average=None, zero_division=0)
    return {
        name: EntityFigures(precision=precision, recall=recall, f1=f1, support=int(support))
        for name, precision, recall, f1, support in zip(names, *columns, strict=True)
    }


def _names(pairs: Iterable[_Pair]) -> list[str]:
    return sorted({name for pair in pairs for name in pair} - {_NOTHING})


def _pairs(reading: Reading) -> list[_Pair]:
    """Every fact once: found, missed, or invented. Each that was read answers for one that was to be read."""
    if reading.sentence.entities is None:
        return []
    left = Counter(_fact(entity) for entity in reading.read.entities)
    pairs: list[_Pair] = []
    # Exact ones first: a relative time takes whatever of its name is left then.
    for expected in sorted(reading.sentence.entities, key=_is_relative):
        found = _taken(expected, left)
        if found is not None:
            left[found] -= 1
        pairs.append((expected.entity, expected.entity if found is not None else _NOTHING))
    return pairs + [(_NOTHING, name) for name, _, _ in left.elements()]


def _taken(expected: Expected, left: Counter[_Fact]) -> _Fact | None:
    present = (fact for fact, count in left.items() if count > 0)
    if _is_relative(expected):
        return next((fact for fact in present if fact[0] == expected.entity), None)
    wanted = _fact(expected)
    return next((fact for fact in present if fact == wanted), None)


def _is_relative(expected: Expected) -> bool:
    return isinstance(expected.value, str) and expected.value.startswith(_RELATIVE)


def _fact(entity: Entity | Expected) -> _Fact:
    """80 and 80.0 are one value, and so are 4.35 and what arithmetic makes of it."""
    value, name = entity.value, entity.entity if isinstance(entity, Expected) else entity.name
    return name, value if isinstance(value, str) else round(float(value), 6), entity.role
