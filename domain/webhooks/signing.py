"""The signature of what is sent: whoever knows the secret can tell that it is ours, whole, and fresh.

    X-Rongqiao-Signature: t=1764000000,v1=HMAC-SHA256 in hexadecimal

over the time in seconds, a full stop and the body as it was sent.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

HEADER = "X-Rongqiao-Signature"
_PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    return _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def signature(secret: str, at: datetime, body: bytes) -> str:
    """The value of the header."""
    time = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={time},v1={digest}"
