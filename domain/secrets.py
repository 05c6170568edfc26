"""Encryption at rest of phone numbers, ID numbers and the like, by keys from outside that can be changed.

A ciphertext says how it was made, so that keys and algorithms change while the service runs:

    "RQ" · version · algorithm · id of the key (8 bytes) · nonce (12 bytes) · text and tag

Before keys could be changed there was no such head, only nonce, text and tag of AES-256-GCM under the key
itself; those stay readable. A nonce may by chance look like a head: the tag decides, never the look.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
# What a column for a blind index must hold; today's have 60 characters.
BLIND_INDEX_CHARS = 64
_NONCE_BYTES = 12
_TAG_BYTES = 16
_ID_BYTES = 8
_MAGIC = b"RQ\x01"
HEAD_BYTES = len(_MAGIC) + 1 + _ID_BYTES


class Algorithm(StrEnum):
    """How texts are sealed; SM4 is what audits of classified protection (等保) ask for."""

    AES_256_GCM = "aes-256-gcm"
    SM4_GCM = "sm4-gcm"


# The byte in the head; never given to another algorithm.
_CODES = {Algorithm.AES_256_GCM: b"\x01", Algorithm.SM4_GCM: b"\x02"}
# What a head begins with.
MARKS = tuple(_MAGIC + code for code in _CODES.values())


class UnreadableSecret(Exception):
    """Stored with another key or for another purpose, or damaged; its text is the purpose."""


class UnknownKey(UnreadableSecret):
    """Sealed with a key that is not in the ring; `key_id` says which."""

    def __init__(self, purpose: str, key_id: str) -> None:
        super().__init__(purpose)
        self.key_id = key_id


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """The text with its tag behind it."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Raises InvalidTag where anything differs, ValueError where there is no tag."""


