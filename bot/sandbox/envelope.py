"""XML and encryption of callbacks, by wechatpy's own primitives: independent of the product under test."""

import secrets
import struct
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner
from yarl import URL

from bot.sandbox.account import SandboxAccount
from bot.sandbox.errors import BadEnvelopeError

_FOUR_PARTS = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
# Everything that wechatpy lets through from bad input, besides its own exceptions.
_BAD_INPUT = (WeChatException, ValueError, struct.error, Base64Error, KeyError, TypeError, IndexError)


class Encryption(StrEnum):
    SAFE = "safe"
    COMPATIBLE = "compatible"
    PLAIN = "plain"


@dataclass(frozen=True)
class Push:
    """One callback as it goes over the wire; sent again, it is the very same."""

    url: URL
    body: bytes
    openid: str
    fields: Mapping[str, Any]
    is_event: bool


def to_xml(fields: Mapping[str, Any]) -> str:
    return "<xml>" + "".join(_element(name, value) for name, value in fields.items()) + "</xml>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>" + "".join(_element(key, inner) for key, inner in value.items()) + f"</{name}>"
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, (int, float)):
        return f"<{name}>{value}</{name}>"
    # "]]>" would end the section early; the split keeps the text whole for every parser.
    text = "".join(char for char in str(value) if _allowed(char)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def _allowed(char: str) -> bool:
    """Whether XML 1.0 can carry the character at all."""
    return char in "\t\n\r" or (
        char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff"
    )


def from_xml(text: str) -> dict[str, Any]:
    try:
        tree = xmltodict.parse(text)
    except (ExpatError, ValueError) as error:
        raise BadEnvelopeError(f"回复不是 XML：{error}") from error
    root = tree.get("xml")
    if not isinstance(root, dict):
        raise BadEnvelopeError("回复的根元素不是 <xml>")
    return root


class Envelope:
    """Seals pushes and opens replies for one account."""

    def __init__(self, account: SandboxAccount, mode: Encryption) -> None:
        self.mode = mode
        self._account = account
        self._crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)

    def seal(self, callback_url: str, openid: str, fields: Mapping[str, Any], timestamp: int) -> Push:
        """`timestamp` in seconds goes into the signature."""
        stamp, nonce = str(timestamp), str(secrets.randbelow(10**10))
        query = {"signature": self._sign(stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": openid}
        sent: dict[str, Any] = dict(fields) if self.mode is not Encryption.SAFE else {}
        if self.mode is not Encryption.PLAIN:
            cipher = PrpCrypto(self._crypto.key).encrypt(to_xml(fields), self._account.app_id).decode()
            query |= {"encrypt_type": "aes", "msg_signature": self._sign(stamp, nonce, cipher)}
            sent |= {"ToUserName": self._account.original_id, "Encrypt": cipher}
        url = URL(callback_url).update_query(query)
        return Push(url, to_xml(sent).encode(), openid, fields, fields.get("MsgType") == "event")

    def verification(self, callback_url: str, echo: str, timestamp: int) -> URL:
        """The GET with which WeChat checks a callback address once."""
        stamp, nonce = str(timestamp), str(secrets.randbelow(10**10))
        query = {"signature": self._sign(stamp, nonce), "timestamp": stamp, "nonce": nonce, "echostr": echo}
        return URL(callback_url).update_query(query)

    def open_reply(self, body: str) -> dict[str, Any]:
        """Fields of a reply; raises `BadEnvelopeError` when its envelope is not the one of the mode."""
        outer = from_xml(body)
        if "Encrypt" not in outer:
            if self.mode is Encryption.SAFE:
                raise BadEnvelopeError("安全模式下的回复没有加密")
            return outer
        if self.mode is Encryption.PLAIN:
            raise BadEnvelopeError("明文模式下的回复被加密了")
        return from_xml(self._decrypt(outer))

    def _decrypt(self, outer: Mapping[str, Any]) -> str:
        missing = [part for part in _FOUR_PARTS if not isinstance(outer.get(part), str)]
        if missing:
            raise BadEnvelopeError(f"加密回复缺少 {'、'.join(missing)}")
        try:
            opened = self._crypto.decrypt_message(
                dict(outer), outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"]
            )
        except _BAD_INPUT as error:
            raise BadEnvelopeError(f"加密回复解不开：{type(error).__name__}") from error
        return str(opened)

    def _sign(self, *parts: str) -> str:
        signer = WeChatSigner()
        signer.add_data(self._account.token, *parts)
        return str(signer.signature)
