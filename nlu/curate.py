"""Keeps the training data apart from the test sets, and each sentence in it once: `python -m nlu.curate`.

Exact repetitions go (the first stays), and so do near copies of test sentences; a sentence with two different
intents is named for a person to settle. All other lines of the files stay as they are.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from nlu import examples
from nlu.examples import Example
from nlu.likeness import Originals, bare

PROJECT: Final = Path(__file__).resolve().parent.parent


# Without a printable form: a copy shows what stands in the sealed set.
@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """`conflicts` are groups that say the same under different intents; nothing of them is dropped for it."""

    repeated: tuple[Example, ...]
    copied: tuple[Example, ...]
    conflicts: tuple[tuple[Example, ...], ...]

    @property
    def dropped(self) -> tuple[Example, ...]:
        return (*self.repeated, *self.copied)


def look_through(training: Sequence[Example], tests: Iterable[str]) -> Findings:
    originals = Originals(tests)
    left: list[Example] = []
    copied: list[Example] = []
    for item in training:
        (copied if originals.has_copy_in(item.text) else left).append(item)
    return Findings(_repeated(left), tuple(copied), _conflicts(left))


def _repeated(training: Iterable[Example]) -> tuple[Example, ...]:
    seen: set[tuple[str, str]] = set()
    again = []
    for item in training:
        key = item.text, item.intent
        if key in seen:
            again.append(item)
        seen.add(key)
    return tuple(again)


def _conflicts(training: Iterable[Example]) -> tuple[tuple[Example, ...], ...]:
    alike: dict[str, list[Example]] = defaultdict(list)
    for item in training:
        alike[bare(item.text)].append(item)
    return tuple(tuple(group) for group in alike.values() if len({item.intent for item in group}) > 1)


def drop(dropped: Iterable[Example]) -> None:
    """Take the lines out of their files."""
    lines: dict[Path, list[int]] = defaultdict(list)
    for item in dropped:
        lines[item.file].append(item.line)
    for file, numbers in lines.items():
        file.write_text(examples.without_lines(file, numbers), encoding="utf-8")


def curate(project: Path, *, dry_run: bool) -> Findings:
    training = list(examples.training_examples(project))
    tests = [*examples.development_set(project), *examples.sealed_set(project)]
    findings = look_through(training, (sentence.text for sentence in tests))
    if not dry_run:
        drop(findings.dropped)
    return findings


def _tell(findings: Findings, project: Path, out: Console) -> None:
    """Copies by their place alone: who reads them here would read the sealed set."""
    for item in findings.copied:
        out.print(f"copy of a test sentence  {_place(item, project)}", markup=False)
    for item in findings.repeated:
        out.print(f"repeated  {_place(item, project)}  {item.text}", markup=False)
    for group in findings.conflicts:
        shown = "; ".join(f"{item.intent} {_place(item, project)}" for item in group)
        out.print(f"two intents  {group[0].text}  {shown}", markup=False)
    out.print(
        f"{len(findings.repeated)} repeated, {len(findings.copied)} copies of test sentences, "
        f"{len(findings.conflicts)} with several intents",
        markup=False,
    )


def _place(item: Example, project: Path) -> str:
    return f"{item.file.relative_to(project)}:{item.line}"


def main(arguments: Sequence[str] | None = None, *, project: Path = PROJECT) -> int:
    """0, or 1 while a sentence has several intents."""
    parser = argparse.ArgumentParser(prog="python -m nlu.curate", description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="name what would go, change nothing")
    given = parser.parse_args(arguments)
    findings = curate(project, dry_run=given.dry_run)
    _tell(findings, project, Console(highlight=False, soft_wrap=True))
    return 1 if findings.conflicts else 0


if __name__ == "__main__":
    sys.exit(main())
