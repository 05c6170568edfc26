"""How names and numbers are shown to whoever need not know them whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import masked_id_number, masked_name, masked_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三丰", "张**"),
        ("张三", "张*"),
        ("欧阳修远", "欧***"),
        ("张", "张*"),
        ("", ""),
        (" 张三 ", "张*"),
        ("𠮷野", "𠮷*"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("0512-65221234", "051******1234"),
        ("65221234", "********"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_id_numbers_show_neither_district_nor_birthday() -> None:
    assert masked_id_number("320583198001011234") == "3205**********1234"
    assert masked_id_number("320583800101123") == "3205*******1123"


@given(st.text())
def test_much_is_hidden_of_whatever_it_is(text: str) -> None:
    plain = text.strip()
    for mask, most in ((masked_phone, 7), (masked_id_number, 8)):
        shown = mask(text)
        assert len(shown) == len(plain)
        assert sum(one == other != "*" for one, other in zip(shown, plain, strict=True)) <= most
        assert shown.count("*") * 5 >= len(plain) or plain.count("*")
    if len(plain) > 1:
        assert plain[1:] not in masked_name(text) or set(plain[1:]) == {"*"}
