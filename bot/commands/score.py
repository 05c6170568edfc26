"""`run.py score`: the scores of all companies that agreed to it, or of some."""

import argparse

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import schema
from bot.commands.terminal import err, out
from bot.config import Settings
from bot.scoring import scorer_of
from domain.companies import Uscc
from domain.credit.registry import RegistryError
from domain.database import Database
from domain.scores.run import Scoring, Tally
from domain.scores.scorecard import ScorecardError

DONE, UNUSABLE = 0, 2
_CODES = TypeAdapter(list[Uscc])


def arguments(parser: argparse.ArgumentParser) -> None:
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--all", action="store_true", help="everybody who is not scored today (the default)")
    whom.add_argument(
        "--uscc", action="append", metavar="CODE", help="this company, scored today or not; may be repeated"
    )


async def run(settings: Settings, given: argparse.Namespace) -> int:
    try:
        codes = _CODES.validate_python(given.uscc or [])
        scorer = scorer_of(settings)
    except ValidationError as error:
        err.print(f"统一社会信用代码有误：{error.errors()[0]['input']}", markup=False)
        return UNUSABLE
    except (ScorecardError, RegistryError) as error:
        err.print(f"评分卡不能用：\n{error}", markup=False)
        return UNUSABLE
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        tally = await _score(Scoring(database, scorer), codes, err)
    finally:
        await database.aclose()
    out.print(
        f"评分 {tally.scored} 家：有评分 {tally.scored - tally.without} 家，信息不足 {tally.without} 家，"
        f"与上次相同 {tally.unchanged} 家。"
    )
    if passed_over := len(set(codes)) - tally.scored if codes else 0:
        out.print(f"另有 {passed_over} 家没有授权平台评分，已略过。")
    return DONE


async def _score(scoring: Scoring, codes: list[str], err: Console) -> Tally:
    if codes:
        return await scoring.these(codes)
    total = await scoring.count_due()
    columns = TextColumn("评分"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=total)
        return await scoring.all(lambda count: progress.advance(task, count))
