"""One exchange with the platform: JSON out and in, every trouble as a typed error."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)

from bot.wechat.errors import (
    BadAnswer,
    ConnectionLost,
    GatewayRefused,
    NetworkTrouble,
    NotSent,
    TimedOut,
    api_error,
)

TIMEOUT = ClientTimeout(total=15, connect=3, sock_connect=3, sock_read=8)
_OK = 200
_REDIRECT = 300
_SERVER_ERROR = 500


class Transport:
    """Speaks to ``base_url`` over a shared, pooled session; keeps no state of its own."""

    def __init__(self, session: ClientSession, base_url: str, timeout: ClientTimeout = TIMEOUT) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout

    async def exchange(
        self, path: str, body: Mapping[str, Any] | None = None, *, token: str | None = None
    ) -> dict[str, Any]:
        """POST of ``body``, GET without one; raises ``CallFailed`` unless ``errcode`` is 0 or absent."""
        answer = await self._send(path, body, token)
        # Raised here, outside any handler: aiohttp's errors quote the address, and that holds the token.
        if isinstance(answer, NetworkTrouble):
            raise answer
        errcode = answer.get("errcode", 0)
        if errcode != 0:
            if not isinstance(errcode, int):
                raise BadAnswer(path, "the errcode is not a number")
            raise api_error(errcode, str(answer.get("errmsg", "")), path)
        return answer

    async def _send(
        self, path: str, body: Mapping[str, Any] | None, token: str | None
    ) -> dict[str, Any] | NetworkTrouble:
        try:
            async with self._session.request(
                "GET" if body is None else "POST",
                self._base_url + path,
                params={"access_token": token} if token else None,
                data=None if body is None else _encoded(body),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return _read(path, response.status, await response.read())
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            return NotSent(path, type(error).__name__)
        except TimeoutError:
            return TimedOut(path, "no answer in time")
        except (ClientError, OSError) as error:
            return ConnectionLost(path, type(error).__name__)


def _encoded(body: Mapping[str, Any]) -> bytes:
    """UTF-8 without escapes, which WeChat would show as they stand. Lone surrogates become ``?``."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _read(path: str, status: int, body: bytes) -> dict[str, Any] | NetworkTrouble:
    if _REDIRECT <= status < _SERVER_ERROR:
        return GatewayRefused(path, f"HTTP {status}")
    if status != _OK:
        return BadAnswer(path, f"HTTP {status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return BadAnswer(path, "the answer is not JSON")
    return answer if isinstance(answer, dict) else BadAnswer(path, "the answer is not a JSON object")
