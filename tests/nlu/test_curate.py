"""What is dropped from the training data, and what is left to a person."""

from pathlib import Path

import pytest

from nlu import curate, examples
from tests.nlu.projects import small_project, training


@pytest.fixture
def project(tmp_path: Path) -> Path:
    small_project(tmp_path)
    training(
        tmp_path,
        "voices/owner.yml",
        {
            "ask_rate": ["利息怎么算", "十万块钱一年利息多少", "要收手续费不", "要收手续费不"],
            "greet": ["你好", "进度呢"],
            "ask_progress": ["进度呢？", "贷款的事情有没有进展呀"],
        },
    )
    return tmp_path


def sentences(project: Path) -> list[str]:
    return [item.text for item in examples.training_examples(project)]


def test_repetitions_and_copies_of_tests_go(project: Path) -> None:
    curate.curate(project, dry_run=False)
    assert sentences(project) == [
        "利息一个月要付多少",
        "利息怎么算",
        "我的申请到哪一步了",
        "要收手续费不",
        "你好",
        "进度呢",
        "进度呢？",
    ]
    again = curate.curate(project, dry_run=False)
    assert again.dropped == ()


def test_a_dry_run_changes_nothing(project: Path) -> None:
    before = sentences(project)
    findings = curate.curate(project, dry_run=True)
    assert (len(findings.repeated), len(findings.copied)) == (2, 2)
    assert sentences(project) == before


def test_two_intents_are_left_to_a_person(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curate.main([], project=project) == 1
    shown = capsys.readouterr().out
    assert "two intents  进度呢  greet nlu/rasa/data/voices/owner.yml:" in shown
    assert "2 repeated, 2 copies of test sentences, 1 with several intents" in shown


def test_copies_are_named_by_their_place_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    curate.main(["--dry-run"], project=project)
    shown = capsys.readouterr().out
    assert "copy of a test sentence  nlu/rasa/data/voices/owner.yml:7" in shown
    assert "一年利息" not in shown


def test_data_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curate.main([], project=small_project(tmp_path)) == 0
    assert capsys.readouterr().out.startswith("0 repeated, 0 copies")
