"""Ciphertexts as they were before they said which key made them; databases still hold such."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def headless(key: bytes, text: str, purpose: str, nonce: bytes | None = None) -> bytes:
    nonce = nonce or os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), purpose.encode())
