"""`run.py incentives`: the report as a table that Excel opens."""

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli, schema
from bot.config import load
from domain import institutions, loans, products
from domain.base import utcnow
from domain.database import Database
from domain.institutions import Institution
from domain.loans import Loan
from domain.products import Product
from tests.bot.pipes import given_back

BANK, OTHER = "苏州银行", "江苏银行"


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RONGQIAO_LOG__LEVEL", "ERROR")
    # A command sets the logs of its process.
    with given_back():
        yield


async def run(*arguments: str) -> int:
    """In a thread of its own: a command brings its own event loop."""
    return await asyncio.to_thread(cli.main, ["incentives", *arguments])


async def lend() -> None:
    """60,000,000 yuan of each bank in 2024, on credit."""
    settings = load()
    settings.make_data_dir()
    database, now = Database(settings.database_url), utcnow()
    await schema.migrate(database)
    async with database.unit_of_work() as session:
        for bank in (BANK, OTHER):
            product = {"code": f"P-{len(bank)}{ord(bank[0])}", "name": "信用贷", "institution": bank}
            await institutions.save_all(session, [Institution(name=bank)], now)
            await products.save_all(
                session, [Product.model_validate(product | {"guarantees": ["credit"]})], now
            )
            loan = {
                "loan_id": f"JK-{bank}",
                "uscc": "91320583MA1MABCD5X",
                "institution": bank,
                "product": "信用贷",
                "amount": 60_000_000,
                "balance": 60_000_000,
                "granted_on": "2024-05-06",
                "due_on": "2025-05-05",
            }
            await loans.save_all(session, [Loan.model_validate(loan)], now)
    await database.aclose()


async def test_the_table_holds_every_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await lend()
    file = tmp_path / "2024.csv"
    assert await run("2024", "--output", str(file)) == 0
    assert "未结账" in capsys.readouterr().err
    with file.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert {row["机构"] for row in rows} == {BANK, OTHER}
    (deposit,) = (row for row in rows if row["项目"] == "财政存款配置" and row["机构"] == BANK)
    assert (deposit["结果（元）"], deposit["类型"], deposit["上限（元）"]) == ("18000000", "财政存款", "")
    assert deposit["计算数据"] == "年度信用贷款 60000000"
    assert deposit["出处"].startswith("银行上年度发放企业信用贷款总额")
    (first,) = (row for row in rows if row["项目"] == "制造业信贷奖励" and row["机构"] == OTHER)
    assert first["待核实"] == f"JK-{OTHER}（60000000元）：企业的行业不明"


async def test_one_institution_on_the_screen_and_a_year_closed_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await lend()
    capsys.readouterr()
    assert await run("2024", "--institution", BANK, "--close") == 0
    shown = capsys.readouterr()
    assert {row["机构"] for row in csv.DictReader(shown.out.splitlines())} == {BANK}
    assert "已结账" in shown.err
    assert await run("2024", "--close") == 2
    assert "已经结账到2024年" in capsys.readouterr().err


async def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("1999") == 2
    assert "只能查询2018年至" in capsys.readouterr().err
    assert await run("2024", "--output", str(tmp_path / "nowhere" / "x.csv")) == 2
    assert "不能写入" in capsys.readouterr().err
