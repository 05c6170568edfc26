"""`run.py nlu` with its actions; what is without one is Rasa, which other tests start."""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import cli
from bot.commands import nlu as command
from bot.config import load
from bot.sections import PROJECT
from domain import unlabelled
from domain.base import utcnow
from domain.database import Database
from domain.unlabelled import Reason, Sighting
from nlu import record, training
from tests.nlu.projects import jsonl, small_project


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(folder))
    monkeypatch.setenv("RONGQIAO_LOG__LEVEL", "ERROR")
    yield folder
    structlog.reset_defaults()  # a command sets the logs of its process


async def run(*arguments: str) -> int:
    """In a thread of its own: a command brings its own event loop."""
    return await asyncio.to_thread(cli.main, ["nlu", *arguments])


async def put(*texts: str) -> None:
    assert await asyncio.to_thread(cli.main, ["migrate"]) == 0
    database = Database(load().database_url)
    try:
        async with database.unit_of_work() as session:
            sightings = [Sighting(text, Reason.FALLBACK, "greet", 0.3) for text in texts]
            await unlabelled.keep(session, sightings, "m", utcnow())
    finally:
        await database.aclose()


async def test_export_to_the_terminal_or_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await put("甲甲 :smile: [b]", "乙乙")
    capsys.readouterr()
    assert await run("export-unlabelled") == 0
    shown = capsys.readouterr()
    assert {json.loads(line)["text"] for line in shown.out.splitlines()} == {"甲甲 :smile: [b]", "乙乙"}
    assert "导出 2 句" in shown.err
    file = tmp_path / "out.jsonl"
    assert await run("export-unlabelled", "--out", str(file), "--limit", "1") == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_at_least_one(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["nlu", "export-unlabelled", "--limit", limit])
    assert "--limit" in capsys.readouterr().err


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


async def run_in(project: Path, *arguments: str) -> int:
    """As `run`, with the sentences of another project: an import changes its files."""
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    given = parser.parse_args(arguments)
    given.project = project
    return await command.run(load(), given)


async def test_import_names_bad_rows_and_keeps_the_good(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": "吃了没", "intent": "greet"}, {"text": "利钱呢", "intent": "?"}, {"text": "再说"}]
    file = str(jsonl(project, "rows.jsonl", *rows))
    assert await run_in(project, "import-labelled", file, "--dry-run") == 1
    assert not list((project / "nlu/rasa/data").glob("labelled*"))
    capsys.readouterr()
    assert await run_in(project, "import-labelled", file) == 1
    shown = capsys.readouterr()
    assert "第 2 行，intent：没有这个意图（“?”）" in shown.err
    assert "加入训练数据 1 句，已有 0 句，未标注 1 句，拒绝 1 行。" in shown.out
    assert "吃了没" in (project / "nlu/rasa/data/labelled.yml").read_text(encoding="utf-8")


async def test_files_that_cannot_be_used(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_in(project, "import-labelled", str(project / "none.jsonl")) == 2
    assert "none.jsonl：读写出错" in capsys.readouterr().err
    (project / "empty.jsonl").touch()
    assert await run_in(project, "import-labelled", str(project / "empty.jsonl")) == 2
    jsonl(project, "tests/nlu/sealed/bad.jsonl", {"text": "密"})
    file = jsonl(project, "rows.jsonl", {"text": "吃了没", "intent": "greet"})
    assert await run_in(project, "import-labelled", str(file)) == 2
    assert "bad.jsonl:1: intent" in capsys.readouterr().err


async def test_no_report_without_a_model(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_in(project, "report") == 2
    assert "run.py train" in capsys.readouterr().err
    assert not list(await asyncio.to_thread(project.rglob, "*.json"))


async def test_a_report_stands_beside_its_model(capsys: pytest.CaptureFixture[str]) -> None:
    model = training.model_path(PROJECT)
    before = record.read(model)
    assert await run("report", "--dev", "--sentences") == 0
    known = record.read(model)
    assert known is not None
    assert known.sets.keys() == (before.sets.keys() if before else set()) | {"dev"}
    shown = capsys.readouterr().out
    assert f"模型 {record.name_of(model)}，dev（{known.sets['dev'].sentences} 句）" in shown
    assert f"{known.sets['dev'].intent_accuracy:.3f}" in shown
