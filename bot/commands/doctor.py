"""`run.py doctor`: what is wrong with a deployment, and what to do about it."""

import argparse
from collections.abc import Sequence

from bot import logs
from bot.commands.terminal import out
from bot.config import ConfigError, Settings
from bot.doctor import examination, report
from bot.doctor.examination import Section


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


async def run(settings: Settings, given: argparse.Namespace) -> int:
    # The report is what is to be read here; the log has only what went wrong on the way.
    logs.configure(settings.log.model_copy(update={"level": "WARNING"}))
    return _report(await examination.examine(settings), given)


def unusable(error: ConfigError, given: argparse.Namespace) -> int:
    """A configuration that cannot be read is a finding like the others."""
    return _report(examination.unusable(str(error)), given)


def _report(sections: Sequence[Section], given: argparse.Namespace) -> int:
    if given.json:
        out.print(report.for_machines(sections), markup=False)
    else:
        report.print_for_people(sections, out)
    return 1 if report.problems(sections) else 0
