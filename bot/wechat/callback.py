"""The callback's envelope: who may call, how late, how often; opened on the way in, sealed on the way out."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
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
from bot.wechat.markup import Fields, cdata, is_json, parse_fields
from bot.wechat.replies import NO_REPLY

MAX_BODY_BYTES = 512 * 1024
WINDOW_S = 600
"""How far a callback's timestamp may be off, in seconds, either way."""

_JSON = "application/json"
_MEDIA_TYPES = {"text/xml", "application/xml", _JSON, ""}
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
    """An opened callback: what the push says, and the cipher that opened it, None when it came plain."""

    fields: Fields = field(repr=False)
    cipher: MessageCipher | None = field(default=None, repr=False)


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
        """The push in a POST. Sent again it opens again; its nonce with another push does not.

        The digest that tells the two apart is that of the decrypted message: encrypted anew, the same message
        is another body.
        """
        _check_form(body, content_type)
        encrypted = query.get("encrypt_type", "raw") == "aes"
        if not encrypted or query.get("signature"):
            self._check_signature(query)
        if not encrypted and self._mode is Mode.SAFE:
            raise BadSignature("a plain callback to an account in safe mode")
        fields, message, cipher = self._opened(query, body, encrypted=encrypted)
        timestamp = self._check_time(query)
        if not await self._nonces.remember(query["nonce"], timestamp, sha256(message).hexdigest()):
            raise Replay("the nonce was used for another message")
        return Envelope(fields, cipher)

    def seal(self, reply: str, envelope: Envelope) -> str:
        """``reply`` as the body of the answer to ``envelope``, under the key that opened it.

        ``NO_REPLY`` stays as it is in every mode. Replies are XML also where pushes come as JSON: the
        platform documents no other form of them.
        """
        if reply == NO_REPLY or envelope.cipher is None:
            return reply
        encrypted = envelope.cipher.encrypt(reply.encode())
        timestamp, nonce = str(int(self._now())), secrets.token_hex(8)
        signature = sign(self._token, timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        )

    def _opened(
        self, query: Mapping[str, str], body: bytes, *, encrypted: bool
    ) -> tuple[Fields, bytes, MessageCipher | None]:
        """The push, the bytes that it was read from, and the cipher.

        No signature covers the plain fields that stand beside ``Encrypt`` in compatible mode, nor the query's
        word that nothing is encrypted: where there is an ``Encrypt``, it alone counts.
        """
        outer = parse_fields(body)
        if not encrypted and "Encrypt" not in outer:
            return outer, body, None
        sealed = outer.get("Encrypt")
        if not isinstance(sealed, str) or not sealed.isascii():
            raise Malformed("Encrypt is missing or not as documented")
        self._check_signature(query, sealed)
        message, cipher = self._decrypted(sealed)
        return parse_fields(message), message, cipher

    def _decrypted(self, sealed: str) -> tuple[bytes, MessageCipher]:
        """Under the current key, else under the previous one; what reads as another app's ends the search."""
        for cipher in self._ciphers:
            with suppress(Malformed):
                return cipher.decrypt(sealed), cipher
        raise Malformed("the encrypted part does not decrypt under any key of the account")

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


def _check_form(body: bytes, content_type: str) -> None:
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise UnsupportedMedia("the body is declared neither as XML nor as JSON")
    if media_type == _JSON and not is_json(body):
        raise UnsupportedMedia("the body is declared as JSON, and is not")
