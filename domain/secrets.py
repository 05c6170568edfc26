"""Encryption at rest of phone numbers and the like: AES-256-GCM with a key from outside."""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class UnreadableSecret(Exception):
    """Stored with another key, or damaged."""


class Cipher:
    """Encrypts short texts; the purpose is bound to each, so that a phone cannot be passed off as a name."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def encrypt(self, text: str, purpose: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, text.encode(), purpose.encode())

    def decrypt(self, blob: bytes, purpose: str) -> str:
        try:
            plain = self._aead.decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise UnreadableSecret(purpose) from error
        return plain.decode()


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
