"""`run.py incentives`: what institutions have earned in a year, as a table; and closing the year."""

import argparse
import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot import schema
from bot.commands.terminal import err
from bot.config import Settings
from domain.base import today_in_china, utcnow
from domain.database import Database
from domain.errors import Refusal
from domain.incentives import reporting
from domain.incentives.lines import Unit
from domain.incentives.reporting import Report

DONE, REFUSED = 0, 2
_BY = "command line"
_COLUMNS = (
    "年度",
    "机构",
    "项目",
    "类型",
    "依据",
    "计算数据",
    "上限前（元）",
    "上限（元）",
    "结果（元）",
    "待核实",
    "出处",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("year", type=int, help="the year whose business is rewarded")
    parser.add_argument("--institution", metavar="NAME", help="the lines of this institution alone")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write a CSV file instead of showing it")
    parser.add_argument("--close", action="store_true", help="keep the report of the year as it is, for good")


async def run(settings: Settings, given: argparse.Namespace) -> int:
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        found = await _found(settings, database, given)
        _write(_table(found, given.institution), given.output)
    except Refusal as refusal:
        err.print(refusal.sentence, markup=False)
        return REFUSED
    except OSError as error:
        err.print(f"{given.output} 不能写入：{error.strerror}", markup=False)
        return REFUSED
    finally:
        await database.aclose()
    state = "已结账" if found.closed_at else "未结账，数字随贷款记录变动"
    err.print(f"{found.year}年，规则 {found.version}，{state}。输入数据校验值 {found.inputs}", markup=False)
    return DONE


async def _found(settings: Settings, database: Database, given: argparse.Namespace) -> Report:
    rules, now = settings.incentives.incentive_rules, utcnow()
    today = today_in_china(now)
    if given.close:
        return await reporting.close(database, rules, given.year, by=_BY, now=now, today=today)
    return await reporting.report(database, rules, given.year, today)


def _table(found: Report, institution: str | None) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(_rows(found, institution))
    return text.getvalue()


def _rows(found: Report, institution: str | None) -> Iterator[tuple[object, ...]]:
    lines = found.lines if institution is None else found.of(institution)
    for name, own in sorted(lines.items()):
        for line in own:
            yield (
                found.year,
                name,
                line["title"],
                Unit(line["unit"]).label,
                line["basis"],
                "；".join(f"{item['name']} {item['value']}" for item in line["figures"]),
                line["uncapped"],
                line["cap"],
                line["result"],
                "；".join(_gap(item) for item in line["open"]),
                line["source"],
            )


def _gap(item: dict[str, Any]) -> str:
    amount = "" if item["amount"] is None else f"（{item['amount']}元）"
    return f"{item['record']}{amount}：{item['reason']}"


def _write(table: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(table)
    else:
        # Excel takes a file for UTF-8 only if it says so.
        file.write_text(table, encoding="utf-8-sig", newline="")
