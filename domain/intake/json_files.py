"""Records as JSON: one object a line, or one array."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from domain.intake.entries import Entry, Source, UnreadableFile, unreadable
from domain.intake.lines import TextFile

# As much as a body of the API may have; an array is read as a whole.
LARGEST_ARRAY = 64 << 20


def json_lines(file: TextFile) -> Source:
    """One object a line; places are lines, empty ones are passed over."""
    return Source(read=partial(_entries, file), total=file.count)


def _entries(file: TextFile) -> Iterator[Entry]:
    for line in file.lines():
        if line.reason:
            yield unreadable(line.number, line.reason)
        elif line.text.strip():
            yield _entry(line.number, line.text)


def _entry(place: int, text: str) -> Entry:
    try:
        return Entry(place, json.loads(text))
    except json.JSONDecodeError as error:
        return unreadable(place, f"不是有效的 JSON（第 {error.colno} 个字符附近）")
    except (ValueError, RecursionError):  # a number of thousands of digits; thousands of brackets
        return unreadable(place, "不是有效的 JSON")


def json_array(file: TextFile) -> Source:
    """One array of objects, or the body of the API's calls; places count its items from 1.

    Raises:
        UnreadableFile: it is none, or too large to be read as a whole.
    """
    if file.path.stat().st_size > LARGEST_ARRAY:
        raise UnreadableFile(f"JSON 数组不能超过 {LARGEST_ARRAY >> 20} MB，请改用 JSON Lines（每行一个对象）")
    try:
        found = json.loads(file.path.read_text(file.encoding).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("不是有效的 JSON；数据多时请用 JSON Lines（每行一个对象）") from error
    items = found.get("items") if isinstance(found, dict) else found
    if not isinstance(items, list):
        raise UnreadableFile("JSON 文件应为对象的数组")
    return Source(read=partial(_items, items), total=len(items), unit="条")


def _items(items: Sequence[Any]) -> Iterator[Entry]:
    return (Entry(place, item) for place, item in enumerate(items, start=1))
