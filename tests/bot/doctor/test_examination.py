"""The whole examination, before a service that is well and others that are not."""

import asyncio
import json
from io import StringIO
from pathlib import Path

import pytest
import structlog
from rich.console import Console
from sqlalchemy import func, select

from bot import config, schema
from bot.doctor import report
from bot.doctor.examination import CHECKS, Check, Section, examine
from bot.doctor.finding import Finding, Level, fine
from bot.doctor.patient import Patient
from domain import gated
from domain.database import Database
from tests.bot.doctor.ways import changed, environment, run
from tests.journeys.house import House


def levels(sections: list[Section]) -> dict[str, Level]:
    return {section.name: section.level for section in sections}


def everything(sections: list[Section]) -> list[Finding]:
    return [finding for section in sections for finding in section.findings]


async def test_all_is_well(well: House) -> None:
    chat, violations = well.fake.history(well.openid), list(well.fake.violations)
    sections = await examine(well.settings)
    assert report.problems(sections) == 0, report.for_machines(sections)
    assert [section.name for section in sections] == [check.name for check in CHECKS]
    assert {"token", "callback", "templates", "menu", "database", "redis", "nlu", "clock"} <= {
        name for name, level in levels(sections).items() if level is Level.OK
    }
    assert any("沙箱" in finding.text for finding in everything(sections)), "it says that this is the sandbox"
    assert (well.fake.history(well.openid), well.fake.violations) == (chat, violations), "nobody hears of it"


async def test_nothing_is_written(well: House) -> None:
    before = await _rows(well)
    await examine(well.settings)
    assert await _rows(well) == before


async def test_every_trouble_has_a_remedy_and_no_secret_shows(well: House) -> None:
    account = well.fake.account
    settings = changed(well.settings, "wechat", {"app_secret": "0" * 32, "token": "another"})
    sections = await examine(settings)
    troubles = [found for found in everything(sections) if found.level in {Level.WARNING, Level.ERROR}]
    assert troubles
    assert all(found.remedy for found in troubles)
    shown = report.for_machines(sections)
    for secret in (account.app_secret, account.token, account.encoding_aes_key, "0" * 32):
        assert secret not in shown


async def test_one_that_fails_or_hangs_hides_none(well: House) -> None:
    async def fail(_: Patient) -> list[Finding]:
        raise LookupError("13812345678")

    async def hang(_: Patient) -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def well_done(_: Patient) -> list[Finding]:
        return [fine("好")]

    checks = (Check("a", "甲", fail), Check("b", "乙", hang), Check("c", "丙", well_done))
    sections = await examine(well.settings, checks, limit_seconds=0.3)
    assert levels(sections) == {"a": Level.ERROR, "b": Level.ERROR, "c": Level.OK}
    assert "13812345678" not in report.for_machines(sections)


async def test_a_sandbox_that_was_never_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path / "none"))
    (section,) = await examine(config.load())
    assert section.level is Level.ERROR
    assert not (tmp_path / "none").exists(), "nothing is made"


async def test_the_command(
    well: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(monkeypatch, well)
    try:
        assert await run("doctor") == 0
        shown = capsys.readouterr().out
        assert "✓ 接口凭证" in shown
        assert "0 个问题" in shown or "一切正常" in shown
        monkeypatch.setenv("RONGQIAO_WECHAT__APP_SECRET", "0" * 32)
        assert await run("doctor", "--json") == 1
        answer = json.loads(capsys.readouterr().out)
        assert answer["ok"] is False
        (token,) = [check for check in answer["checks"] if check["name"] == "token"]
        assert "40125" in token["findings"][0]["text"]
        monkeypatch.setenv("RONGQIAO_WECHAT__ENCODING_AES_KEY", "short")
        assert await run("doctor", "--json") == 1
        answer = json.loads(capsys.readouterr().out)
        assert "wechat.encoding_aes_key" in answer["checks"][0]["findings"][0]["text"]
    finally:
        structlog.reset_defaults()


def test_the_report_ends_with_its_verdict() -> None:
    sections = [
        Section("a", "甲", [fine("好"), Finding(Level.ERROR, "坏 [red]", "修")]),
        Section("b", "乙", []),
    ]
    console = Console(record=True, width=80, file=StringIO())
    report.print_for_people(sections, console)
    lines = console.export_text().splitlines()
    assert lines == ["✗ 甲", "    ✓ 好", "    ✗ 坏 [red]", "      → 修", "✓ 乙", "1 个问题，0 个提醒。"]


async def _rows(home: House) -> dict[str, int]:
    database = Database(home.settings.database_url)
    try:
        async with database.reading() as session:
            with gated.opened((await session.connection()).sync_connection):
                counts = {
                    name: (await session.execute(select(func.count()).select_from(table))).scalar_one()
                    for name, table in schema.METADATA.tables.items()
                }
    finally:
        await database.aclose()
    return counts
