"""`run.py migrate`: the database up to the present schema."""

import argparse

from bot import schema
from bot.commands.terminal import out
from bot.config import Settings
from domain.database import Database


def arguments(_: argparse.ArgumentParser) -> None:
    """None: there is one database, and one schema to bring it to."""


async def run(settings: Settings, _: argparse.Namespace) -> int:
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
    finally:
        await database.aclose()
    out.print("数据库已是最新结构。")
    return 0
