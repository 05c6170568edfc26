"""`run.py rotate-keys`: what is encrypted is sealed with the current key, while the service goes on."""

import argparse
import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import schema
from bot.account import cipher_of
from bot.commands import terminal
from bot.config import Settings
from domain.database import Database
from domain.secrets import Cipher
from domain.secrets_columns import SEALED, Sealed
from domain.secrets_rotation import Standing, rotate, survey

DONE, LEFT = 0, 1
# Longer than another process sleeps before it tries for that writer again.
_PAUSE_SECONDS = 0.2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="count what has old keys, change nothing")


async def run(settings: Settings, given: argparse.Namespace) -> int:
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        return await renew(
            database, cipher_of(settings), terminal.out, terminal.err, dry_run=bool(given.dry_run)
        )
    finally:
        await database.aclose()


async def renew(
    database: Database,
    cipher: Cipher,
    out: Console,
    err: Console,
    *,
    columns: Sequence[Sealed] = SEALED,
    dry_run: bool = False,
) -> int:
    """Seal anew what has other keys, then count what is left; 0 when nothing is, else 1."""
    if not dry_run:
        with _progress(err) as progress:
            for standing in await _standings(database, cipher, columns):
                task = progress.add_task(standing.column.name, total=standing.left + standing.stale_indexes)
                await _all_of(database, cipher, standing.column, partial(progress.advance, task))
    standings = await _standings(database, cipher, columns)
    for standing in standings:
        _tell(standing, out)
    if any(standing.left or standing.stale_indexes for standing in standings):
        out.print(_WHAT_TO_DO)
        return LEFT
    out.print(f"全部数据都由当前密钥（{cipher.key_id}）保护，以前的密钥可以从配置中去掉。")
    return DONE


_WHAT_TO_DO = (
    "还有数据不是由当前密钥保护的，以前的密钥请保留。"
    "先确认每个进程都已换上新配置并重启，再运行一次；"
    "仍有读不出的，找回它的密钥放进 secrets.previous_encryption_keys。"
)


async def _standings(database: Database, cipher: Cipher, columns: Sequence[Sealed]) -> list[Standing]:
    async with database.reading() as session:
        return await survey(session, cipher, columns)


async def _all_of(
    database: Database, cipher: Cipher, column: Sealed, advance: Callable[[int], object]
) -> None:
    """Once through the column, then again as long as that renews rows that others held at the time."""
    renewed = 1
    while renewed:
        renewed, last = 0, None
        while True:
            async with database.unit_of_work() as session:
                portion = await rotate(session, cipher, column, last, limit=column.portion)
            renewed, last = renewed + portion.renewed, portion.last
            advance(portion.renewed)
            if last is None:
                break
            if database.is_sqlite:
                await asyncio.sleep(_PAUSE_SECONDS)


def _tell(standing: Standing, out: Console) -> None:
    parts = [f"当前密钥 {standing.current} 行"]
    if older := standing.previous + standing.headless:
        parts.append(f"以前的密钥 {older} 行")
    if standing.unknown:
        parts.append(f"未知密钥 {standing.unknown} 行（{'、'.join(sorted(standing.unknown_keys))}）")
    if standing.lost:
        parts.append("其中有读不出的")
    if standing.stale_indexes:
        parts.append(f"索引待更新 {standing.stale_indexes} 行")
    out.print(f"{standing.column.name}：{'，'.join(parts)}", markup=False)


@contextmanager
def _progress(err: Console) -> Iterator[Progress]:
    """A bar a column on the terminal; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield progress
