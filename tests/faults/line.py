"""A wire between two parties that a test can watch, and hold answers back on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress

from yarl import URL

from bot.embedded import ports

_BYTES_AT_ONCE = 64 * 1024


class Line:
    """`held` answers stay on the line for ever: who asked sees an open connection and no byte.

    `asked` counts the bytes that went there, `answered` those that came back, held or not.
    """

    def __init__(self, target: URL) -> None:
        self._target = target
        self.held = False
        self.asked = 0
        self.answered = 0
        self.port = 0
        self._last_words: bytes | None = None

    @contextmanager
    def silent_after(self, words: bytes) -> Iterator[None]:
        """From the first request on that contains these words no answer comes back, for the while."""
        self._last_words = words
        try:
            yield
        finally:
            self._last_words, self.held = None, False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it."""
        with closing(writer), suppress(ConnectionError):
            far_reader, far_writer = await asyncio.open_connection(self._target.host, self._target.port)
            with closing(far_writer):
                await asyncio.gather(self._there(reader, far_writer), self._back(far_reader, writer))

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_BYTES_AT_ONCE):
                if self._last_words and self._last_words in data:
                    self.held = True
                writer.write(data)
                await writer.drain()
                self.asked += len(data)
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_BYTES_AT_ONCE):
                self.answered += len(data)
                if not self.held:
                    writer.write(data)
                    await writer.drain()
        writer.close()


@asynccontextmanager
async def line(target: URL) -> AsyncIterator[Line]:
    """A line to `target`, at the loopback interface's port `line.port`."""
    carrier = Line(target)
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(carrier.carry(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accept, ports.LOOPBACK, 0)
    carrier.port = server.sockets[0].getsockname()[1]
    try:
        yield carrier
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
