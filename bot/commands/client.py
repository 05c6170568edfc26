"""`run.py client`: who may call the API."""

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time

from pydantic import ValidationError
from rich.table import Column, Table

from bot import schema
from bot.commands.terminal import err, out
from bot.config import Settings
from domain import clients, institutions
from domain.base import SHANGHAI, utcnow
from domain.clients import ClientRow, NewClient, Role
from domain.database import Database
from domain.errors import Refusal
from domain.importing import rejections

DONE, REFUSED = 0, 2
_BY = "command line"
_LISTED = 500


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    create = actions.add_parser("create", help="make a client; its token is shown this once")
    create.add_argument("name", help="what it is called in lists")
    create.add_argument("--role", required=True, choices=list(Role))
    create.add_argument("--institution", help="name of the house, for an institution or a credit service")
    create.add_argument("--branch", help="the branch of an institution")
    create.add_argument(
        "--region", action="append", default=[], help="six-digit code of an office; repeatable"
    )
    create.add_argument("--expires", metavar="DATE", help="last day on which the token counts")
    actions.add_parser("list", help="show all clients")
    revoke = actions.add_parser("revoke", help="make a client's token void")
    revoke.add_argument("id")


async def run(settings: Settings, given: argparse.Namespace) -> int:
    act: Callable[[Database, argparse.Namespace], Awaitable[None]] = _ACTIONS[given.action]
    try:
        async with _database(settings) as database:
            await act(database, given)
    except ValidationError as error:
        for item in rejections(0, error):
            err.print(f"{item.field or '客户端'}：{item.reason}", markup=False)
    except Refusal as refusal:
        err.print(refusal.sentence, markup=False)
    else:
        return DONE
    return REFUSED


async def _create(database: Database, given: argparse.Namespace) -> None:
    new = NewClient.model_validate(
        {
            "name": given.name,
            "role": given.role,
            "institution": given.institution,
            "branch": given.branch,
            "regions": given.region,
            "expires_at": _end_of(given.expires) if given.expires else None,
        }
    )
    async with database.unit_of_work() as session:
        issued = clients.create(session, new, by=_BY, now=utcnow())
        known = await institutions.known_names(session)
    if new.role is Role.INSTITUTION and new.institution not in known:
        err.print(f"提醒：平台还没有「{new.institution}」这家机构，名称要与机构资料一致。", markup=False)
    err.print(f"已建立 {issued.row.id}。令牌只显示这一次，请妥善保存：", markup=False)
    out.print(issued.token, markup=False)


def _end_of(day: str) -> object:
    """The last moment of that day in China; what is no day is left for the format to refuse."""
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time.max, SHANGHAI)
    except ValueError:
        return day


async def _list(database: Database, _: argparse.Namespace) -> None:
    # Of the id not a letter may be missing: it is what `revoke` takes.
    table = Table(
        Column("编号", no_wrap=True), "名称", "角色", "机构或地区", "到期", "最近使用", "状态", box=None
    )
    place = None
    async with database.reading() as session:
        while rows := await clients.page(session, after=place, size=_LISTED):
            place = (rows[-1].created_at, rows[-1].id)
            for row in rows:
                table.add_row(*_cells(row))
    out.print(table)


def _cells(row: ClientRow) -> tuple[str, ...]:
    house = " ".join(filter(None, (row.institution, row.branch))) or "、".join(row.regions)
    times = (_shown(row.expires_at), _shown(row.last_used_at))
    return row.id, row.name, Role(row.role).label, house, *times, _state(row)


def _state(row: ClientRow) -> str:
    if row.revoked_at:
        return "已吊销"
    return "已到期" if row.expires_at and row.expires_at <= utcnow() else "有效"


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


async def _revoke(database: Database, given: argparse.Namespace) -> None:
    async with database.unit_of_work() as session:
        row = await clients.revoke(session, given.id, utcnow())
    out.print(f"{row.id}（{row.name}）的令牌已吊销。", markup=False)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        yield database
    finally:
        await database.aclose()


_ACTIONS = {"create": _create, "list": _list, "revoke": _revoke}
