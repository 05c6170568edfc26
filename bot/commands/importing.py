"""`run.py import`: a file into the database, with progress on the terminal and a report of every bad row."""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot import schema
from bot.account import cipher_of
from bot.commands import terminal
from bot.config import Settings
from domain.credit.registry import Registry
from domain.database import Database
from domain.importing import KINDS, Change, Import, Kind, Rejected, SourceChanged, Tally
from domain.intake.columns import label
from domain.intake.entries import Source, UnreadableFile
from domain.intake.files import open_file
from domain.intake.kinds import FORMATS
from domain.intake.problems import PERSONAL, shown
from domain.secrets import Cipher

WriteRow = Callable[[Sequence[str]], object]

TAKEN, PARTLY, UNREADABLE = 0, 1, 2
# More is no longer read on a terminal; the report has them all.
_PRINTED = 20
_HEADER = ("位置", "结果", "列", "原因", "值")
# A spreadsheet would run what begins so as a formula.
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator asked for."""

    kind: Kind
    file: Path
    report: Path | None = None
    all_or_nothing: bool = False
    dry_run: bool = False


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--all-or-nothing", action="store_true", help="keep nothing if any row is bad")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write every bad row and change as CSV")


async def run(settings: Settings, given: argparse.Namespace) -> int:
    order = Order(
        kind=cast("Kind", given.kind),
        file=given.file,
        report=given.report,
        all_or_nothing=given.all_or_nothing,
        dry_run=given.dry_run,
    )
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        indicators = settings.credit.indicators
        return await take(order, database, cipher_of(settings), terminal.out, terminal.err, indicators)
    finally:
        await database.aclose()


async def take(
    order: Order,
    database: Database,
    cipher: Cipher,
    out: Console,
    err: Console,
    indicators: Registry | None = None,
) -> int:
    """Import the file; 0 all taken, 1 something refused or passed over, 2 nothing could be read."""
    try:
        source = open_file(order.file, FORMATS[order.kind])
        with _report_file(order.report) as rows, _progress(err, source.total, order) as progress:
            told = _Told(source, rows, progress)
            work = Import(database, order.kind, cipher, told, indicators)
            tally = await _take(order, work, source, told)
    except UnreadableFile as error:
        err.print(f"{order.file}：{error}", markup=False)
        return UNREADABLE
    except OSError as error:
        err.print(f"{error.filename or order.file}：读写出错（{error.strerror}）", markup=False)
        return UNREADABLE
    except SourceChanged:
        err.print("文件在导入途中被改动，没有导入任何数据，请重试。")
        return PARTLY
    _conclude(order, tally, told, out, err)
    return PARTLY if tally.refused or source.ignored else TAKEN


async def _take(order: Order, work: Import, source: Source, told: "_Told") -> Tally:
    for name in source.ignored:
        told.passed_over(name)
    if order.dry_run:
        return await work.check(source)
    if not order.all_or_nothing:
        return await work.keep_good(source)
    # A column that nobody knows may be one that was misspelt: then not all would be taken.
    return Tally() if source.ignored else await work.keep_all(source)


class _Told:
    """Keeps the first lines for the terminal and writes all into the report."""

    def __init__(self, source: Source, rows: WriteRow | None, progress: Progress) -> None:
        self._source = source
        self._rows = rows
        self._progress = progress
        self.problems: list[str] = []
        self.changes: list[str] = []
        self.left_out = 0

    def passed_over(self, name: str) -> None:
        self._problem("表头", "略过", name, "没有这一列，已略过", "")

    def refused(self, item: Rejected) -> None:
        self._item("拒绝", item)

    def remarked(self, item: Rejected) -> None:
        self._item("提醒", item)

    def _item(self, result: str, item: Rejected) -> None:
        column = self._source.header_of(item.field) if item.field else "整行"
        self._problem(f"第 {item.index} {self._source.unit}", result, column, item.reason, item.value)

    def _problem(self, place: str, result: str, column: str, reason: str, value: str) -> None:
        self._write(place, result, column, reason, value)
        if len(self.problems) < _PRINTED:
            what = f"（“{value}”）" if value else ""
            self.problems.append(f"{result}  {place}，{column}：{reason}{what}")
        else:
            self.left_out += 1

    def changed(self, change: Change) -> None:
        for name, (old, new) in change.fields.items():
            before, after = _side(name, old), _side(name, new)
            self._write(change.key, "更改", label(name), "", f"{before} → {after}")
            if len(self.changes) < _PRINTED:
                self.changes.append(f"更改  {change.key}，{label(name)}：{before} → {after}")

    def advanced(self, entries: int) -> None:
        self._progress.advance(self._progress.task_ids[0], entries)

    def _write(self, *cells: str) -> None:
        if self._rows:
            self._rows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])


def _side(name: str, value: Any) -> str:
    return "未填" if value is None else shown(value, personal=name in PERSONAL)


def _conclude(order: Order, tally: Tally, told: _Told, out: Console, err: Console) -> None:
    for line in told.problems:
        err.print(line, markup=False)
    if told.left_out:
        where = f"见 {order.report}" if order.report else "加 --report FILE 可全部写入文件"
        err.print(f"另有 {told.left_out} 处，{where}。", markup=False)
    if order.dry_run:
        for line in told.changes:
            out.print(line, markup=False)
    out.print(
        f"{'试运行：' if order.dry_run else ''}接受 {tally.accepted} 条，拒绝 {tally.refused} 条"
        f"（新增 {tally.new}，更改 {tally.changed}，未变 {tally.unchanged}）。"
    )
    if order.all_or_nothing and not order.dry_run and not tally.accepted:
        out.print("没有导入任何数据。")


@contextmanager
def _report_file(path: Path | None) -> Iterator[WriteRow | None]:
    """A CSV file that Excel opens with its Chinese intact; None if no report is wanted."""
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_HEADER)
        yield rows.writerow


@contextmanager
def _progress(err: Console, total: int, order: Order) -> Iterator[Progress]:
    """A bar on the terminal, gone when it is full; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        rounds = 2 if order.all_or_nothing and not order.dry_run else 1
        progress.add_task(f"导入 {order.file.name}", total=total * rounds)
        yield progress
