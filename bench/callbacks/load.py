"""The load: requests ready as bytes, sent over keep-alive connections, each answer's time taken.

It does no more than it must between two requests (no client library, nothing opened or decrypted), so that
the server is what is measured; against the bare handler it shows its own ceiling.
"""

import asyncio
import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from yarl import URL

_END_OF_HEAD = b"\r\n\r\n"


class LoadError(Exception):
    """A server does not speak the HTTP that is expected of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one load: seconds in all, milliseconds of each message, and what came back."""

    seconds: float
    latencies: list[float]
    answers: list[Answer]

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.latencies) / self.seconds

    def percentiles(self) -> tuple[float, float, float]:
        """p50, p95 and p99 in milliseconds."""
        hundredths = quantiles(self.latencies, n=100, method="inclusive")
        return hundredths[49], hundredths[94], hundredths[98]


def post(url: URL, body: bytes, media_type: str) -> bytes:
    """A whole request as it goes over the wire."""
    head = (
        f"POST {url.raw_path_qs} HTTP/1.1\r\n"
        f"Host: {url.raw_host}:{url.port}\r\n"
        f"Content-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(address: str, requests: Sequence[bytes], concurrency: int) -> Measured:
    """Send all requests, `concurrency` at a time, each connection taking the next when its answer is in."""
    waiting = iter(requests)
    latencies: list[float] = []
    answers: list[Answer] = []

    async def work(connection: "_Connection") -> None:
        for request in waiting:
            begin = time.perf_counter()
            answer = await connection.exchange(request)
            latencies.append((time.perf_counter() - begin) * 1000)
            answers.append(answer)
        connection.close()

    connections = [_Connection(URL(address)) for _ in range(concurrency)]
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in connections))
    seconds = time.perf_counter() - begin
    gc.enable()
    return Measured(seconds, latencies, answers)


class _Connection:
    """Opened at the first request, and anew when the server closed it."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> Answer:
        if self._open is None:
            self._open = await asyncio.open_connection(self._url.host, self._url.port)
        reader, writer = self._open
        writer.write(request)
        head = (await reader.readuntil(_END_OF_HEAD)).lower()
        body = await reader.readexactly(_length(head))
        if head.startswith(b"http/1.0") or b"\r\nconnection: close" in head:
            self.close()
        return Answer(int(head.split(b" ", 2)[1]), body)

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _length(head: bytes) -> int:
    _, named, rest = head.partition(b"\r\ncontent-length:")
    if not named:
        raise LoadError(f"an answer without Content-Length: {head!r}")
    return int(rest.partition(b"\r\n")[0])
