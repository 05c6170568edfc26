"""Template fields: whatever a notice says, WeChat takes it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.sandbox.template_messages import valid_value
from notify.fields import fit

MOMENT = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
words = st.text() | st.text("苏州恒达精密机械有限公司·融资需求 ABCxyz 123.…\n\t")
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
figures = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize("field", ["thing1", "character_string2", "number3", "phrase4", "name5"])
@given(value=words | figures | moments)
def test_any_value_fits(field: str, value: str | int | datetime) -> None:
    assert valid_value(field, fit(field, value))


@given(st.integers(0, 10**14))
def test_any_amount_fits(amount: int) -> None:
    assert valid_value("amount1", fit("amount1", amount))


@pytest.mark.parametrize("field", ["time1", "date2"])
@given(moment=moments)
def test_any_moment_fits(field: str, moment: datetime) -> None:
    assert valid_value(field, fit(field, moment))


def test_every_configured_field_has_a_known_type() -> None:
    templates = config.load().wechat.templates.by_notice()
    fields = {field for template in templates.values() for field in template.fields}
    assert {field.rstrip("0123456789") for field in fields} <= {
        "thing",
        "character_string",
        "amount",
        "phrase",
        "time",
        "name",
    }


@pytest.mark.parametrize(
    ("field", "value", "carried"),
    [
        ("thing1", "购买设备融资需求", "购买设备融资需求"),
        ("thing1", "一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"),
        ("thing1", "一二三四五六七八九十一二三四五六七八九十多", "一二三四五六七八九十一二三四五六七八九…"),
        ("thing1", "两\n行 ", "两 行"),
        ("thing1", "", "-"),
        ("character_string1", "RQ261123-7F3K2MPX", "RQ261123-7F3K2MPX"),
        ("character_string1", "编号RQ1", "RQ1"),
        ("amount3", 1_500_000, "1500000元"),
        ("amount3", 0, "0元"),
        ("amount3", 10**12, "9999999999元"),
        ("number1", -3, "-3"),
        ("phrase4", "已发布", "已发布"),
        ("phrase4", "已经为您发布", "已经为您发"),
        ("phrase4", "OK", "无"),
        ("time5", MOMENT, "2026-11-24 00:05"),
        ("date5", MOMENT, "2026-11-24"),
        ("name2", "王经理", "王经理"),
        ("name2", "John Smith", "John Smith"),
        ("name2", "王 (经理)", "王经理"),
    ],
)
def test_what_a_field_carries(field: str, value: str | int | datetime, carried: str) -> None:
    assert fit(field, value) == carried
