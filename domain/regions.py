"""Administrative divisions of GB/T 2260: names for people, containment for rules.

The table is `reference/regions.csv` (columns `code,name,aliases`), shared with the NLU.
"""

import csv
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).resolve().parent.parent / "reference" / "regions.csv"


@cache
def _names() -> dict[str, str]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def exists(code: str) -> bool:
    return code in _names()


def prefix(code: str) -> str:
    """The digits that every code inside this region begins with: 2 for a province, 4 for a city, else 6."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def contains(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or lies in it."""
    return inner.startswith(prefix(outer))


def region_name(code: str) -> str:
    """The name as people say it (`320583` is 苏州市昆山市); the code itself if unknown."""
    names = _names()
    if code not in names:
        return code
    parents = [names.get(code[:4] + "00")] if not code.endswith("00") else []
    parts = [part for part in (*parents, names[code]) if part]
    return "".join(dict.fromkeys(parts))
