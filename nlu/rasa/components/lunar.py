"""Days of the lunar calendar, by which owners in the country reckon: 「初八」, 「腊月二十」, 「正月初十」.

The months of each year stand in `dictionaries/lunar_years.tsv`; behind its last year no such day is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from components.dictionaries import entries
from components.numerals import number

MONTHS = {"正月": 1, "大年": 1, "年": 1, "冬月": 11, "腊月": 12}
_UNDER_TEN = "[一二三四五六七八九]"
# Without 「初」 the day needs the name of its month: 「腊月二十」, but not 「二十」.
DAY = (
    rf"(?:(?:农历|阴历|旧历|老历)?(?P<lunar_month>正月|冬月|腊月|大年|(?<![\d今去明前后每全半几一])年)?(?<![当起最月])初(?P<lunar_day>{_UNDER_TEN}|十)(?!月)"
    rf"|(?:农历|阴历|旧历|老历)?(?P<lunar_named>正月|冬月|腊月)(?:里)?(?P<lunar_date>二十{_UNDER_TEN}?|廿{_UNDER_TEN}?|三十|十{_UNDER_TEN}?|\d{{1,2}}))[号日]?"
)


def is_named(groups: dict[str, str]) -> bool:
    return "lunar_day" in groups or "lunar_date" in groups


def next_day(groups: dict[str, str], today: date) -> date | None:
    """The next day, today included, that bears the name; `groups` are those of `DAY`."""
    named = groups.get("lunar_month") or groups.get("lunar_named")
    month = MONTHS[named] if named else None
    day = number(re.sub("廿(?=.)", "二十", groups.get("lunar_day") or groups["lunar_date"]))
    for begin, its_month, length in _months():
        found = begin + timedelta(days=int(day or 0) - 1)
        if found >= today and month in {None, its_month} and day is not None and 0 < day <= length:
            return found
    return None


@cache
def _months() -> tuple[tuple[date, int, int], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[date, int, int]]:
    """First day, number and length of each month, in their order."""
    for year, months in entries("lunar_years"):
        begin = date.fromisoformat(year)
        for month in months:
            its_number, length = map(int, month.split(":"))
            yield begin, its_number, length
            begin += timedelta(days=length)
