"""Tencent Cloud's signature of a call, TC3-HMAC-SHA256 (签名方法 v3), for JSON by POST to the root."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

ALGORITHM: Final = "TC3-HMAC-SHA256"
CONTENT_TYPE: Final = "application/json; charset=utf-8"
_SIGNED: Final = "content-type;host;x-tc-action"


@dataclass(frozen=True, slots=True)
class Credentials:
    secret_id: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Action:
    """What is called: ``version`` belongs to ``service``."""

    service: str
    name: str
    version: str


def headers(
    credentials: Credentials, action: Action, host: str, body: bytes, timestamp: int
) -> dict[str, str]:
    """All headers of the call; ``host`` is that of the address, with its port where it is not the usual.

    The provider refuses a ``timestamp`` more than five minutes off.
    """
    day = datetime.fromtimestamp(timestamp, UTC).date().isoformat()
    scope = f"{day}/{action.service}/tc3_request"
    text = "\n".join([ALGORITHM, str(timestamp), scope, _digest(_canonical(action, host, body))])
    key = f"TC3{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = _keyed(key, part)
    proof = {
        "Credential": f"{credentials.secret_id}/{scope}",
        "SignedHeaders": _SIGNED,
        "Signature": _keyed(key, text).hex(),
    }
    return {
        "Authorization": f"{ALGORITHM} {', '.join(f'{name}={value}' for name, value in proof.items())}",
        "Content-Type": CONTENT_TYPE,
        "Host": host,
        "X-TC-Action": action.name,
        "X-TC-Timestamp": str(timestamp),
        "X-TC-Version": action.version,
    }


def _canonical(action: Action, host: str, body: bytes) -> bytes:
    lines = [
        "POST",
        "/",
        "",
        f"content-type:{CONTENT_TYPE}",
        f"host:{host.lower()}",
        f"x-tc-action:{action.name.lower()}",
        "",
        _SIGNED,
        _digest(body),
    ]
    return "\n".join(lines).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
