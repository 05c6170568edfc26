"""The examination on paper: for people, and for machines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from bot.doctor.examination import Section
from bot.doctor.finding import Finding, Level

_MARKS = {
    Level.OK: ("✓", "green"),
    Level.NOTE: ("·", "dim"),
    Level.WARNING: ("!", "yellow"),
    Level.ERROR: ("✗", "red"),
}


def problems(sections: Sequence[Section]) -> int:
    """How many errors there are: what the command's exit code tells."""
    return _count(sections, Level.ERROR)


def for_machines(sections: Sequence[Section]) -> str:
    checks = [asdict(section) | {"level": section.level} for section in sections]
    return json.dumps({"ok": not problems(sections), "checks": checks}, ensure_ascii=False, indent=2)


def print_for_people(sections: Sequence[Section], console: Console) -> None:
    for line in _lines(sections):
        console.print(line)


def _lines(sections: Sequence[Section]) -> Iterator[Text]:
    for section in sections:
        mark, colour = _MARKS[section.level]
        yield Text.assemble((f"{mark} {section.title}", colour))
        for finding in section.findings:
            yield from _finding(finding)
    bad, doubtful = problems(sections), _count(sections, Level.WARNING)
    verdict = f"{bad} 个问题，{doubtful} 个提醒。" if bad or doubtful else "一切正常。"
    yield Text(verdict, "red" if bad else "yellow" if doubtful else "green")


def _finding(finding: Finding) -> Iterator[Text]:
    mark, colour = _MARKS[finding.level]
    yield Text.assemble(("    " + mark, colour), f" {finding.text}")
    if finding.remedy:
        yield Text(f"      → {finding.remedy}")


def _count(sections: Sequence[Section], level: Level) -> int:
    return sum(finding.level is level for section in sections for finding in section.findings)
