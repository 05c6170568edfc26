"""Sentences are read with their places, and taken out without a change to the rest."""

from pathlib import Path

import pytest

from nlu import examples
from nlu.examples import Expected, UnusableSentences
from tests.nlu.projects import SERVICE, jsonl, small_project, training, write


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path)


def test_each_sentence_knows_its_line(project: Path) -> None:
    found = list(examples.training_examples(project))
    assert [(item.text, item.intent) for item in found] == [
        ("利息一个月要付多少", "ask_rate"),
        ("利息怎么算", "ask_rate"),
        ("我的申请到哪一步了", "ask_progress"),
    ]
    lines = SERVICE.split("\n")
    assert [lines[item.line - 1].strip() for item in found] == [f"- {item.text}" for item in found]


def test_files_in_folders_count(project: Path) -> None:
    training(project, "voices/farmer.yml", {"greet": ["老乡好"]})
    assert "老乡好" in {item.text for item in examples.training_examples(project)}


def test_lines_go_and_nothing_else_changes(project: Path) -> None:
    file, (first, *_) = project / "nlu/rasa/data/service.yml", list(examples.training_examples(project))
    assert examples.without_lines(file, [first.line]) == SERVICE.replace("    - 利息一个月要付多少\n", "")
    assert examples.without_lines(file, []) == SERVICE


def test_an_intent_without_sentences_goes_as_a_whole(project: Path) -> None:
    file = project / "nlu/rasa/data/service.yml"
    last = list(examples.training_examples(project))[-1]
    write(project, "nlu/rasa/data/service.yml", examples.without_lines(file, [last.line]))
    assert [block.intent for block in examples.blocks_of(file)] == ["ask_rate"]
    assert "lookup: bank" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("nlu:\n- intent: greet\n  examples: 你好\n", "odd.yml:2"),
        ("nlu:\n- intent: greet\n  examples: |\n    - 你好\n    您好\n", "odd.yml:5"),
        ("nlu:\n- intent: greet\n", "odd.yml:2"),
        ("version: '3.1'\n", "odd.yml"),
    ],
)
def test_what_is_written_otherwise_is_named(tmp_path: Path, content: str, place: str) -> None:
    with pytest.raises(UnusableSentences, match=place):
        examples.blocks_of(write(tmp_path, "odd.yml", content))


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    written = {"greet": ["你好", "# 号", "a: b"], "ask_rate": ["利息 - 多少"]}
    file = write(tmp_path, "labelled.yml", examples.in_rasas_format(written))
    read = {block.intent: [item.text for item in block.examples] for block in examples.blocks_of(file)}
    assert read == written


def test_facts_of_a_test_sentence(project: Path) -> None:
    fact = {"entity": "amount", "value": 800000, "role": "max"}
    row = {"text": "最多80万", "intent": "inform", "style": "terse", "entities": [fact]}
    jsonl(project, "tests/nlu/sealed/second.jsonl", row)
    first, second = examples.sealed_set(project)
    assert (first.style, first.entities) == (None, None)
    assert second.entities == (Expected(entity="amount", value=800000, role="max"),)


def test_a_wrong_line_is_named_without_its_sentence(project: Path) -> None:
    good, bad = {"text": "甲", "intent": "greet"}, {"text": "秘密的话", "intention": "greet"}
    jsonl(project, "tests/nlu/sealed/second.jsonl", good, bad)
    with pytest.raises(UnusableSentences, match=r"second.jsonl:2: .*intent") as raised:
        examples.sealed_set(project)
    assert "秘密" not in str(raised.value)


def test_what_the_model_may_answer(project: Path) -> None:
    assert examples.known_intents(project) == {"greet", "ask_rate", "ask_progress", "nlu_fallback"}
    assert examples.known_entities(project) == {"amount", "region"}
