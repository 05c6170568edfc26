"""The database: reachable, at the present schema, writable, and of our time."""

import time
from datetime import UTC, datetime
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import schema, tracebacks
from bot.doctor.finding import Finding, fine, warn, wrong
from bot.doctor.patient import Patient
from domain.database import Database

_SLOW_SECONDS = 0.2


async def examine(patient: Patient) -> list[Finding]:
    if missing := missing_file(patient.settings.database_url):
        return [missing]
    database = Database(patient.settings.database_url)
    try:
        async with database.engine.connect() as connection:
            return [await _reached(connection), *await _schema(connection)]
    except (SQLAlchemyError, OSError) as error:
        return [
            wrong(
                f"连不上数据库（{_cause(error)}）",
                "确认数据库在运行，database.url 的地址、用户、密码和库名都对；磁盘可读写",
            )
        ]
    finally:
        await database.aclose()


def missing_file(url: str) -> Finding | None:
    """SQLite would make the file by being asked for it."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    if Path(address.database).is_file():
        return None
    return wrong("数据库文件还不存在", "运行 run.py migrate，或先启动一次服务")


async def _reached(connection: AsyncConnection) -> Finding:
    began = time.monotonic()
    await connection.execute(text("SELECT 1"))
    took = time.monotonic() - began
    name = "SQLite" if connection.dialect.name == "sqlite" else "PostgreSQL"
    if took > _SLOW_SECONDS:
        return warn(f"{name} 回答一次要 {took * 1000:.0f} 毫秒", "检查到数据库的网络，尽量放在同一机房")
    return fine(f"{name} 有回应（{took * 1000:.1f} 毫秒）")


async def _schema(connection: AsyncConnection) -> list[Finding]:
    present, head = await connection.run_sync(_revisions)
    if present is None:
        return [wrong("数据库里还没有表", "运行 run.py migrate")]
    if present != head:
        return [wrong(f"表结构是 {present}，程序需要 {head}", "先备份，再运行 run.py migrate，然后重启服务")]
    return [fine(f"表结构是最新的（{head}）"), await _writable(connection)]


def _revisions(connection: Connection) -> tuple[str | None, str | None]:
    """That of the database, that of the code."""
    script = ScriptDirectory.from_config(schema.alembic_config(connection))
    return MigrationContext.configure(connection).get_current_revision(), script.get_current_head()


async def _writable(connection: AsyncConnection) -> Finding:
    """A write that changes nothing, taken back."""
    await connection.rollback()
    try:
        await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
    except SQLAlchemyError as error:
        return wrong(
            f"数据库不能写入（{_cause(error)}）", "检查是否连到了只读副本，磁盘是否写满，文件权限是否正确"
        )
    finally:
        await connection.rollback()
    return fine("可以写入")


async def clock_ahead(url: str) -> float | None:
    """By how many seconds the database's clock is ahead of ours; None where it is ours, or unknown."""
    if make_url(url).get_backend_name() == "sqlite":
        return None
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            there = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    except (SQLAlchemyError, OSError):
        return None
    finally:
        await database.aclose()
    return float((there - datetime.now(UTC)).total_seconds())


def _cause(error: BaseException) -> str:
    return tracebacks.of_driver(error) if isinstance(error, DBAPIError) else type(error).__name__
