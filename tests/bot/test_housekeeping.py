"""What is over goes when its time is up; what is not over stays, however old."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from structlog.testing import capture_logs

from bot import app, config, schema
from bot.app import Role
from bot.housekeeping import Housekeeping, rules
from bot.sections import Retention
from domain import gated, retention
from domain.base import Row, table_of, utcnow
from domain.database import Database
from domain.events import OutboxRow
from domain.inbox import InboxRow
from domain.retention import Rule
from domain.unlabelled import UnlabelledRow
from notify.deliveries import Channel, DeliveryRow, DeliveryState, TemplateReceiptRow
from tests.domain.databases import POSTGRESQL, opened

KEPT = Retention(inbox_days=7, outbox_days=30, deliveries_days=180, receipts_days=30, unlabelled_days=90)
RULES = rules(KEPT)
HOUR = timedelta(hours=1)


def days(number: int) -> timedelta:
    return timedelta(days=number)


async def put(database: Database, table: type[Row], *rows: dict[str, Any]) -> None:
    async with database.unit_of_work() as session:
        await session.execute(insert(table), list(rows))


def answered(key: str, at: datetime) -> dict[str, Any]:
    return {"key": key, "openid": "oZhang", "received_at": at, "reply": {"text": "300万元"}, "late": False}


def event(number: int, created: datetime, handled: datetime | None) -> dict[str, Any]:
    name, error = "request.published", "KeyError" if number % 2 else None
    return {
        "id": number,
        "name": name,
        "payload": {},
        "created_at": created,
        "handled_at": handled,
        "error": error,
    }


def letter(number: int, state: DeliveryState, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "notice": "reply",
        "openid": "oZhang",
        "subject": str(number),
        "channel": Channel.CUSTOMER_MESSAGE,
        "content": {"text": "300万元"},
        "state": state,
        "attempts": 0,
        "not_before": at,
        "created_at": at,
    }


def receipt(msg_id: str, at: datetime) -> dict[str, Any]:
    return {"msg_id": msg_id, "status": "success", "received_at": at}


async def keys(database: Database, table: type[Row]) -> set[Any]:
    (key,) = table_of(table).primary_key
    async with database.reading() as session:
        return set(await session.scalars(select(key)))


async def count(database: Database, table: type[Row]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def clean(database: Database) -> Housekeeping:
    """A whole round."""
    housekeeping = Housekeeping(database, RULES)
    while await housekeeping.run_once():
        pass
    return housekeeping


def around(kept: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """An hour too old, and an hour too young."""
    return now - kept - HOUR, now - kept + HOUR


async def test_messages_go_after_a_week(database: Database) -> None:
    old, young = around(days(7), utcnow())
    await put(database, InboxRow, answered("old", old), answered("young", young), answered("new", utcnow()))
    await clean(database)
    assert await keys(database, InboxRow) == {"young", "new"}


async def test_events_go_a_month_after_they_were_handled_and_never_before(database: Database) -> None:
    old, young = around(days(30), utcnow())
    ancient = utcnow() - days(1000)
    await put(
        database,
        OutboxRow,
        event(1, ancient, old),
        event(2, ancient, old),
        event(3, ancient, young),
        event(4, ancient, None),
        event(5, ancient, None),
        event(6, utcnow(), utcnow()),
    )
    await clean(database)
    assert await keys(database, OutboxRow) == {3, 4, 5, 6}


async def test_deliveries_go_after_half_a_year_and_queued_ones_never(database: Database) -> None:
    old, young = around(days(180), utcnow())
    states = list(DeliveryState)
    rows = [letter(number, state, old) for number, state in enumerate(states)]
    rows += [letter(100 + number, state, young) for number, state in enumerate(states)]
    await put(database, DeliveryRow, *rows)
    await clean(database)
    queued = states.index(DeliveryState.QUEUED)
    assert await keys(database, DeliveryRow) == {queued, *range(100, 100 + len(states))}


async def test_receipts_go_after_a_month(database: Database) -> None:
    old, young = around(days(30), utcnow())
    await put(database, TemplateReceiptRow, receipt("old", old), receipt("young", young))
    await clean(database)
    assert await keys(database, TemplateReceiptRow) == {"young"}


def sentence(text: str, first: datetime, last: datetime) -> dict[str, Any]:
    seen = {"first_seen_at": first, "last_seen_at": last, "count": 2, "label": None, "labelled_at": None}
    return seen | {"text": text, "reason": "unsure", "intent": "inform", "confidence": 0.4, "model": "m"}


async def test_sentences_to_label_go_a_quarter_after_they_were_last_said(database: Database) -> None:
    old, young = around(days(90), utcnow())
    await put(database, UnlabelledRow, sentence("甲", old, old), sentence("乙", old, young))
    await clean(database)
    async with database.reading() as session:
        assert list(await session.scalars(select(UnlabelledRow.text))) == ["乙"]


async def test_many_go_in_portions_and_are_counted(database: Database) -> None:
    long_ago = utcnow() - days(1000)
    await put(database, InboxRow, *(answered(f"old:{number}", long_ago) for number in range(501)))
    await put(database, InboxRow, answered("new", utcnow()))
    housekeeping = Housekeeping(database, RULES)
    before = deleted_of("inbox")
    left = []
    with capture_logs() as logs:
        while await housekeeping.run_once():
            left.append(await count(database, InboxRow))
    assert left[:3] == [302, 102, 1]
    counts = {rule.name: 0 for rule in RULES} | {"inbox": 501}
    assert logs == [{"event": "old_rows_deleted", "log_level": "info"} | counts]
    assert deleted_of("inbox") == before + 501


def deleted_of(table: str) -> float:
    return REGISTRY.get_sample_value("rongqiao_old_rows_deleted_total", {"table": table}) or 0.0


async def test_until_an_hour_is_over_nothing_is_looked_for(database: Database) -> None:
    housekeeping = await clean(database)
    await put(database, InboxRow, answered("old", utcnow() - days(1000)))
    with capture_logs() as logs:
        assert not await housekeeping.run_once()
    assert (await keys(database, InboxRow), logs) == ({"old"}, [])


async def test_workers_that_do_it_at_once_delete_each_row_once(database: Database, database_url: str) -> None:
    long_ago = utcnow() - days(1000)
    await put(database, InboxRow, *(answered(f"old:{number}", long_ago) for number in range(700)))
    before = deleted_of("inbox")
    async with opened(database_url) as other:
        await asyncio.gather(clean(database), clean(database), clean(other))
    assert await count(database, InboxRow) == 0
    assert deleted_of("inbox") == before + 700


@pytest.mark.parametrize("rule", [it for it in RULES if isinstance(it, Rule)], ids=lambda rule: rule.name)
async def test_what_is_due_is_found_by_an_index(database: Database, backend: str, rule: Rule) -> None:
    on = postgresql.dialect() if backend == POSTGRESQL else sqlite.dialect()
    statement = retention.statement(rule, utcnow(), 200)
    query = str(statement.compile(dialect=on, compile_kwargs={"literal_binds": True}))
    async with database.unit_of_work() as session:
        if backend == POSTGRESQL:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if backend == POSTGRESQL else "EXPLAIN QUERY PLAN"
        connection = await session.connection()
        with gated.opened(connection.sync_connection):
            plan = str((await connection.exec_driver_sql(f"{explain} {query}")).all())
    assert "Seq Scan" not in plan
    assert "SCAN " not in plan.replace("Index Scan", "")
    assert rule.since.key in query


async def test_the_worker_does_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_CATALOGUE__SEED", "false")
    monkeypatch.setenv("RONGQIAO_RETENTION__INBOX_DAYS", "2")
    settings = config.load()
    async with opened(settings.database_url) as database:
        await schema.migrate(database)
        now = utcnow()
        await put(database, InboxRow, answered("old", now - days(3)), answered("young", now - days(1)))
        async with asyncio.timeout(20), app.running(settings, Role.WORKER):
            while await keys(database, InboxRow) != {"young"}:  # noqa: ASYNC110 - another's work is awaited
                await asyncio.sleep(0.05)
