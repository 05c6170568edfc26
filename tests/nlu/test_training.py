"""A model is named by all that it is made of; a training that fails leaves nothing behind."""

import os
from pathlib import Path

import pytest

from nlu import record
from nlu.record import Record
from nlu.training import TrainingError, data_hash, model_path, train, usable_model

SOURCES = {
    "nlu/rasa/config.yml": "language: zh\n",
    "nlu/rasa/domain.yml": "intents: []\n",
    "nlu/rasa/data/financing.yml": "nlu: []\n",
    "nlu/rasa/components/amounts.py": "",
    "nlu/rasa/dictionaries/words.txt": "征信贷\n",
    "nlu/rasa/uv.lock": "version = 1\n",
    "reference/regions.csv": "code,name,aliases\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in SOURCES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", SOURCES)
def test_a_change_of_any_source_names_another_model(project: Path, name: str) -> None:
    before = model_path(project)
    with (project / name).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert model_path(project) != before


def test_the_sentences_have_a_name_of_their_own(project: Path) -> None:
    before = data_hash(project)
    (project / "nlu/rasa/config.yml").write_text("language: en\n")
    assert data_hash(project) == before
    (project / "nlu/rasa/data/financing.yml").write_text("nlu: [1]\n")
    assert data_hash(project) != before


def test_a_renamed_file_names_another_model(project: Path) -> None:
    before = model_path(project)
    data = project / "nlu/rasa/data"
    (data / "financing.yml").rename(data / "other.yml")
    assert model_path(project) != before


def test_compiled_and_hidden_files_and_places_do_not_matter(project: Path) -> None:
    before = model_path(project)
    compiled = project / "nlu/rasa/components/__pycache__/amounts.cpython-310.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"\0")
    (project / "nlu/rasa/data/.financing.yml.swp").write_bytes(b"\0")
    os.utime(project / "nlu/rasa/config.yml", (0, 0))
    assert model_path(project) == before


def rasa_that(project: Path, script: str) -> None:
    """Put a program in the place of the Rasa environment's Python; `$OUT` is the folder it is to write to."""
    python = project / "nlu/rasa/.venv/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text('#!/bin/sh\nwhile [ "$1" != --out ]; do shift; done; OUT=$2\n' + script)
    python.chmod(0o755)


def test_a_trained_model_appears_whole_and_is_not_trained_again(project: Path) -> None:
    rasa_that(project, 'mkdir -p "$OUT"; printf model > "$OUT/model.tar.gz"')
    model = train(project)
    assert model == model_path(project)
    assert model.read_text() == "model"
    rasa_that(project, "exit 1")
    assert train(project) == model
    beside = record.path_of(model)
    assert sorted(file.name for file in model.parent.iterdir()) == [".lock", beside.name, model.name]
    assert record.read(model) == Record(model=record.name_of(model), data=data_hash(project))


def test_a_failed_training_says_why_and_leaves_no_model(project: Path) -> None:
    rasa_that(project, 'mkdir -p "$OUT"; printf half > "$OUT/model.tar.gz"; echo "no such intent"; exit 3')
    with pytest.raises(TrainingError, match=r"code 3:\nno such intent"):
        train(project)
    assert not list(model_path(project).parent.glob("*.tar.gz"))


def test_a_missing_environment_names_the_remedy(project: Path) -> None:
    with pytest.raises(TrainingError, match="make setup"):
        train(project)


def test_the_newest_three_models_are_kept(project: Path) -> None:
    models = model_path(project).parent
    models.mkdir()
    for age in range(5):
        old = models / f"old-{age}.tar.gz"
        old.touch()
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
        record.write(old, Record(model=old.name, data="data"))
    rasa_that(project, 'mkdir -p "$OUT"; printf model > "$OUT/model.tar.gz"')
    trained = train(project)
    assert {model.name for model in models.glob("*.tar.gz")} == {trained.name, "old-0.tar.gz", "old-1.tar.gz"}
    records = {file.name for file in models.glob("*.json")}
    assert records == {
        record.path_of(model).name for model in (trained, models / "old-0.tar.gz", models / "old-1.tar.gz")
    }


def test_after_an_edit_the_old_model_is_still_usable(project: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        usable_model(project)
    rasa_that(project, 'mkdir -p "$OUT"; printf model > "$OUT/model.tar.gz"')
    trained = train(project)
    (project / "nlu/rasa/config.yml").write_text("language: en\n")
    assert usable_model(project) == trained
