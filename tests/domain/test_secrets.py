"""Encryption at rest: readable with the ring of keys and the purpose alone, whatever was current when."""

import base64
import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.secrets import (
    BLIND_INDEX_CHARS,
    HEAD_BYTES,
    KEY_BYTES,
    MARKS,
    Algorithm,
    Cipher,
    UnknownKey,
    UnreadableSecret,
    decode_key,
    key_id_of,
    new_key,
)
from tests.domain.headless import headless

KEY, OLDER, OLDEST, FOREIGN = (decode_key(new_key()) for _ in range(4))
PHONE = "13812345678"
RINGS = {algorithm: Cipher(KEY, previous=[OLDER, OLDEST], algorithm=algorithm) for algorithm in Algorithm}
every_ring = pytest.mark.parametrize("ring", RINGS.values(), ids=RINGS.keys())
algorithms = st.sampled_from(list(Algorithm))
roots = st.sampled_from([KEY, OLDER, OLDEST])
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, texts, algorithms)
def test_what_is_encrypted_comes_back(text: str, purpose: str, algorithm: Algorithm) -> None:
    assert RINGS[algorithm].decrypt(RINGS[algorithm].encrypt(text, purpose), purpose) == text


@given(st.binary())
def test_bytes_come_back_too(data: bytes) -> None:
    for ring in RINGS.values():
        blob = ring.encrypt_bytes(data, "material")
        assert ring.decrypt_bytes(blob, "material") == data
        assert len(blob) == HEAD_BYTES + 28 + len(data)


@given(texts, roots, algorithms, algorithms)
def test_whatever_key_and_algorithm_was_current_the_ring_reads_it(
    text: str, root: bytes, then: Algorithm, now: Algorithm
) -> None:
    blob = Cipher(root, algorithm=then).encrypt(text, "phone")
    assert RINGS[now].decrypt(blob, "phone") == text
    assert blob.startswith(RINGS[now].head) == (root == KEY and then == now)


@given(texts, roots)
def test_what_has_no_head_stays_readable(text: str, root: bytes) -> None:
    for ring in RINGS.values():
        assert ring.decrypt(headless(root, text, "phone"), "phone") == text


@pytest.mark.parametrize("mark", MARKS)
def test_a_nonce_that_looks_like_a_head_deceives_nobody(mark: bytes) -> None:
    ring = RINGS[Algorithm.AES_256_GCM]
    own = mark + bytes.fromhex(ring.key_id)
    for start in (own, mark + os.urandom(8)):
        assert len(start) == 12
        assert ring.decrypt(headless(OLDER, PHONE, "phone", nonce=start), "phone") == PHONE


@every_ring
def test_the_same_text_never_looks_the_same(ring: Cipher) -> None:
    blobs = {ring.encrypt(PHONE, "phone") for _ in range(50)}
    assert len({blob[HEAD_BYTES:] for blob in blobs}) == 50
    assert not any(PHONE.encode() in blob for blob in blobs)


@given(st.data(), algorithms)
def test_one_changed_bit_is_noticed(data: st.DataObject, algorithm: Algorithm) -> None:
    blob = bytearray(RINGS[algorithm].encrypt(PHONE, "phone"))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnreadableSecret):
        RINGS[algorithm].decrypt(bytes(blob), "phone")


@every_ring
def test_a_phone_cannot_be_passed_off_as_a_name(ring: Cipher) -> None:
    with pytest.raises(UnreadableSecret):
        ring.decrypt(ring.encrypt(PHONE, "phone"), "contact")


@every_ring
def test_what_was_cut_short_is_unreadable(ring: Cipher) -> None:
    blob = ring.encrypt(PHONE, "phone")
    for length in range(len(blob)):
        with pytest.raises(UnreadableSecret):
            ring.decrypt(blob[:length], "phone")


@every_ring
def test_a_key_outside_the_ring_reads_nothing_and_is_named(ring: Cipher) -> None:
    foreign = Cipher(FOREIGN)
    with pytest.raises(UnknownKey) as refused:
        ring.decrypt(foreign.encrypt(PHONE, "phone"), "phone")
    assert refused.value.key_id == foreign.key_id == key_id_of(foreign.encrypt("", "phone"))
    with pytest.raises(UnreadableSecret) as unnamed:
        ring.decrypt(headless(FOREIGN, PHONE, "phone"), "phone")
    assert not isinstance(unnamed.value, UnknownKey)


@every_ring
def test_neither_key_nor_text_shows(ring: Cipher) -> None:
    shown = f"{ring!r} {ring}"
    for root in (KEY, OLDER, OLDEST):
        for form in (root.hex(), base64.b64encode(root).decode(), repr(root)[2:-1]):
            assert form not in shown
    with pytest.raises(UnreadableSecret) as refused:
        ring.decrypt(ring.encrypt(PHONE, "phone"), "contact")
    assert PHONE not in f"{refused.value!r}"


def test_the_same_key_twice_in_the_ring_is_one() -> None:
    assert len(Cipher(KEY, previous=[KEY, OLDER]).key_ids) == 2


@given(texts)
def test_a_blind_index_stays_when_a_key_is_added(text: str) -> None:
    before = Cipher(OLDEST).blind_index(text, "id_number")
    assert Cipher(OLDER, previous=[OLDEST]).blind_index(text, "id_number") == before
    assert RINGS[Algorithm.SM4_GCM].blind_index(text, "id_number") == before
    assert Cipher(KEY, index_key=OLDEST).blind_index(text, "id_number") == before
    assert len(before) <= BLIND_INDEX_CHARS


@given(texts, texts)
def test_equal_indexes_are_equal_values(one: str, other: str) -> None:
    ring = RINGS[Algorithm.AES_256_GCM]
    same = ring.blind_index(one, "id_number") == ring.blind_index(other, "id_number")
    assert not same or folded(one) == folded(other)
    assert ring.blind_index(one, "id_number") != ring.blind_index(one, "phone")
    assert ring.blind_index(one, "id_number") != Cipher(KEY).blind_index(one, "id_number")


def folded(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())


@pytest.mark.parametrize(
    ("purpose", "one", "other"),
    [
        ("id_number", "11010519491231002X", "１１０１０５ 19491231 002x"),
        ("id_number", "11010519491231002X", "110105-19491231-002Ｘ"),
        ("phone", "13812345678", "+86 138-1234-5678"),
        ("phone", "13812345678", "0086 138 1234 5678"),
        ("phone", "13812345678", "013812345678"),
        ("phone", "051265221234", "0512-65221234"),
    ],
)
def test_one_value_written_in_two_ways_is_found(purpose: str, one: str, other: str) -> None:
    ring = RINGS[Algorithm.AES_256_GCM]
    assert ring.blind_index(one, purpose) == ring.blind_index(other, purpose)


def test_a_blind_index_says_which_key_made_it_and_nothing_else() -> None:
    ring = RINGS[Algorithm.AES_256_GCM]
    assert ring.blind_index(PHONE, "phone").startswith(ring.index_head)
    assert Cipher(FOREIGN).index_head != ring.index_head
    assert PHONE not in ring.blind_index(PHONE, "phone")


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
