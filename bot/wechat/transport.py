"""One exchange with the platform: JSON or a file out and in, every trouble as a typed error, counted."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, Protocol, TypeVar

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    FormData,
)
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from bot.wechat import metrics
from bot.wechat.errcodes import refusal_in
from bot.wechat.errors import (
    ApiError,
    BadAnswer,
    CircuitOpen,
    ConnectionLost,
    GatewayRefused,
    NetworkTrouble,
    NotSent,
    TimedOut,
    TooMuchData,
)
from bot.wechat.refusals import Busy

# `connect` bounds what comes before `sock_connect` too, the look-up of the name: who is cut off there has
# surely sent nothing. The wait for a free connection is bounded by none, see `Transport`.
TIMEOUT = ClientTimeout(total=15, connect=6, sock_connect=3, sock_read=8)
_BUSY_ATTEMPTS = 3
_BUSY_LONGEST_PAUSE_S = 4.0
_OK = 200
_REDIRECT = 300
_SERVER_ERROR = 500
_CHUNK_BYTES = 64 * 1024
_TEXT_TYPES = {"application/json", "text/plain", "text/html"}

_T = TypeVar("_T")


class Breaker(Protocol):
    """Tells whether a call may be made now, by how the last ones ended."""

    def admits(self) -> bool: ...

    def succeeded(self) -> None: ...

    def failed(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send as part ``media`` of a form; ``description`` is a second part, of JSON."""

    filename: str
    content: bytes = field(repr=False)
    content_type: str
    description: Mapping[str, str] | None = None

    def form(self) -> FormData:
        """Made anew for each try: a form is used up by its sending."""
        form = FormData()
        form.add_field("media", self.content, filename=self.filename, content_type=self.content_type)
        if self.description is not None:
            form.add_field("description", json.dumps(self.description, ensure_ascii=False))
        return form


@dataclass(frozen=True, slots=True)
class Call:
    """One call; ``path`` is a constant of the code, so that it may stand in metrics and errors."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    upload: Upload | None = None
    timeout: ClientTimeout | None = None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a file that was written says of itself; ``filename`` is the platform's, not to be trusted."""

    content_type: str
    filename: str | None
    size: int


