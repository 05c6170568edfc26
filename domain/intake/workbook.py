"""Tables as Excel workbooks, .xlsx and .xls: the first visible sheet."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from domain.intake.cells import Cell
from domain.intake.columns import Columns, Layout
from domain.intake.entries import Entry, Source, UnreadableFile


def workbook(path: Path, columns: Columns) -> Source:
    """Records of a sheet; places are the row numbers that Excel shows.

    The whole sheet is in memory, in the reader's own form: it knows no streaming.

    Raises:
        UnreadableFile: it cannot be opened, or its header does not fit.
    """
    sheet = _first_sheet(path)
    number, header = next(_filled(sheet), (0, []))
    if not header:
        raise UnreadableFile("第一张工作表是空的")
    layout = columns.layout(header)
    return Source(
        read=partial(_entries, sheet, layout, number),
        total=sheet.end[0] + 1 - number if sheet.end else 0,
        ignored=layout.ignored,
        header_of=layout.header_of,
    )


def _entries(sheet: CalamineSheet, layout: Layout, header: int) -> Iterator[Entry]:
    for number, cells in _filled(sheet):
        if number > header and (entry := layout.entry(number, cells)):
            yield entry


def _filled(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that are not empty, with their numbers."""
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            yield number, list(cells)


def _first_sheet(path: Path) -> CalamineSheet:
    try:
        with load_workbook(path) as book:
            for index, sheet in enumerate(book.sheets_metadata):
                if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
                    return book.get_sheet_by_index(index)
    except PasswordError as error:
        raise UnreadableFile("文件有打开密码，请去掉密码后再导入") from error
    except CalamineError as error:
        raise UnreadableFile("打不开这个 Excel 文件：文件已损坏，或设有密码") from error
    raise UnreadableFile("文件里没有可见的工作表")
