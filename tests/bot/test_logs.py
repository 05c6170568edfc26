"""Logs: structured, and without figures that belong to people."""

import json
import logging
import sys
import warnings
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.sections import Log
from domain import trace
from domain.base import utcnow
from domain.database import Database
from domain.errors import StaleConversation
from domain.people import PersonRow
from tests.bot.pipes import given_back, written


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    with given_back():
        yield


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("电话13812345678，谢谢", "电话138****5678，谢谢"),
        ("32058319800101123X", "320****123X"),
        ("身份证 320583198001011234", "身份证 320****1234"),
        ("卡号6222021234567890123", "卡号622****0123"),
        ("two: 13812345678 13987654321", "two: 138****5678 139****4321"),
        ("RQ261123-7F3K2MPX", "RQ261123-7F3K2MPX"),
        ("1500000元", "1500000元"),
        ("errcode 40003", "errcode 40003"),
    ],
)
def test_ids_phones_and_cards_are_masked(capsys: pytest.CaptureFixture[str], said: str, kept: str) -> None:
    logs.configure(Log(format="json"))
    structlog.get_logger().warning("heard", text=said)
    (line,) = written(capsys)
    assert line["text"] == kept


@pytest.mark.parametrize(
    "value", [13812345678, ["13812345678"], {"phone": "13812345678"}, ("13812345678", {"id": 13812345678})]
)
def test_what_is_no_text_is_masked_too(capsys: pytest.CaptureFixture[str], value: object) -> None:
    logs.configure(Log(format="json"))
    structlog.get_logger().warning("heard", value=value)
    assert "13812345678" not in capsys.readouterr().err


def test_time_and_level_are_there_and_figures_stay_figures(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json", level="INFO"))
    log = structlog.get_logger()
    log.debug("quiet")
    log.info("loud", count=3, ready=True)
    (line,) = written(capsys)
    assert (line["event"], line["level"], line["count"], line["ready"]) == ("loud", "info", 3, True)
    assert str(line["timestamp"]).endswith("Z")


def failed(error: BaseException, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The line that logging `error` makes, after it was raised and caught."""
    logs.configure(Log(format="json"))
    try:
        raise error
    except type(error):
        structlog.get_logger().exception("failed for 13812345678")
    (line,) = written(capsys)
    return line


def test_a_traceback_says_where_and_what_kind_but_not_what_was_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = failed(LookupError("我想贷120万，电话13812345678"), capsys)
    assert line["event"] == "failed for 138****5678"
    shown = str(line["exception"])
    assert shown.splitlines()[0] == "LookupError"
    assert "tests/bot/test_logs.py:" in shown
    assert "120万" not in json.dumps(line, ensure_ascii=False)


def test_our_own_errors_keep_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    line = failed(StaleConversation("13812345678 is stale"), capsys)
    assert str(line["exception"]).splitlines()[0] == "StaleConversation: 138****5678 is stale"


def test_what_lies_behind_an_error_is_there_too(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            int("我家的事")
        except ValueError as behind:
            raise ConnectionRefusedError(111, "Connection refused") from behind
    except OSError as error:
        line = failed(ExceptionGroup("我家", [error]), capsys)
    shown = str(line["exception"])
    assert "ConnectionRefusedError: Connection refused" in shown
    assert "because of" in shown
    assert "ValueError" in shown
    assert "我家" not in shown


async def test_a_row_that_is_there_already_is_not_quoted(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Log(format="json"))
    try:
        for _ in range(2):
            async with database.unit_of_work() as session:
                session.add(
                    PersonRow(
                        openid="o" + "x" * 27, follows=True, first_seen_at=utcnow(), last_seen_at=utcnow()
                    )
                )
    except IntegrityError:
        structlog.get_logger().exception("doubled")
    (line,) = written(capsys)
    kind = "SQLITE_CONSTRAINT_PRIMARYKEY" if database.is_sqlite else "UniqueViolationError 23505"
    assert kind in str(line["exception"])
    assert "oxxx" not in json.dumps(line)


@pytest.mark.parametrize(
    "name", ["aiohttp.server", "asyncio", "alembic.runtime.migration", "sqlalchemy.pool"]
)
def test_libraries_write_through_the_same_pipe(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    with trace.bound("a" * 32):
        error = ValueError("13812345678")
        logging.getLogger(name).error("call of %s\nforged", "13812345678", exc_info=error)
    (line,) = written(capsys)
    assert (line["logger"], line["level"], line["trace"]) == (name, "error", "a" * 32)
    assert line["event"] == "call of 138****5678\\u000aforged"
    assert line["exception"] == "ValueError"
    assert "13812345678" not in json.dumps(line)


def test_libraries_keep_what_passes_through_them_to_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json", level="DEBUG"))
    logging.getLogger("asyncpg").debug("executing INSERT … 我想贷款")
    logging.getLogger("apscheduler").info("Running job")
    (line,) = written(capsys)
    assert line["event"] == "Running job"


def test_warnings_of_python_are_lines_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
    (line,) = written(capsys)
    assert line["logger"] == "py.warnings"


def test_what_nobody_caught_is_a_line_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    error = RuntimeError("我想贷款")
    sys.excepthook(type(error), error, None)
    (line,) = written(capsys)
    assert (line["event"], line["level"]) == ("crashed", "critical")
    assert "贷款" not in json.dumps(line, ensure_ascii=False)


def test_configured_again_each_line_comes_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        logs.configure(Log(format="json"))
    logging.getLogger("asyncio").warning("slow")
    assert len(written(capsys)) == 1


def test_on_a_terminal_nothing_forges_a_line_either(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="console"))
    structlog.get_logger().warning("heard\nforged", text="13812345678\x1b[2J")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_trace_is_on_every_line_until_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))
    with trace.bound("b" * 32):
        structlog.get_logger().info("inside")
        with trace.bound("c" * 32):
            structlog.get_logger().info("deeper")
    structlog.get_logger().info("outside")
    assert [line.get("trace") for line in written(capsys)] == ["b" * 32, "c" * 32, None]


def test_a_log_that_nobody_reads_any_more_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure(Log(format="json"))
    gone = StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    structlog.get_logger().warning("unheard")
    logging.getLogger("asyncio").warning("unheard")
