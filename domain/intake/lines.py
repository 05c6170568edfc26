"""Lines of text files, in bounded memory, in the encodings that occur in China."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.intake.entries import UnreadableFile

# A record has some hundred bytes; what is longer is no table, and must not fill the memory.
LONGEST_LINE = 1 << 20
_TOO_LONG = f"这一行超过 {LONGEST_LINE >> 20} MB"
_THREE_BYTES = re.compile(rb"[\xe2-\xef][\x80-\xbf]{2}")
_GARBLED = "有不能识别的字符，请把文件另存为 UTF-8"


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, from 1; with a `reason` it could not be read."""

    number: int
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file of known encoding; `count` lines, the last empty one not counted."""

    path: Path
    encoding: str
    count: int

    def lines(self) -> Iterator[Line]:
        for number, raw in enumerate(_raw_lines(self.path), start=1):
            if len(raw) > LONGEST_LINE:
                yield Line(number, "", _TOO_LONG)
                continue
            try:
                text = raw.decode(self.encoding)
            except UnicodeDecodeError:
                yield Line(number, "", _GARBLED)
                continue
            yield Line(number, text.removeprefix("\ufeff") if number == 1 else text)


def text_file(path: Path) -> TextFile:
    """Find the encoding by reading the file once: UTF-8, even with broken lines, or Excel's GB18030.

    Chinese in UTF-8 has three bytes a character. A line of GB18030 is hardly ever valid UTF-8, and then by
    pairs of bytes that would be Greek or Arabic.

    Raises:
        UnreadableFile: UTF-16, or an empty file.
    """
    count = foreign = chinese = invalid = 0
    marked = False
    for raw in _raw_lines(path):
        if count == 0:
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UnreadableFile("文件是 UTF-16 编码，请另存为“CSV UTF-8”")
            marked = raw.startswith(codecs.BOM_UTF8)
        count += 1
        if raw.isascii():
            continue
        foreign += 1
        if not _is_utf8(raw):
            invalid += 1
        elif _THREE_BYTES.search(raw):
            chinese += 1
    if count == 0:
        raise UnreadableFile("文件是空的")
    utf8 = marked or not foreign or (chinese > 0 and invalid <= chinese)
    return TextFile(path, "utf-8" if utf8 else "gb18030", count)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _raw_lines(path: Path) -> Iterator[bytes]:
    """Lines without their ends; of one that is too long only the beginning, still beyond the limit."""
    with path.open("rb") as file:
        while raw := file.readline(LONGEST_LINE + 2):
            rest = raw
            while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
                rest = file.readline(LONGEST_LINE + 2)
            yield raw.rstrip(b"\r\n")
