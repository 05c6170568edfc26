"""The callback's envelope: who may call, how late, how often; opened on the way in, sealed on the way out."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from bot.wechat.crypto import MessageCipher, sign, signed
from bot.wechat.errors import (
    BadSignature,
    Expired,
    Malformed,
    Replay,
    TooLarge,
    UnsupportedMedia,
)
from bot.wechat.markup import cdata, parse_fields
from bot.wechat.replies import NO_REPLY

MAX_BODY_BYTES = 512 * 1024
WINDOW_S = 600
"""How far a callback's timestamp may be off, in seconds, either way."""

_MEDIA_TYPES = {"text/xml", "application/xml", ""}
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[!-~]{1,128}")
# It is sent back, so nothing passes that a browser could take for markup.
_ECHO = re.compile(r"[A-Za-z0-9+/=_-]{1,256}")


class Mode(StrEnum):
    """The console's setting 消息加解密方式."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


class NonceMemory(Protocol):
    """Remembers for at least twice ``WINDOW_S`` which message came under a nonce."""

    async def remember(self, nonce: str, timestamp: int, digest: str) -> bool:
        """False when this nonce and timestamp came with another digest before."""
        ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened callback; ``encrypted`` says how its reply has to leave."""

    xml: bytes
    encrypted: bool


class CallbackCodec:
    """Opens callbacks of one account and seals the replies to them; raises nothing but ``CallbackError``.

    ``previous_aes_key`` keeps messages readable that WeChat still encrypts under the old key after a change.
    """

    def __init__(
        self,
        app_id: str,
        token: str,
        nonces: NonceMemory,
        *,
        encoding_aes_key: str = "",
        previous_aes_key: str = "",
        mode: Mode = Mode.SAFE,
        now: Callable[[], float] = time.time,
    ) -> None:
        keys = [key for key in (encoding_aes_key, previous_aes_key) if key]
        if mode is not Mode.PLAIN and not encoding_aes_key:
            raise ValueError(f"mode {mode} needs an EncodingAESKey")
        self._ciphers = [MessageCipher(key, app_id) for key in keys]
        self._token = token
        self._nonces = nonces
        self._mode = mode
        self._now = now

    def verify_url(self, query: Mapping[str, str]) -> str:
        """The ``echostr`` that proves to WeChat that this address is ours."""
        self._check_signature(query)
        self._check_time(query)
        echo = query.get("echostr", "")
        if not _ECHO.fullmatch(echo):
            raise Malformed("echostr is missing or not as documented")
        return echo

    async def open(self, query: Mapping[str, str], body: bytes, content_type: str) -> Envelope:
        """The message in a POST. Sent again it opens again; its nonce with another message does not.

        The digest that tells the two apart is that of the decrypted message: encrypted anew, the same message
        is another body.
        """
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
        if content_type.partition(";")[0].strip().lower() not in _MEDIA_TYPES:
            raise UnsupportedMedia("the body is not declared as XML")
        encrypted = query.get("encrypt_type", "raw") == "aes"
        xml = self._decrypted(query, body) if encrypted else self._plain(query, body)
        timestamp = self._check_time(query)
        if not await self._nonces.remember(query["nonce"], timestamp, sha256(xml).hexdigest()):
            raise Replay("the nonce was used for another message")
        return Envelope(xml, encrypted)

    def seal(self, reply: str, envelope: Envelope) -> str:
        """``reply`` as the body of the answer to ``envelope``; ``NO_REPLY`` stays as it is in every mode."""
        if reply == NO_REPLY or not envelope.encrypted:
            return reply
        encrypted = self._ciphers[0].encrypt(reply.encode())
        timestamp, nonce = str(int(self._now())), secrets.token_hex(8)
        signature = sign(self._token, timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        )

    def _plain(self, query: Mapping[str, str], body: bytes) -> bytes:
        self._check_signature(query)
        if self._mode is Mode.SAFE:
            raise BadSignature("a plain callback to an account in safe mode")
        return body

    def _decrypted(self, query: Mapping[str, str], body: bytes) -> bytes:
        if not self._ciphers:
            raise Malformed("an encrypted callback to an account without an EncodingAESKey")
        if query.get("signature"):
            self._check_signature(query)
        encrypted = parse_fields(body).get("Encrypt")
        if not isinstance(encrypted, str) or not encrypted.isascii():
            raise Malformed("Encrypt is missing or not as documented")
        self._check_signature(query, encrypted)
        return self._decrypt(encrypted)

    def _decrypt(self, encrypted: str) -> bytes:
        """Under the current key, else under the previous one; what reads as another app's ends the search."""
        for cipher in self._ciphers[:-1]:
            try:
                return cipher.decrypt(encrypted)
            except Malformed:
                continue
        return self._ciphers[-1].decrypt(encrypted)

    def _check_signature(self, query: Mapping[str, str], *encrypted: str) -> None:
        """The URL's own signature, or, with the encrypted part given, the message's."""
        signature = query.get("msg_signature" if encrypted else "signature")
        if not signature:
            raise BadSignature("a signature is missing")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
            raise Malformed("timestamp or nonce is missing or not as documented")
        if not signed(signature, self._token, timestamp, nonce, *encrypted):
            raise BadSignature("a signature does not fit")

    def _check_time(self, query: Mapping[str, str]) -> int:
        timestamp = int(query["timestamp"])
        if abs(self._now() - timestamp) > WINDOW_S:
            raise Expired(f"the timestamp is more than {WINDOW_S} seconds off")
        return timestamp
