"""Tables as CSV: the delimiter found by the header, a broken row costing no other."""

import csv
from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import chain

from domain.intake.columns import Columns, Layout
from domain.intake.entries import Entry, Source, UnreadableFile, unreadable
from domain.intake.lines import Line, TextFile

_DELIMITERS = (",", "\t", ";", "，")
# A quoted cell may hold line ends; a quote that was forgotten must not swallow the file.
_MOST_LINES = 50


def delimited_file(file: TextFile, columns: Columns) -> Source:
    """Records of a CSV file; places are lines, those on which the records begin.

    Raises:
        UnreadableFile: the header does not fit.
    """
    headers = {mark: _header(file, mark) for mark in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda mark: columns.known(headers[mark][1]))
    line, header = headers[delimiter]
    layout = columns.layout(header)
    return Source(
        read=partial(_entries, file, delimiter, layout, line),
        total=file.count - line,
        ignored=layout.ignored,
        header_of=layout.header_of,
    )


def _header(file: TextFile, delimiter: str) -> tuple[int, list[str]]:
    for line, cells in _rows(file, delimiter):
        if cells is None:
            return line.number, []
        if any(cell.strip() for cell in cells):
            return line.number, cells
    raise UnreadableFile("文件是空的")


def _entries(file: TextFile, delimiter: str, layout: Layout, header: int) -> Iterator[Entry]:
    for line, cells in _rows(file, delimiter):
        if line.number <= header:
            continue
        if cells is None:
            yield unreadable(line.number, line.reason or "引号没有成对，这一行读不出来")
        elif entry := layout.entry(line.number, cells):
            yield entry


def _rows(file: TextFile, delimiter: str) -> Iterator[tuple[Line, list[str] | None]]:
    """Each row with the line on which it begins; None where it cannot be taken apart."""
    waiting: deque[Line] = deque()
    lines = file.lines()
    while line := waiting.popleft() if waiting else next(lines, None):
        cells = None if line.reason else _cells(line.text, delimiter)
        if cells is None and line.text.count('"') % 2:
            cells = _over_several_lines(line, delimiter, waiting, lines)
        yield line, cells


def _over_several_lines(
    first: Line, delimiter: str, waiting: deque[Line], lines: Iterator[Line]
) -> list[str] | None:
    """The row that goes on over the next lines; they wait for their own turn when it does not."""
    taken: list[Line] = []
    text = first.text
    for line in chain(_drained(waiting), lines):
        taken.append(line)
        text = f"{text}\n{line.text}"
        cells = None if line.reason else _cells(text, delimiter)
        if cells is not None:
            return cells
        if line.reason or len(taken) == _MOST_LINES:
            break
    waiting.extendleft(reversed(taken))
    return None


def _drained(waiting: deque[Line]) -> Iterator[Line]:
    while waiting:
        yield waiting.popleft()


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of one row; None if a quote is not closed, or closed too early."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
