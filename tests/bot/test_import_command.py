"""`run.py import` as an operator meets it: what is printed, what is in the report, what the exit says."""

import csv
import io
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from bot.commands.importing import Order, take
from domain.companies import CompanyRow
from domain.database import Database
from domain.secrets import Cipher, decode_key, new_key

CIPHER = Cipher(decode_key(new_key()))
HEADER = "统一社会信用代码,企业名称,员工人数,联系电话,微信标识\n"


def uscc(number: int) -> str:
    return f"9132{number:014}"


def line(number: int, employees: object = 5, phone: str = "13812345678") -> str:
    return f"{uscc(number)},第{number}家,{employees},{phone},oZhang{number}\n"


class Desk:
    """An operator with a folder, a terminal and a database."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        self.out = ""
        self.err = ""

    def file(self, text: str, name: str = "企业.csv") -> Path:
        file = self.folder / name
        file.write_text(text, encoding="gb18030")
        return file

    async def take(
        self,
        file: Path,
        *,
        terminal: bool = False,
        report: bool = False,
        all_or_nothing: bool = False,
        dry_run: bool = False,
    ) -> int:
        order = Order("companies", file, self.report if report else None, all_or_nothing, dry_run)
        out, err = io.StringIO(), io.StringIO()
        consoles = [Console(file=to, soft_wrap=True, force_terminal=terminal) for to in (out, err)]
        code = await take(order, self._database, CIPHER, consoles[0], consoles[1])
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    @property
    def report(self) -> Path:
        return self.folder / "报告.csv"

    def reported(self) -> list[list[str]]:
        with self.report.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))

    async def kept(self) -> int:
        async with self._database.reading() as session:
            return len((await session.scalars(select(CompanyRow.uscc))).all())


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    return Desk(tmp_path, database)


async def test_a_good_file(desk: Desk) -> None:
    assert await desk.take(desk.file(HEADER + line(1) + line(2))) == 0
    assert desk.out == "接受 2 条，拒绝 0 条（新增 2，更改 0，未变 0）。\n"
    assert desk.err == ""
    assert await desk.kept() == 2


async def test_bad_rows_are_named_as_the_operator_sees_them(desk: Desk) -> None:
    text = HEADER + line(1, "很多") + line(2) + line(2) + line(3, phone="1" * 40)
    assert await desk.take(desk.file(text)) == 1
    assert desk.err.splitlines() == [
        "拒绝  第 2 行，员工人数：应为整数（“很多”）",
        f"拒绝  第 4 行，统一社会信用代码：与第 3 行重复，以先出现的为准（“{uscc(2)}”）",
        "拒绝  第 5 行，联系电话：不能超过 32 个字（“111****111”）",
    ]
    assert "接受 1 条，拒绝 3 条" in desk.out
    assert await desk.kept() == 1


async def test_a_thousand_planted_errors_are_all_in_the_report(desk: Desk) -> None:
    rows = [line(number, "很多" if number % 3 == 0 else 5) for number in range(3000)]
    assert await desk.take(desk.file(HEADER + "".join(rows)), report=True) == 1
    header, *found = desk.reported()
    assert header == ["位置", "结果", "列", "原因", "值"]
    assert [row[0] for row in found] == [f"第 {number + 2} 行" for number in range(0, 3000, 3)]
    assert {tuple(row[1:]) for row in found} == {("拒绝", "员工人数", "应为整数", "很多")}
    assert len(desk.err.splitlines()) == 21
    assert "另有 980 处，见" in desk.err
    assert await desk.kept() == 2000


async def test_a_value_cannot_become_a_formula_of_the_report(desk: Desk) -> None:
    await desk.take(desk.file(HEADER + line(1, "=1+2")), report=True)
    assert desk.reported()[1][-1] == "'=1+2"


async def test_a_trial_shows_the_difference_and_masks_what_is_personal(desk: Desk) -> None:
    await desk.take(desk.file(HEADER + line(1) + line(2)))
    text = HEADER + line(1, 6, phone="13900000000") + line(2) + line(3)
    assert await desk.take(desk.file(text), dry_run=True, report=True) == 0
    assert desk.out.splitlines() == [
        f"更改  {uscc(1)}，employees（员工人数）：5 → 6",
        f"更改  {uscc(1)}，phone（联系电话）：13****78 → 13****00",
        "试运行：接受 3 条，拒绝 0 条（新增 1，更改 1，未变 1）。",
    ]
    assert [uscc(1), "更改", "employees（员工人数）", "", "5 → 6"] in desk.reported()
    assert await desk.kept() == 2


async def test_all_or_nothing(desk: Desk) -> None:
    bad = desk.file(HEADER + line(1) + line(2, "很多"))
    assert await desk.take(bad, all_or_nothing=True) == 1
    assert "第 3 行" in desk.err
    assert desk.out.splitlines() == ["接受 0 条，拒绝 1 条（新增 0，更改 0，未变 0）。", "没有导入任何数据。"]
    assert await desk.kept() == 0
    assert await desk.take(desk.file(HEADER + line(1) + line(2)), all_or_nothing=True) == 0
    assert await desk.kept() == 2


@pytest.mark.parametrize("all_or_nothing", [False, True])
async def test_a_column_that_nobody_knows(desk: Desk, *, all_or_nothing: bool) -> None:
    file = desk.file(f"uscc,name,emploees\n{uscc(1)},甲,5\n{uscc(2)},乙,6\n")
    assert await desk.take(file, all_or_nothing=all_or_nothing) == 1
    assert desk.err == "略过  表头，emploees（是不是 employees（员工人数）？）：没有这一列，已略过\n"
    assert await desk.kept() == (0 if all_or_nothing else 2)


async def test_a_file_that_cannot_be_read(desk: Desk) -> None:
    assert await desk.take(desk.folder / "none.csv") == 2
    assert "none.csv：读不到文件" in desk.err
    assert await desk.take(desk.file("name\n甲\n")) == 2
    assert "缺少必填列" in desk.err
    assert desk.out == ""


async def test_a_report_that_cannot_be_written(desk: Desk) -> None:
    desk.report.mkdir()
    assert await desk.take(desk.file(HEADER + line(1)), report=True) == 2
    assert "报告.csv：读写出错" in desk.err
    assert await desk.kept() == 0


async def test_the_bar_is_for_terminals_alone(desk: Desk) -> None:
    file = desk.file(HEADER + "".join(line(number) for number in range(300)))
    await desk.take(file, terminal=True)
    assert "导入 企业.csv" in desk.err
    await desk.take(file)
    assert desk.err == ""
