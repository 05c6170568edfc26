"""`run.py client`: the first operator of a deployment comes from here."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.config import load
from domain import clients
from domain.base import utcnow
from domain.clients import ClientRow
from domain.database import Database
from tests.bot.pipes import given_back


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RONGQIAO_LOG__LEVEL", "ERROR")
    monkeypatch.setenv("COLUMNS", "200")
    # A command sets the logs of its process.
    with given_back():
        yield


async def run(*arguments: str) -> int:
    """In a thread of its own: a command brings its own event loop."""
    return await asyncio.to_thread(cli.main, ["client", *arguments])


async def found(token: str) -> ClientRow | None:
    database = Database(load().database_url)
    try:
        async with database.reading() as session:
            return await clients.by_token(session, token, utcnow())
    finally:
        await database.aclose()


async def test_made_listed_and_revoked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await run("create", "昆山金融办", "--role", "government", "--region", "320583") == 0
    shown = capsys.readouterr()
    token = shown.out.strip()
    row = await found(token)
    assert row
    assert (row.name, row.role, row.regions, row.created_by) == (
        "昆山金融办",
        "government",
        ["320583"],
        "command line",
    )
    assert row.id in shown.err
    assert token not in shown.err, "what is piped away is the token alone"
    monkeypatch.setenv("COLUMNS", "60")
    assert await run("list") == 0
    assert row.id in capsys.readouterr().out, "whole on a narrow terminal too"
    monkeypatch.setenv("COLUMNS", "200")
    assert await run("list") == 0
    listed = capsys.readouterr().out
    assert re.search(rf"{row.id}.*昆山金融办.*政府部门.*320583.*有效", listed)
    assert token not in listed
    assert await run("revoke", row.id) == 0
    assert "已吊销" in capsys.readouterr().out
    assert await found(token) is None
    await run("list")
    assert "已吊销" in capsys.readouterr().out


async def test_an_institution_with_a_branch_until_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--role", "institution", "--institution", "苏州银行", "--branch", "昆山支行"]
    assert await run("create", "苏州银行接口", *arguments, "--expires", "2099-12-31") == 0
    shown = capsys.readouterr()
    assert "提醒：平台还没有「苏州银行」" in shown.err
    row = await found(shown.out.strip())
    assert row
    assert (row.institution, row.branch) == ("苏州银行", "昆山支行")
    assert row.expires_at
    assert row.expires_at.isoformat() == "2099-12-31T15:59:59.999999+00:00", "the whole day in China"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--role", "government"], "管辖的地区"),
        (["--role", "government", "--region", "昆山"], "6 位行政区划代码"),
        (["--role", "institution"], "机构名称"),
        (["--role", "operator", "--expires", "2020-01-01"], "到期时间应晚于现在"),
        (["--role", "operator", "--expires", "soon"], "expires_at"),
    ],
)
async def test_what_is_wrong_is_said(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert await run("create", "x", *arguments) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.out == ""
    assert "Traceback" not in shown.err


async def test_there_is_no_such_client(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("revoke", "CL000000-00000000") == 2
    assert "没有这个客户端" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["create", "x"], ["create", "x", "--role", "boss"], ["revoke"]])
def test_what_is_no_order_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["client", *arguments])
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err
