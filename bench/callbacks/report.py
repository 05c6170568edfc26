"""The figures as markdown: one row a load, then the ratios that matter."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.callbacks.messages import Crowd, Kind

HEAD = (
    "| server | message | people | concurrency | msg/s | p50 ms | p95 ms | p99 ms | answered |\n"
    "|---|---|---|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one load; `answered` of `total` messages got a text at once.

    `complaints` in the log meanwhile: with any, the figure is not that of the whole work.
    """

    server: str
    kind: Kind
    crowd: Crowd
    concurrency: int
    rate: float
    percentiles: tuple[float, float, float]
    answered: int
    total: int
    complaints: int

    def __str__(self) -> str:
        spread = " | ".join(f"{figure:.1f}" for figure in self.percentiles)
        what = f"{self.server} | {self.kind} | {self.crowd} | {self.concurrency}"
        trouble = f", {self.complaints} complaints" if self.complaints else ""
        return f"| {what} | {self.rate:.0f} | {spread} | {self.answered}/{self.total}{trouble} |"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Messages a second of one kind at one server over those of another."""

    name: str
    aim: str
    above: tuple[str, Kind]
    below: tuple[str, Kind]


def machine() -> str:
    load = f"load average at the beginning {os.getloadavg()[0]:.1f}"
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {load}"


def _processor() -> str:
    """Linux' name of it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


def ratios(rows: Sequence[Row], wanted: Sequence[Ratio], concurrencies: Sequence[int]) -> str:
    """A table of those ratios whose both sides were measured; empty if there is none."""
    rates = {(row.server, row.kind, row.concurrency): row.rate for row in rows if row.crowd is Crowd.NEW}
    lines = []
    for ratio in wanted:
        cells = [
            f"{rates[*ratio.above, number] / rates[*ratio.below, number]:.2f}"
            for number in concurrencies
            if (*ratio.above, number) in rates and (*ratio.below, number) in rates
        ]
        if cells:
            lines.append(f"| {ratio.name} | {ratio.aim} | {' | '.join(cells)} |")
    if not lines:
        return ""
    head = "| ratio | aim | " + " | ".join(f"at {number}" for number in concurrencies) + " |"
    return "\n".join([head, "|---|---|" + "--:|" * len(concurrencies), *lines])
