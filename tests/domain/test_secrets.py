"""Encryption at rest: readable with the key and purpose alone."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.secrets import KEY_BYTES, Cipher, UnreadableSecret, decode_key, new_key

KEY = decode_key(new_key())
PHONE = "13812345678"


@given(st.text())
def test_what_is_encrypted_comes_back(text: str) -> None:
    assert Cipher(KEY).decrypt(Cipher(KEY).encrypt(text, "phone"), "phone") == text


def test_the_same_text_never_looks_the_same() -> None:
    blobs = {Cipher(KEY).encrypt(PHONE, "phone") for _ in range(50)}
    assert len(blobs) == 50
    assert not any(PHONE.encode() in blob for blob in blobs)


@given(st.data())
def test_one_changed_bit_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(Cipher(KEY).encrypt(PHONE, "phone"))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnreadableSecret):
        Cipher(KEY).decrypt(bytes(blob), "phone")


def test_a_phone_cannot_be_passed_off_as_a_name() -> None:
    with pytest.raises(UnreadableSecret):
        Cipher(KEY).decrypt(Cipher(KEY).encrypt(PHONE, "phone"), "contact")


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_what_was_cut_short_is_unreadable(length: int) -> None:
    with pytest.raises(UnreadableSecret):
        Cipher(KEY).decrypt(Cipher(KEY).encrypt(PHONE, "phone")[:length], "phone")


def test_another_key_reads_nothing() -> None:
    with pytest.raises(UnreadableSecret):
        Cipher(decode_key(new_key())).decrypt(Cipher(KEY).encrypt(PHONE, "phone"), "phone")


def test_new_keys_are_keys() -> None:
    assert len(decode_key(new_key())) == KEY_BYTES
    assert new_key() != new_key()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has 0 bytes"),
        (base64.b64encode(bytes(16)).decode(), "has 16 bytes"),
        ("不是 base64", "base64|ASCII"),
        ("a" * 43, "base64"),
    ],
)
def test_a_key_that_is_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode_key(text)