class Transport:
    """Speaks to ``base_url`` over a shared, pooled session.

    Who finds all connections taken waits here, before a call's time and the breaker's look at it begin:
    that says nothing about the platform.
    """

    def __init__(
        self,
        session: ClientSession,
        base_url: str,
        breaker: Breaker,
        *,
        timeout: ClientTimeout = TIMEOUT,
        busy_pause_s: float = 0.5,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._breaker = breaker
        self._timeout = timeout
        self._busy_pause_s = busy_pause_s
        # aiohttp's own limit, whose wait counts as time for connecting; 0 is without limit.
        connections = session.connector.limit if session.connector else 0
        self._connections = asyncio.Semaphore(connections or sys.maxsize)

    async def exchange(self, call: Call, *, token: str | None = None) -> dict[str, Any]:
        """The answer's JSON; raises `CallFailed` unless ``errcode`` is 0 or absent.

        A busy platform (-1) says that it has done nothing: it is asked again twice, with growing pauses.
        """
        return await self._patient()(self._exchange_once, call, token)

    async def download(
        self, call: Call, into: BinaryIO, *, max_bytes: int, token: str | None = None
    ) -> Downloaded | dict[str, Any]:
        """Writes the file into ``into``, or answers the JSON that came in its place.

        `TooMuchData` and a connection that breaks leave ``into`` with a part of the file.
        """
        return await self._patient()(self._download_once, call, token, into, max_bytes)

    def _patient(self) -> AsyncRetrying:
        return AsyncRetrying(
            retry=retry_if_exception_type(Busy),
            stop=stop_after_attempt(_BUSY_ATTEMPTS),
            wait=wait_random_exponential(self._busy_pause_s, max=_BUSY_LONGEST_PAUSE_S),
            reraise=True,
        )

    async def _exchange_once(self, call: Call, token: str | None) -> dict[str, Any]:
        return _judged(
            call.path, await self._measured(call, token, lambda response: _read(call.path, response))
        )

    async def _download_once(
        self, call: Call, token: str | None, into: BinaryIO, max_bytes: int
    ) -> Downloaded | dict[str, Any]:
        async def read(response: ClientResponse) -> Downloaded | dict[str, Any] | NetworkTrouble:
            return await _save(call.path, response, into, max_bytes)

        answer: Downloaded | dict[str, Any] = await self._measured(call, token, read)
        return _judged(call.path, answer) if isinstance(answer, dict) else _done(call.path, answer)

    async def _measured(
        self,
        call: Call,
        token: str | None,
        read: Callable[[ClientResponse], Awaitable[_T | NetworkTrouble]],
    ) -> _T:
        async with self._connections:
            if not self._breaker.admits():
                metrics.BREAKER_OPEN.set(1)
                raise _counted(CircuitOpen(call.path, "WeChat did not answer lately; not tried"))
            with metrics.SECONDS.labels(call.path).time():
                answer = await self._sent(call, token, read)
        self._note(answer)
        # Raised here, outside any handler: aiohttp's errors quote the address, and that holds the token.
        if isinstance(answer, NetworkTrouble):
            raise _counted(answer)
        return answer

    def _note(self, answer: object) -> None:
        """Only silence counts against the platform: a refusal, too, shows that it is there."""
        if isinstance(answer, NetworkTrouble) and answer.outage:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
            metrics.BREAKER_OPEN.set(0)

    async def _sent(
        self,
        call: Call,
        token: str | None,
        read: Callable[[ClientResponse], Awaitable[_T | NetworkTrouble]],
    ) -> _T | NetworkTrouble:
        try:
            async with self._session.request(
                call.method,
                self._base_url + call.path,
                params={**call.query, "access_token": token} if token else call.query,
                data=_payload(call),
                headers=None if call.upload else {"Content-Type": "application/json; charset=utf-8"},
                timeout=call.timeout or self._timeout,
                allow_redirects=False,
            ) as response:
                return await read(response)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            return NotSent(call.path, type(error).__name__)
        except TimeoutError:
            return TimedOut(call.path, "no answer in time")
        except (ClientError, ConnectionError) as error:
            return ConnectionLost(call.path, type(error).__name__)


def _payload(call: Call) -> FormData | bytes | None:
    if call.upload is not None:
        return call.upload.form()
    return None if call.body is None else _encoded(call.body)


def _encoded(body: Mapping[str, Any]) -> bytes:
    """UTF-8 without escapes, which WeChat would show as they stand. Lone surrogates become ``?``."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


async def _read(path: str, response: ClientResponse) -> dict[str, Any] | NetworkTrouble:
    if _REDIRECT <= response.status < _SERVER_ERROR:
        return GatewayRefused(path, f"HTTP {response.status}")
    if response.status != _OK:
        return BadAnswer(path, f"HTTP {response.status}")
    # Names and remarks come with control characters as they are, and cut in the middle of one.
    text = (await response.read()).decode(errors="replace")
    try:
        answer = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return BadAnswer(path, "the answer is not JSON")
    return answer if isinstance(answer, dict) else BadAnswer(path, "the answer is not a JSON object")


async def _save(
    path: str, response: ClientResponse, into: BinaryIO, max_bytes: int
) -> Downloaded | dict[str, Any] | NetworkTrouble:
    if response.status != _OK or response.content_type in _TEXT_TYPES:
        return await _read(path, response)
    size = 0
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(chunk)
        if size > max_bytes:
            return TooMuchData(path, f"the file has over {max_bytes} bytes")
        into.write(chunk)
    disposition = response.content_disposition
    return Downloaded(response.content_type, disposition.filename if disposition else None, size)


def _judged(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    refusal = refusal_in(answer, path)
    if refusal is not None:
        raise _counted(refusal)
    return _done(path, answer)


def _done(path: str, answer: _T) -> _T:
    metrics.CALLS.labels(path, "0").inc()
    return answer


def _counted(error: NetworkTrouble | ApiError) -> NetworkTrouble | ApiError:
    what = str(error.errcode) if isinstance(error, ApiError) else type(error).__name__
    metrics.CALLS.labels(error.path, what).inc()
    return error
