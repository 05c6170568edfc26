"""The sentences by which the model learns, and those by which it is judged, are in order and kept apart."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from bot.sections import PROJECT
from nlu import curate, examples
from nlu.curate import Findings
from nlu.examples import Example, Sentence

# Of every intent; these are said in more ways than others, or stand for all that is foreign.
AT_LEAST = 120
MORE = {"apply_financing": 400, "inform": 400, "nlu_fallback": 400, "correct": 150}
SEALED_AT_LEAST = 600
STYLE_AT_LEAST = 30
DEVELOPMENT_AT_LEAST = 300

TRAINING = list(examples.training_examples(PROJECT))
DEVELOPMENT = examples.development_set(PROJECT)
SEALED = examples.sealed_set(PROJECT)
INTENTS = sorted(examples.known_intents(PROJECT))


def place(item: Example) -> str:
    return f"{item.file.relative_to(PROJECT)}:{item.line}"


@pytest.fixture(scope="module")
def findings() -> Findings:
    return curate.look_through(TRAINING, [sentence.text for sentence in (*DEVELOPMENT, *SEALED)])


@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_has_enough_sentences(intent: str) -> None:
    assert Counter(item.intent for item in TRAINING)[intent] >= MORE.get(intent, AT_LEAST)


def test_only_known_intents_are_taught() -> None:
    assert {item.intent for item in TRAINING} == set(INTENTS)


def test_no_sentence_has_two_intents(findings: Findings) -> None:
    """Punctuation makes no other sentence: 「好的。」 and 「好的」 are one."""
    assert [" ".join(map(place, group)) for group in findings.conflicts] == []


def test_no_sentence_stands_twice(findings: Findings) -> None:
    assert [place(item) for item in findings.repeated] == []


def test_no_test_sentence_is_learned_by_heart(findings: Findings) -> None:
    """The measures, and why, are in `nlu.likeness`: for sentences common pairs of characters, for short ones
    equality but for punctuation and particles. Words of up to three characters (「你好」, 「上一步」) are
    everybody's and may stand on both sides; of four and more (「先不弄了」) they may not.

    Only the place in the training data is named: what stands in the sealed set is not for reading.
    """
    assert [place(item) for item in findings.copied] == []


def test_there_are_enough_sentences_to_judge_by() -> None:
    assert len(DEVELOPMENT) >= DEVELOPMENT_AT_LEAST
    assert len(SEALED) >= SEALED_AT_LEAST
    styles = Counter(sentence.style for sentence in SEALED)
    assert None not in styles
    assert {style: count for style, count in styles.items() if count < STYLE_AT_LEAST} == {}


@pytest.mark.parametrize("sentences", [DEVELOPMENT, SEALED], ids=["dev", "sealed"])
def test_labels_are_those_of_the_contract(sentences: list[Sentence]) -> None:
    entities = examples.known_entities(PROJECT)
    named = {fact.entity for sentence in sentences for fact in sentence.entities or ()}
    assert {sentence.intent for sentence in sentences} == set(INTENTS)
    assert named <= entities
    with_roles = {
        fact.entity for sentence in sentences for fact in sentence.entities or () if fact.role is not None
    }
    assert with_roles <= {"amount", "term_months", "rate"}


def test_no_sentence_is_judged_twice() -> None:
    texts = sorted(sentence.text for sentence in (*DEVELOPMENT, *SEALED))
    assert sum(one == next_one for one, next_one in pairwise(texts)) == 0


def test_facts_of_the_sealed_set_are_written_down() -> None:
    assert all(sentence.entities is not None for sentence in SEALED)


@pytest.mark.parametrize("file", examples.training_files(PROJECT), ids=lambda file: file.name)
def test_sentences_are_plain(file: Path) -> None:
    """Facts are found by rules: marks of entities in a sentence would be learned as its characters."""
    marked = [item for block in examples.blocks_of(file) for item in block.examples if "](" in item.text]
    assert [place(item) for item in marked] == []
