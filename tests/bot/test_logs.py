"""Logs: structured, and without figures that belong to people."""

import json
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.config import Log


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


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


def test_the_event_and_tracebacks_are_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"))

    def fail() -> None:
        raise LookupError("13812345678 is not known")

    try:
        fail()
    except LookupError:
        structlog.get_logger().exception("failed for 13812345678")
    (line,) = written(capsys)
    assert line["event"] == "failed for 138****5678"
    assert "138****5678 is not known" in str(line["exception"])
    assert "13812345678" not in json.dumps(line)


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
