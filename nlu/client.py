"""What a person wrote → `Understanding`: Rasa while it answers, keywords while it does not."""

import asyncio
import itertools
import re
import unicodedata
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Final

import structlog
from aiohttp import ClientSession, DummyCookieJar

from nlu import keywords, metrics
from nlu.cache import RecentCache
from nlu.server import RasaError, RasaRestingError, RasaServer
from nlu.understanding import Understanding

_log = structlog.get_logger(__name__)

# A message is rarely longer than a paragraph; a pasted document must not hold up everybody's parsing.
LONGEST_TEXT: Final = 1000
# Two attempts of 1.5 s leave time for the rest of the answer within WeChat's 5 seconds.
_ATTEMPTS: Final = 2
# 「/restart」 is neither language nor an intent of ours.
_COMMAND: Final = re.compile(r"\s*(/[a-zA-Z_]{1,40})")


class RasaClient:
    """Asks the servers in turn; must be made inside a running event loop.

    Answers are remembered for a minute only: relative dates in them are resolved by Rasa's clock, and a model
    swapped by another process must show.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        timeout: float = 1.5,
        parallel: int = 4,
        rest: float = 5.0,
        cache_size: int = 2048,
        cache_ttl: float = 60.0,
    ) -> None:
        self._session = ClientSession(cookie_jar=DummyCookieJar())
        self._servers = [
            RasaServer(url, self._session, timeout=timeout, parallel=parallel, rest=rest) for url in urls
        ]
        # By then whoever has messages has tried a server anew that it left alone.
        self._found_again_within = rest + timeout
        self._turn = itertools.count()
        self._cache: RecentCache[Understanding] = RecentCache(cache_size, cache_ttl)
        self._well = True

    async def aclose(self) -> None:
        await self._session.close()

    async def understand(self, text: str) -> Understanding:
        """Read one message; trouble with Rasa never shows but in `source` and a lower confidence."""
        if command := _COMMAND.match(text):
            return Understanding.unread(command[1])
        text = clean(text)
        known = self._cache.get(text)
        if known is not None:
            metrics.CACHE.labels("hit").inc()
            return known
        if not text:
            return keywords.understand(text)
        try:
            understanding = await self._ask(text)
        except RasaError as error:
            self._note_trouble(error)
            return keywords.understand(text)
        self._note_recovery()
        self._cache.put(text, understanding)
        metrics.CACHE.labels("miss").inc()
        return understanding

    async def ready(self) -> bool:
        """Whether at least one server answers and has a model."""
        for server in self._servers:
            if await server.ready():
                return True
        return False

    async def models(self) -> dict[str, str]:
        """The file name of the model that each server has in use, by its address; silent ones lack."""
        names = await asyncio.gather(*(server.model() for server in self._servers))
        return {server.address: name for server, name in zip(self._servers, names, strict=True) if name}

    async def swap_model(self, path: Path) -> None:
        """Put a model into use, one server after the other so that the rest goes on answering.

        A server that loads answers nobody, and other processes leave it alone for a while: the next one waits
        until they have found it again. The path is read by the servers. Raises `RasaError` at the first that
        refuses; those before it have the new model then, and doing it again is harmless.
        """
        for number, server in enumerate(self._servers):
            if number:
                await asyncio.sleep(self._found_again_within)
            await server.load_model(path)
        self._cache.clear()

    async def _ask(self, text: str) -> Understanding:
        failure: RasaError = RasaRestingError("every Rasa server failed of late and is left alone")
        attempts = 0
        for server in self._in_turn():
            if attempts < _ATTEMPTS and server.breaker.admits():
                attempts += 1
                try:
                    return await server.parse(text)
                except RasaError as error:
                    failure = error
        raise failure

    def _in_turn(self) -> list[RasaServer]:
        """The least busy first: one that hangs, or loads a model, gathers no crowd. Equals take turns."""
        first = next(self._turn) % len(self._servers)
        return sorted(self._servers[first:] + self._servers[:first], key=attrgetter("under_way"))

    def _note_trouble(self, error: RasaError) -> None:
        if self._well:
            self._well = False
            _log.warning("nlu_down", reason=str(error), instead="keywords")

    def _note_recovery(self) -> None:
        if not self._well:
            self._well = True
            _log.info("nlu_up")


def clean(text: str) -> str:
    """The text as it may go to Rasa, whose parser takes a leading `/` for an intent named outright.

    Line breaks become blanks; what has no shape (control and format characters, lone surrogates) goes.
    """
    shaped = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    return shaped.lstrip(" /")[:LONGEST_TEXT].rstrip()
