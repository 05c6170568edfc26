"""WeChat's message encryption and its signatures.

The cipher is wechatpy's. The frame around it is ours: wechatpy compares in variable time, verifies neither
padding nor length, and lets bad input out as half a dozen unrelated exceptions.
"""

import base64
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.padding import PKCS7
from wechatpy.crypto.base import WeChatCipher
from wechatpy.utils import WeChatSigner

from bot.wechat.errors import Malformed, WrongApp

_BLOCK_BITS = 256  # WeChat pads to 32 bytes, not to the 16 of AES
_SALT_BYTES = 16
_LENGTH = struct.Struct(">I")
_HEAD_BYTES = _SALT_BYTES + _LENGTH.size
_KEY_CHARS = 43


def sign(*parts: str) -> str:
    """SHA-1 in hex over the sorted parts, which WeChat uses for everything that it signs."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def signed(signature: str, *parts: str) -> bool:
    """Whether ``signature`` is that of the parts; takes the same time whatever it is."""
    return hmac.compare_digest(sign(*parts).encode(), signature.encode(errors="replace"))


class MessageCipher:
    """Encrypts and decrypts under one EncodingAESKey (43 characters, as the console shows it)."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        self._cipher = WeChatCipher(_key(encoding_aes_key))
        self._app_id = app_id.encode()

    def decrypt(self, text: str) -> bytes:
        """The message in ``text``; raises ``Malformed`` (another key among its causes) or ``WrongApp``."""
        try:
            padded = self._cipher.decrypt(base64.b64decode(text, validate=True))
            unpadder = PKCS7(_BLOCK_BITS).unpadder()
            plain = unpadder.update(padded) + unpadder.finalize()
            (length,) = _LENGTH.unpack_from(plain, _SALT_BYTES)
        except (ValueError, struct.error) as error:  # binascii's errors are ValueErrors too
            raise Malformed("the encrypted part does not decrypt") from error
        if _HEAD_BYTES + length > len(plain):
            raise Malformed("the encrypted part does not decrypt")
        message, app_id = plain[_HEAD_BYTES : _HEAD_BYTES + length], plain[_HEAD_BYTES + length :]
        if not hmac.compare_digest(app_id, self._app_id):
            raise WrongApp("the message was encrypted for another account")
        return bytes(message)

    def encrypt(self, message: bytes) -> str:
        plain = secrets.token_bytes(_SALT_BYTES) + _LENGTH.pack(len(message)) + message + self._app_id
        padder = PKCS7(_BLOCK_BITS).padder()
        return base64.b64encode(self._cipher.encrypt(padder.update(plain) + padder.finalize())).decode()


def _key(encoding_aes_key: str) -> bytes:
    try:
        key = base64.b64decode(f"{encoding_aes_key}=", validate=True)
    except ValueError:  # bad base64, or not ASCII
        key = b""
    if len(encoding_aes_key) != _KEY_CHARS or not key:
        raise ValueError(f"an EncodingAESKey has {_KEY_CHARS} characters out of A-Z, a-z, 0-9")
    return key
