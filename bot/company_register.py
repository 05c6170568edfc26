"""A business register behind HTTP: `GET {url}/{credit code}` answers with the company as JSON."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, StreamReader

from bot.city_sections import Registration
from domain.registrations.register import CompanyRegister, RegisterEntry

_log = structlog.get_logger(__name__)
# An entry takes a few hundred bytes.
_MOST_BYTES = 64 * 1024
_CHUNK_BYTES = 16 * 1024
_FOUND, _NO_SUCH_COMPANY = 200, 404


class HttpRegister:
    """Asks the register, and does without whatever goes wrong: a registration waits for nobody's server."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self._http = http
        self._url = url.rstrip("/")

    async def look_up(self, uscc: str) -> RegisterEntry | None:
        """The entry; None where there is none, or none that can be used."""
        try:
            async with self._http.get(f"{self._url}/{uscc}", allow_redirects=False) as response:
                status, body = response.status, await _read(response.content)
            if status == _FOUND:
                return _entry(uscc, body)
        except (ClientError, TimeoutError, ValueError, RecursionError) as error:
            _log.warning("company_register_failed", reason=type(error).__name__)
        else:
            if status != _NO_SUCH_COMPANY:
                _log.warning("company_register_failed", reason=f"status {status}")
        return None


async def _read(stream: StreamReader) -> bytes:
    """The body; of one that is too long its beginning, which is no JSON."""
    body = bytearray()
    async for chunk in stream.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > _MOST_BYTES:
            break
    return bytes(body)


def _entry(uscc: str, body: bytes) -> RegisterEntry:
    """What the answer says of the company; fields that nobody asked for are passed over.

    Raises:
        ValueError: it is no such answer; pydantic's ValidationError is one too.
    """
    answer = json.loads(body)
    known = (
        {name: answer.get(name) for name in RegisterEntry.model_fields} if isinstance(answer, dict) else {}
    )
    return RegisterEntry.model_validate(known | {"uscc": uscc})


@asynccontextmanager
async def opened(settings: Registration) -> AsyncIterator[CompanyRegister | None]:
    """The register of the configuration; None if there is none."""
    if not settings.register_url:
        yield None
        return
    timeout = ClientTimeout(total=settings.register_timeout_seconds)
    async with ClientSession(timeout=timeout) as http:
        yield HttpRegister(http, settings.register_url)
