"""Limits of template fields by their type, and the account's file."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.account import SandboxAccount
from bot.sandbox.envelope import Encryption, Envelope, to_xml
from bot.sandbox.template_messages import valid_value
from tests.bot.sandbox.templates import load_templates

GOOD = [
    ("thing1", "长" * 20),
    ("character_string1", "RQ-2026/0001"),
    ("number1", "-12.50"),
    ("letter1", "ABC"),
    ("symbol1", "★"),
    ("time1", "2026年11月23日 09:05"),
    ("time1", "09:05"),
    ("time1", "2026-11-23 09:05:00"),
    ("time1", "2026年11月1日~2026年12月31日"),
    ("date1", "2026-11-23"),
    ("date1", "2026年11月"),
    ("amount1", "¥500000.00元"),
    ("amount1", "500000元"),
    ("phone_number1", "+86-0512-65111111"),
    ("car_number1", "苏E12345"),
    ("name1", "欧阳明月"),
    ("name1", "John Smith"),
    ("phrase1", "审核通过"),
    ("const1", "已受理"),
]
BAD = [
    ("thing1", "长" * 21),
    ("thing1", ""),
    ("thing1", "   "),
    ("thing1", "两\n行"),
    ("character_string1", "编号1"),
    ("character_string1", "x" * 33),
    ("number1", "十二"),
    ("number1", "1" * 33),
    ("letter1", "中"),
    ("letter1", "a1"),
    ("symbol1", "★★★★★★"),
    ("time1", "25:00"),
    ("time1", "明天"),
    ("time1", "2026-11/23"),
    ("time1", "2026-13-01"),
    ("time1", "09:00~10:00~11:00"),
    ("date1", "2026年"),
    ("amount1", "50万元"),
    ("amount1", "12345678901"),
    ("amount1", "¥¥5"),
    ("phone_number1", "1" * 18),
    ("phone_number1", "电话"),
    ("car_number1", "苏E12345678"),
    ("name1", "欧" * 11),
    ("name1", "a" * 21),
    ("phrase1", "正在审核中啦"),
    ("phrase1", "ok"),
    ("const1", "长" * 21),
    ("hologram1", "x"),
    ("thing", "没有编号"),
]


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_values_that_wechat_takes(key: str, value: str) -> None:
    assert valid_value(key, value)


@pytest.mark.parametrize(("key", "value"), BAD)
def test_values_that_wechat_refuses(key: str, value: str) -> None:
    assert not valid_value(key, value)


def test_the_library_knows_the_type_of_each_field() -> None:
    templates = load_templates()
    assert len({template.template_id for template in templates}) == len(templates) == 13
    samples = {
        "thing": "事",
        "character_string": "a",
        "amount": "1元",
        "phrase": "通过",
        "time": "09:00",
        "name": "王",
    }
    for template in templates:
        data = {key: {"value": samples[key.rstrip("0123456789")]} for key in template.fields}
        assert [row.key for row in template.rows(data)] == list(template.fields)


def test_the_account_survives_a_restart_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "sandbox" / "account.json"
    account = SandboxAccount.load_or_create(path)
    assert SandboxAccount.load_or_create(path) == account
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["account.json"]
    assert SandboxAccount.generate() != account


def test_printing_the_account_tells_no_secret() -> None:
    account = SandboxAccount.generate()
    for secret in (account.app_secret, account.token, account.encoding_aes_key):
        assert secret not in repr(account)


ACCOUNT = SandboxAccount.generate()


@given(st.text(min_size=1))
def test_whatever_is_sealed_can_be_opened(text: str) -> None:
    envelope = Envelope(ACCOUNT, Encryption.SAFE)
    push = envelope.seal("http://x.cn/wechat", "oAnn", {"Content": "x" + text + "x"}, 1_700_000_000)
    query = push.url.query
    body = push.body.decode()
    cipher = body[body.index("<Encrypt>") : body.index("</xml>")]
    parts = to_xml(
        {"MsgSignature": query["msg_signature"], "TimeStamp": query["timestamp"], "Nonce": query["nonce"]}
    )
    opened = envelope.open_reply(parts.replace("</xml>", cipher + "</xml>"))
    kept = opened["Content"]
    assert kept[0] == kept[-1] == "x"
    # A parser turns carriage returns into line feeds; what XML cannot carry is left out.
    expected = (
        char for char in text.replace("\r\n", "\n").replace("\r", "\n") if char in "\t\n" or char >= " "
    )
    assert kept[1:-1] == "".join(char for char in expected if char not in "\ufffe\uffff" and char.encode())