class _Sm4Gcm:
    """SM4 in the shape of the library's AEAD classes, among which it is missing."""

    def __init__(self, key: bytes) -> None:
        self._sm4 = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        encryptor = ciphers.Cipher(self._sm4, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        # The whole tag or nothing: GCM would take a shorter one, which is easier to guess.
        text, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        decryptor = ciphers.Cipher(self._sm4, GCM(nonce, tag, min_tag_length=_TAG_BYTES)).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(text) + decryptor.finalize()


class _Key:
    """One key of the ring, with what is derived from it."""

    def __init__(self, root: bytes) -> None:
        self.id = _derived(root, "key id", _ID_BYTES)
        self.headless: _Aead = AESGCM(root)
        self.by_code: Mapping[bytes, _Aead] = {
            _CODES[Algorithm.AES_256_GCM]: AESGCM(_derived(root, Algorithm.AES_256_GCM, 32)),
            _CODES[Algorithm.SM4_GCM]: _Sm4Gcm(_derived(root, Algorithm.SM4_GCM, 16)),
        }


class Cipher:
    """Seals with the current key and opens with any of the ring; makes blind indexes for looking things up.

    The purpose is bound to each ciphertext and index, so that a phone cannot be passed off as a name, nor the
    phones of two purposes be found to be the same. `previous` are keys that were current once, the latest
    first. Without `index_key` the oldest key of the ring makes the indexes: they stay when a key is added.
    """

    def __init__(
        self,
        key: bytes,
        *,
        previous: Sequence[bytes] = (),
        index_key: bytes | None = None,
        algorithm: Algorithm = Algorithm.AES_256_GCM,
    ) -> None:
        ring = [_Key(root) for root in (key, *previous)]
        self._current = ring[0]
        self._by_id = {member.id: member for member in reversed(ring)}
        self._aead = self._current.by_code[_CODES[algorithm]]
        self._index_root = index_key or (key, *previous)[-1]
        self.head = _MAGIC + _CODES[algorithm] + self._current.id
        self.index_head = _derived(self._index_root, "id of index key", _ID_BYTES).hex() + "."

    def __repr__(self) -> str:
        return f"<Cipher with key {self.key_id} and {len(self._by_id) - 1} previous>"

    @property
    def key_id(self) -> str:
        """Which key is current; says nothing about it."""
        return self._current.id.hex()

    @property
    def key_ids(self) -> frozenset[str]:
        """The keys that can be read with."""
        return frozenset(key_id.hex() for key_id in self._by_id)

    def encrypt(self, text: str, purpose: str) -> bytes:
        return self.encrypt_bytes(text.encode(), purpose)

    def decrypt(self, blob: bytes, purpose: str) -> str:
        """Raises UnknownKey or UnreadableSecret."""
        return self.decrypt_bytes(blob, purpose).decode()

    def encrypt_bytes(self, data: bytes, purpose: str) -> bytes:
        """`HEAD_BYTES` + 28 bytes longer than the data."""
        nonce = os.urandom(_NONCE_BYTES)
        return self.head + nonce + self._aead.encrypt(nonce, data, self.head + purpose.encode())

    def decrypt_bytes(self, blob: bytes, purpose: str) -> bytes:
        """Raises UnknownKey or UnreadableSecret."""
        for aead, sealed, associated in self._readings(blob, purpose.encode()):
            try:
                return aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated)
            except (InvalidTag, ValueError):  # ValueError: too short to hold nonce and tag
                continue
        named = key_id_of(blob)
        if named is None or named in self.key_ids:
            raise UnreadableSecret(purpose)
        raise UnknownKey(purpose, named)

    def _readings(self, blob: bytes, purpose: bytes) -> Iterator[tuple[_Aead, bytes, bytes]]:
        """The ways in which the blob may have been made: by its head, and without one by each key."""
        head = blob[:HEAD_BYTES]
        if head.startswith(MARKS) and (key := self._by_id.get(head[-_ID_BYTES:])):
            code = head[len(_MAGIC) : len(_MAGIC) + 1]
            yield key.by_code[code], blob[HEAD_BYTES:], head + purpose
        for key in self._by_id.values():
            yield key.headless, blob, purpose

    def blind_index(self, text: str, purpose: str) -> str:
        """By which equal texts are found without being readable: the same for every way of writing a value.

        At most BLIND_INDEX_CHARS characters. It begins with an id of the index key (`index_head`), so that
        those of another key can be told and made anew.
        """
        key = _derived(self._index_root, f"index of {purpose}", KEY_BYTES)
        normal = _NORMALISERS.get(purpose, _normal)(text)
        digest = hmac.digest(key, normal.encode(), hashlib.sha256)
        return self.index_head + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def key_id_of(blob: bytes) -> str | None:
    """The id of the key that sealed the blob; None where it has no head."""
    has_head = blob.startswith(MARKS) and len(blob) >= HEAD_BYTES
    return blob[HEAD_BYTES - _ID_BYTES : HEAD_BYTES].hex() if has_head else None


def decode_key(text: str) -> bytes:
    """The key of the configuration: 32 bytes in base64.

    Raises:
        ValueError: not base64, or not 32 bytes.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"has {len(key)} bytes in base64, must have {KEY_BYTES}")
    return key


def new_key() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _derived(root: bytes, use: str, length: int) -> bytes:
    """A key of its own for each use: none of them leads to the root or to another."""
    return HKDF(SHA256(), length, salt=None, info=f"rongqiao {use}".encode()).derive(root)


def _normal(text: str) -> str:
    """Full-width or half-width, in capitals or not, with spaces, dots and hyphens or without: one value."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in folded if character.isalnum())


def _normal_phone(text: str) -> str:
    """Without what is dialled before a mobile number."""
    return re.sub(r"^(?:0{0,2}86|0)(?=1\d{10}$)", "", _normal(text))


_NORMALISERS: Mapping[str, Callable[[str], str]] = {"phone": _normal_phone}
